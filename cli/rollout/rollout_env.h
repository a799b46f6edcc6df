#pragma once
// One env, stepped as in training, that also tells the state each episode ended in.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cli/rollout/action_source.h"
#include "cli/text/env_words.h"
#include "envs/vector/vec_env.h"

namespace tern::cli {

/// What one step led to, before any reset.
struct RolloutStep {
  ActionRow action;
  ObsRow obs;    // the final one where the episode ended
  MaskRow mask;  // of the same moment
  float reward = 0;
  int player = 0;                     // who acted
  std::vector<float> player_rewards;  // of each; empty with one player
  bool terminated = false, truncated = false;
  DoubleVec state;           // after the step; empty: the env documents none
  Row<const float> info;     // EnvSpec::info of the step
  int next_player = 0;       // whose view obs is: who acts next; of an episode's end nobody's
  const ObsRow* next_reset;  // the next episode's first observation where one begins, else null
};

/// One env in a VecEnv. A twin, given the same randomness and actions, is not reset when an
/// episode ends, and so can be asked for the state that it ended in.
class RolloutEnv {
 public:
  /// start: of the first episode, instead of what the seed gives.
  RolloutEnv(const ChosenEnv& env, std::uint64_t seed, bool time_limit,
             const std::optional<EpisodeStart>& start = std::nullopt)
      : vec_(*env.entry, env.params, options(env, seed, time_limit, start)),
        buffers_(env.spec.obs, env.spec.action, env.spec.metrics.size(), 1, env.spec.players,
                 env.spec.info.size()),
        twin_(env.entry->make(env.params)),
        twin_rng_(vec_.episode(0).rng),
        twin_obs_memory_(env.spec.obs.bytes()),
        twin_obs_(twin_obs_memory_.data(), env.spec.obs, 1) {
    vec_.reset(buffers_.batch.obs, buffers_.batch.mask);
    reset_twin();
  }

  /// state: the env's documented state vector.
  void set_state(const DoubleVec& state) {
    if (!vec_.env(0).set_state(state) || !twin_->set_state(state)) {
      throw Error(vec_.spec().id + " refuses this state");
    }
    vec_.env(0).action_mask(buffers_.batch.mask[0]);
  }

  ObsRow obs() const { return buffers_.batch.obs[0]; }
  MaskRow mask() const { return buffers_.batch.mask[0]; }
  MutableActionRow action() const { return buffers_.actions[0]; }

  /// EnvSpec::info of the reset.
  std::vector<float> reset_info() {
    std::vector<float> values(vec_.spec().info.size());
    if (!values.empty()) vec_.env(0).info(FloatRow(values));
    return values;
  }
  int current_player() { return vec_.env(0).current_player(); }

  /// Steps with what action() holds. The result is valid until the next call.
  RolloutStep step() {
    RolloutStep step;
    step.player = vec_.env(0).current_player();
    vec_.step(buffers_.actions, buffers_.batch);
    twin_->step(action(), twin_rng_, twin_obs_[0]);
    const StepBatch& batch = buffers_.batch;
    step.action = action();
    step.reward = batch.reward[0];
    step.player_rewards = vec_.episode(0).player_rewards;
    step.terminated = batch.terminated[0] != 0;
    step.truncated = batch.truncated[0] != 0;
    if (!twin_->get_state(step.state)) step.state.clear();
    step.info = batch.info;
    if (!step.player_rewards.empty()) step.next_player = vec_.env(0).current_player();
    const bool ended = step.terminated || step.truncated;
    const RunningEpisode& episode = vec_.episode(0);
    episode_return_ = ended ? batch.episode_return[0] : episode.episode_return;
    episode_length_ = ended ? batch.episode_length[0] : episode.episode_length;
    player_returns_ = episode.player_returns;
    if (ended) {
      player_returns_.assign(batch.episode_player_returns.begin(),
                             batch.episode_player_returns.end());
    }
    step.obs = ended ? batch.final_obs[0] : batch.obs[0];
    step.mask = ended ? batch.final_mask[0] : batch.mask[0];
    first_obs_ = batch.obs[0];
    step.next_reset = ended ? &first_obs_ : nullptr;
    if (ended) reset_twin();
    return step;
  }
  /// Of the episode that ended, or so far.
  double episode_return() const { return episode_return_; }
  std::int32_t episode_length() const { return episode_length_; }
  /// The same of each player; empty with one.
  const std::vector<double>& player_returns() const { return player_returns_; }
  /// Ends the episode here; the next one begins.
  void cut_episode() {
    vec_.reset(buffers_.batch.obs, buffers_.batch.mask);
    reset_twin();
  }

 private:
  static VecEnvOptions options(const ChosenEnv& env, std::uint64_t seed, bool time_limit,
                               const std::optional<EpisodeStart>& start) {
    VecEnvOptions options;
    options.seed = seed;
    options.time_limit = time_limit;
    if (start) options.start = start->rng;
    if (start && env.spec.num_levels > 0) {
      options.level_begin = start->level;
      options.level_end = start->level + 1;
    }
    return options;
  }
  void reset_twin() {
    ResetContext context{twin_rng_, vec_.episode(0).level};
    twin_->reset(context, twin_obs_[0]);
  }

  VecEnv vec_;
  StepBuffers buffers_;
  std::unique_ptr<Env> twin_;
  Rng twin_rng_;
  std::vector<std::uint8_t> twin_obs_memory_;
  ObsRows twin_obs_;
  ObsRow first_obs_;
  double episode_return_ = 0;
  std::int32_t episode_length_ = 0;
  std::vector<double> player_returns_;
};

}  // namespace tern::cli
