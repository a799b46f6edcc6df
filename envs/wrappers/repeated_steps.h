#pragma once
// Wrappers that take several steps of the env for one of the agent.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// Hands each action to the env `count` times; fewer if between the episode ends, its time limit is
/// reached, the mask forbids the action or another player's turn comes. The reward and its terms are
/// sums. The time limit becomes one of the agent's steps, as many as whole repeats need for it.
class RepeatedSteps : public EnvWrapper {
 public:
  RepeatedSteps(std::unique_ptr<Env> inner, int count);

  void reset(ResetContext& ctx, ObsRow obs) override;
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;
  void reward_terms(FloatRow terms) const override;
  bool player_rewards(FloatRow rewards) const override;
  void save(StateWriter& out) const override;
  bool load(StateReader& in) override;
  /// A step of the agent is no single transition of the table.
  bool transitions(TransitionTable&) const override { return false; }

 protected:
  /// Sees the observation after each step of the env.
  virtual void after_inner_step(ObsRow /*obs*/, bool /*is_first*/) {}

 private:
  /// Adds the reward terms and the players' rewards of the newest step of the env to the sums.
  void add_parts(int mover, float reward);
  bool may_repeat(ActionRow action, int mover);

  int count_;
  int inner_limit_;  // steps of the env in an episode; 0: none
  int inner_steps_ = 0;
  std::vector<float> terms_, newest_terms_;
  std::vector<float> player_rewards_, newest_player_rewards_;  // empty with one player
  std::vector<std::uint8_t> mask_;                             // empty where there are no masks
};

/// The action_repeat wrapper: the agent sees the last observation.
class ActionRepeat final : public RepeatedSteps {
 public:
  using RepeatedSteps::RepeatedSteps;
};

/// The frame_skip wrapper: the agent sees the larger of the last two frames, value by value, as for
/// the Atari games, which draw some things only every second frame (Mnih et al. 2015, methods).
class FrameSkip final : public RepeatedSteps {
 public:
  /// Throws Error unless the observation is made of images.
  FrameSkip(std::unique_ptr<Env> inner, int count);

  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override;

 protected:
  void after_inner_step(ObsRow obs, bool is_first) override;

 private:
  template <class T>
  void keep_frame(Row<T> frame, std::vector<T>& last, std::vector<T>& before, bool is_first);

  std::vector<float> last_floats_, before_floats_;
  std::vector<std::uint8_t> last_bytes_, before_bytes_;
};

}  // namespace tern
