#include "envs/vector/env_group.h"

#include <algorithm>
#include <cstring>

#include "envs/player_rewards.h"

namespace tern {

HeldEnvGroup::HeldEnvGroup(std::size_t count, Make make) : make_(std::move(make)) {
  envs_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) envs_.push_back(make_());
  spec_ = envs_.at(0)->spec();
}

HeldEnvGroup::~HeldEnvGroup() = default;

void HeldEnvGroup::reset(std::size_t begin, std::size_t end, RunningEpisode* episodes,
                         const EpisodeRules& rules, const ObsRows& obs, const MaskRows& mask) {
  for (std::size_t i = begin; i < end; ++i) {
    start_episode(i, episodes[i], rules, obs[i], mask[i]);
  }
}

void HeldEnvGroup::start_episode(std::size_t i, RunningEpisode& episode, const EpisodeRules& rules,
                                 ObsRow obs, MaskRow mask) const {
  const std::uint64_t levels = rules.level_end - rules.level_begin;
  episode.level = rules.level_begin;
  if (levels > 1) episode.level += episode.level_rng.next() % levels;
  episode.episode_return = 0;
  episode.episode_length = 0;
  episode.is_started = true;
  if (rules.players > 1) {
    episode.player_rewards.resize(static_cast<std::size_t>(rules.players));
    episode.player_returns.assign(static_cast<std::size_t>(rules.players), 0);
  }
  if (rules.logs_actions) {
    episode.reset_rng = episode.rng.state();
    episode.action_log.clear();
  }
  Env& env = *envs_[i];
  if (rules.watches_steps) poison(obs);
  ResetContext ctx{episode.rng, episode.level};
  env.reset(ctx, obs);
  if (!mask.empty()) env.action_mask(mask);
  if (rules.watches_steps) watch_step(spec_, {rules.first_env + i, 0}, {}, obs);
}

void HeldEnvGroup::end_episode(std::size_t i, const RunningEpisode& episode,
                               const StepBatch& batch) const {
  const Env& env = *envs_[i];
  const std::size_t bytes = batch.obs.row_bytes();
  std::memcpy(batch.final_obs.data() + i * bytes, batch.obs.data() + i * bytes, bytes);
  if (batch.final_mask.row_size() > 0) env.action_mask(batch.final_mask[i]);
  batch.episode_return[i] = episode.episode_return;
  batch.episode_length[i] = episode.episode_length;
  const std::size_t num_metrics = spec_.metrics.size();
  if (num_metrics > 0) env.metrics(batch.episode_metrics.subrow(i * num_metrics, num_metrics));
  if (!batch.episode_player_returns.empty()) {
    std::copy(episode.player_returns.begin(), episode.player_returns.end(),
              batch.episode_player_returns.begin() + i * episode.player_returns.size());
  }
}

void HeldEnvGroup::throw_not_reset() const { throw Error(spec_.id + ": step before reset"); }

void HeldEnvGroup::log_action(RunningEpisode& episode, ActionRow action) {
  const void* data = action.floats().empty() ? static_cast<const void*>(action.ints().data())
                                             : static_cast<const void*>(action.floats().data());
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  episode.action_log.insert(episode.action_log.end(), bytes, bytes + 4 * action.size());
}

void HeldEnvGroup::share_out(const Env& env, int mover, float reward, RunningEpisode& episode) {
  get_player_rewards(env, mover, reward, FloatRow(episode.player_rewards));
  for (std::size_t p = 0; p < episode.player_returns.size(); ++p) {
    episode.player_returns[p] += static_cast<double>(episode.player_rewards[p]);
  }
  episode.episode_return = episode.player_returns[0];
}

}  // namespace tern
