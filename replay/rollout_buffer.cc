#include "replay/rollout_buffer.h"

#include <cstring>
#include <string>

#include "core/machine/memory_need.h"

namespace tern {

RolloutBuffer::RolloutBuffer(const EnvSpec& spec, std::size_t steps, std::size_t num_envs)
    : obs_space_(spec.obs), action_space_(spec.action), steps_(steps), num_envs_(num_envs),
      num_metrics_(spec.metrics.size()) {
  const std::size_t samples = steps * num_envs;
  const double sample_bytes =
      2 * static_cast<double>(spec.obs.bytes() + spec.action.mask_size()) +
      4 * static_cast<double>(spec.action.size() + 3 + 2 * num_metrics_) + 2;
  check_memory_need(sample_bytes * static_cast<double>(steps) * static_cast<double>(num_envs),
                    "a rollout of " + std::to_string(num_envs) + " envs x " +
                        std::to_string(steps) + " steps of " + spec.id,
                    "make agent.rollout_steps or run.num_envs smaller");
  obs_.resize((steps + 1) * num_envs * spec.obs.bytes());
  final_obs_.resize(samples * spec.obs.bytes());
  masks_.resize((steps + 1) * num_envs * spec.action.mask_size());
  final_masks_.resize(samples * spec.action.mask_size());
  actions_.resize(samples * spec.action.size() * 4);
  rewards_.resize(samples);
  terminated_.resize(samples);
  truncated_.resize(samples);
  episode_returns_.resize(samples);
  episode_lengths_.resize(samples);
  episode_metrics_.resize(samples * num_metrics_);
}

ObsRows RolloutBuffer::obs(std::size_t t) {
  return ObsRows(obs_.data() + t * num_envs_ * obs_space_.bytes(), obs_space_, num_envs_);
}

MaskRows RolloutBuffer::mask(std::size_t t) {
  const std::size_t size = action_space_.mask_size();
  return MaskRows(masks_.data() + t * num_envs_ * size, size, num_envs_);
}

ActionRows RolloutBuffer::actions(std::size_t t) {
  return ActionRows(actions_.data() + t * num_envs_ * action_space_.size() * 4, action_space_,
                    num_envs_);
}

ObsRows RolloutBuffer::final_obs(std::size_t t) {
  return ObsRows(final_obs_.data() + t * num_envs_ * obs_space_.bytes(), obs_space_, num_envs_);
}

StepBatch RolloutBuffer::batch(std::size_t t) {
  const std::size_t first = t * num_envs_;
  const std::size_t mask_size = action_space_.mask_size();
  StepBatch batch;
  batch.obs = obs(t + 1);
  batch.mask = mask(t + 1);
  batch.reward = rewards().subrow(first, num_envs_);
  batch.terminated = terminated().subrow(first, num_envs_);
  batch.truncated = truncated().subrow(first, num_envs_);
  batch.final_obs = final_obs(t);
  batch.final_mask = MaskRows(final_masks_.data() + first * mask_size, mask_size, num_envs_);
  batch.episode_return = episode_returns().subrow(first, num_envs_);
  batch.episode_length = episode_lengths().subrow(first, num_envs_);
  batch.episode_metrics =
      episode_metrics().subrow(first * num_metrics_, num_envs_ * num_metrics_);
  return batch;
}

void RolloutBuffer::carry_over() {
  const ObsRows last = obs(steps_);
  std::memcpy(obs_.data(), last.data(), num_envs_ * obs_space_.bytes());
  const std::size_t mask_bytes = num_envs_ * action_space_.mask_size();
  if (mask_bytes > 0) std::memcpy(masks_.data(), masks_.data() + steps_ * mask_bytes, mask_bytes);
}

ObsRows RolloutBuffer::all_obs() {
  return ObsRows(obs_.data(), obs_space_, steps_ * num_envs_);
}

MaskRows RolloutBuffer::all_masks() {
  return MaskRows(masks_.data(), action_space_.mask_size(), steps_ * num_envs_);
}

ActionRows RolloutBuffer::all_actions() {
  return ActionRows(actions_.data(), action_space_, steps_ * num_envs_);
}

void RolloutBuffer::save_next(StateWriter& out) const {
  out.append(obs_.data(), num_envs_ * obs_space_.bytes());
  out.append(masks_.data(), num_envs_ * action_space_.mask_size());
}

void RolloutBuffer::load_next(StateReader& in) {
  in.take(obs_.data(), num_envs_ * obs_space_.bytes());
  in.take(masks_.data(), num_envs_ * action_space_.mask_size());
}

}  // namespace tern
