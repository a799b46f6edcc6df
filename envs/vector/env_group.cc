#include "envs/vector/env_group.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/number_text.h"
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
    if (rules.watches_steps) {
      start_episode<true>(*envs_[i], i, episodes[i], rules, obs[i], mask[i]);
    } else {
      start_episode<false>(*envs_[i], i, episodes[i], rules, obs[i], mask[i]);
    }
  }
}

namespace {

/// A metric that is not finite spoils means, tables and curves, but no gradient: a remark.
void watch_metrics(const EnvSpec& spec, std::size_t env, const StepBatch& batch, std::size_t row) {
  const std::size_t count = spec.metrics.size();
  for (std::size_t k = 0; k < count; ++k) {
    const auto value = static_cast<double>(batch.episode_metrics[row * count + k]);
    if (std::isfinite(value)) continue;
    add_remark(
        spec.id + " metric " + spec.metrics[k],
        spec.id + ": the metric '" + spec.metrics[k] + "' is " + format_number(value) +
            " after an episode of env " + std::to_string(env) +
            "; expected a finite number ('tern check-env' finds such faults and says what to "
            "do)");
  }
}

}  // namespace

void HeldEnvGroup::step_watched(std::size_t begin, std::size_t end, RunningEpisode* episodes,
                                const EpisodeRules& rules, const ActionRows& actions,
                                const StepBatch& batch) {
  for (std::size_t i = begin; i < end; ++i) {
    step_one<true>(*envs_[i], i, episodes[i], rules, actions[i], batch);
    if (batch.terminated[i] != 0 || batch.truncated[i] != 0) {
      watch_metrics(spec_, rules.first_env + i, batch, i);
    }
  }
}

void HeldEnvGroup::clear_player_returns(RunningEpisode& episode, const EpisodeRules& rules) {
  episode.player_rewards.resize(static_cast<std::size_t>(rules.players));
  episode.player_returns.assign(static_cast<std::size_t>(rules.players), 0);
}

void HeldEnvGroup::put_player_returns(std::size_t i, const RunningEpisode& episode,
                                      const StepBatch& batch) {
  std::copy(episode.player_returns.begin(), episode.player_returns.end(),
            batch.episode_player_returns.begin() + i * episode.player_returns.size());
}

void HeldEnvGroup::put_info(const Env& env, std::size_t i, const StepBatch& batch) const {
  const std::size_t count = spec_.info.size();
  env.info(batch.info.subrow(i * count, count));
}

void HeldEnvGroup::start_log(RunningEpisode& episode) {
  episode.reset_rng = episode.rng.state();
  episode.action_log.clear();
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
