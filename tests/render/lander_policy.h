#pragma once
// A policy written by hand that hovers over the moon: long episodes, every flame.

#include <string>

#include "core/policy.h"

namespace tern {

class HoveringPolicy final : public Policy {
 public:
  using Policy::act;
  void act(Row<const ActRow> rows, bool /*deterministic*/) override {
    for (const ActRow& row : rows) row.action.discrete() = choice(row.obs);
  }
  Inspection inspect(ConstObsRow obs, ConstMaskRow, Row<const float>) override {
    Inspection inspection;
    inspection.action_values = {obs[0], obs[1], obs[2], obs[3]};
    return inspection;
  }
  std::int64_t step() const override { return 1000; }
  std::string agent() const override { return "dqn"; }

 private:
  static int choice(ConstObsRow obs) {
    const float tilt = obs[4] + obs[5] - 0.3f * (obs[0] + obs[2]);
    const bool is_falling = obs[1] - 0.8f + 1.2f * obs[3] < 0;
    return tilt > 0.08f ? 3 : tilt < -0.08f ? 1 : is_falling ? 2 : 0;
  }
};

}  // namespace tern
