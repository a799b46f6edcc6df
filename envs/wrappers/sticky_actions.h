#pragma once
// A wrapper that repeats the previous action with a given probability.

#include <cstdint>
#include <memory>
#include <vector>

#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// The sticky_actions wrapper, from Machado et al. 2018, section 5.2: at each step, independently,
/// with probability p the action that was executed before is executed again in place of the
/// agent's. An episode's first action is always the agent's own, and so is one where the previous
/// action is masked out. Where several players take turns, each sticks to its own.
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
  /// What a player's last executed action was; of the two rows the one of the space's kind.
  struct Previous {
    bool is_there = false;
    std::vector<std::int32_t> choice;
    std::vector<float> numbers;
  };
  ActionRow row(const Previous& previous) const;
  bool may_stick(const Previous& previous);

  double probability_;
  std::vector<Previous> previous_;  // of each player
  std::vector<std::uint8_t> mask_;
};

}  // namespace tern
