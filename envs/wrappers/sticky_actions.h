#pragma once
// Actions that stick: with a given probability the env gets the previous action again.

#include <cstdint>
#include <memory>
#include <vector>

#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// The sticky_actions wrapper, from Machado et al. 2018, section 5.2: at each step, independently,
/// with probability p the action that was executed before is executed again in place of the
/// agent's. An episode's first action is always the agent's own, and so is one after which the
/// previous action is masked out.
class StickyActions final : public EnvWrapper {
 public:
  StickyActions(std::unique_ptr<Env> inner, double probability);

  void reset(ResetContext& ctx, ObsRow obs) override;
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;
  /// The next state depends on the action before, too.
  bool transitions(TransitionTable&) const override { return false; }

 private:
  ActionRow previous() const;
  bool is_allowed(ActionRow action);

  double probability_;
  bool has_previous_ = false;
  std::vector<std::int32_t> previous_choice_;
  std::vector<float> previous_numbers_;
  std::vector<std::uint8_t> mask_;
};

}  // namespace tern
