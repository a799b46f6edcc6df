#pragma once
// A wrapper that presents Box actions in units of their range.

#include <memory>
#include <vector>

#include "envs/action_units.h"
#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// The rescale_action wrapper: every component of a Box action lies in [-1, 1], where -1 and 1 are
/// the env's bounds and what is outside goes on in a straight line (ActionUnits). For agents and
/// programs that take actions as the space has them; policies of Tern think in these units anyhow.
class RescaleAction final : public EnvWrapper {
 public:
  /// Throws Error unless actions are a Box with both bounds.
  explicit RescaleAction(std::unique_ptr<Env> inner);

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  bool human_action(const Keys& keys, MutableActionRow action) const override;

 private:
  ActionUnits units_;
  std::vector<float> action_;  // the env's
};

}  // namespace tern
