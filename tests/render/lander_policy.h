#pragma once
// A policy written by hand that hovers over the moon: long episodes, every flame.

#include <string>

#include "core/policy.h"

namespace tern {

class HoveringPolicy final : public Policy {
 public:
  void act(ObsRow obs, MaskRow, bool, Rng&, MutableActionRow action) override {
    const float tilt = obs[4] + obs[5] - 0.3f * (obs[0] + obs[2]);
    const float height = obs[1] - 0.8f + 1.2f * obs[3];
    const bool is_falling = height < 0;
    action.discrete() = tilt > 0.08f ? 3 : tilt < -0.08f ? 1 : is_falling ? 2 : 0;
  }
  Inspection inspect(ObsRow obs, MaskRow) override {
    Inspection inspection;
    inspection.action_values = {obs[0], obs[1], obs[2], obs[3]};
    return inspection;
  }
  std::int64_t step() const override { return 1000; }
  std::string agent() const override { return "dqn"; }
};

}  // namespace tern
