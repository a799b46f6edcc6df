#pragma once
// The newest T steps of N envs, for on-policy agents. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/state_io.h"
#include "envs/batch_views.h"
#include "envs/env.h"

namespace tern {

/// Slots that VecEnv writes into directly: step t reads obs and mask of slot t, and writes slot
/// t + 1 and everything else of slot t. After T steps, slot T is carried over to slot 0.
/// final_obs and final_mask rows hold data only where truncated or terminated.
class RolloutBuffer {
 public:
  RolloutBuffer(const EnvSpec& spec, std::size_t steps, std::size_t num_envs);
  RolloutBuffer(const RolloutBuffer&) = delete;
  RolloutBuffer& operator=(const RolloutBuffer&) = delete;

  std::size_t steps() const { return steps_; }
  std::size_t num_envs() const { return num_envs_; }

  /// Observations of slot t in 0..T, [N, obs].
  ObsRows obs(std::size_t t);
  MaskRows mask(std::size_t t);
  ActionRows actions(std::size_t t);
  ObsRows final_obs(std::size_t t);
  /// What VecEnv::step fills at step t.
  StepBatch batch(std::size_t t);
  /// Moves slot T to slot 0: the next rollout starts where this one ended.
  void carry_over();
  /// Observations and masks of slot 0: what is acted on next.
  void save_next(StateWriter& out) const;
  void load_next(StateReader& in);

  // All of a kind, [T, N, ...].
  ObsRows all_obs();
  MaskRows all_masks();
  ActionRows all_actions();
  FloatRow rewards() { return FloatRow(rewards_); }
  Row<std::uint8_t> terminated() { return Row<std::uint8_t>(terminated_); }
  Row<std::uint8_t> truncated() { return Row<std::uint8_t>(truncated_); }
  Row<double> episode_returns() { return Row<double>(episode_returns_); }
  Row<std::int32_t> episode_lengths() { return Row<std::int32_t>(episode_lengths_); }
  FloatRow episode_metrics() { return FloatRow(episode_metrics_); }

 private:
  ObsSpace obs_space_;
  ActionSpace action_space_;
  std::size_t steps_, num_envs_, num_metrics_;
  std::vector<std::uint8_t> obs_, final_obs_, masks_, final_masks_, actions_;
  std::vector<float> rewards_;
  std::vector<std::uint8_t> terminated_, truncated_;
  std::vector<double> episode_returns_;
  std::vector<std::int32_t> episode_lengths_;
  std::vector<float> episode_metrics_;
};

}  // namespace tern
