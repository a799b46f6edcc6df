#pragma once
// A wrapper that executes each action some steps after it was chosen.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// The action_delay wrapper: the action of step t is executed at step t + delay, as by a slow motor
/// or a slow network. Until the episode's first one is due it is executed at once. Where the action
/// that is due is masked out, the newest one is executed in its place. Where several players take
/// turns, steps are each player's own.
class ActionDelay final : public EnvWrapper {
 public:
  /// delay >= 1.
  ActionDelay(std::unique_ptr<Env> inner, int delay);

  void reset(ResetContext& ctx, ObsRow obs) override;
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;
  /// The next state depends on actions before, too.
  bool transitions(TransitionTable&) const override { return false; }

 private:
  /// A player's actions that are not yet executed, `delay` of them behind each other, or none
  /// before its first step; of the two rows the one of the space's kind.
  struct Waiting {
    std::vector<std::int32_t> choices;
    std::vector<float> numbers;
  };
  std::size_t values(const Waiting& waiting) const {
    return waiting.choices.size() + waiting.numbers.size();
  }
  /// Action i of those that wait.
  ActionRow row(const Waiting& waiting, std::size_t i) const;
  void append(ActionRow action, Waiting& waiting) const;
  void drop_first(Waiting& waiting) const;
  bool may_execute(ActionRow action);

  std::size_t delay_;
  std::vector<Waiting> waiting_;  // of each player
  std::vector<std::uint8_t> mask_;
};

}  // namespace tern
