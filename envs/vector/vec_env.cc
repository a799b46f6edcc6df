#include "envs/vector/vec_env.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/threads/worker_pool.h"
#include "envs/episode_limit.h"
#include "envs/wrappers/reward_shaping.h"

namespace tern {
namespace {

/// Memory for one observation of any kind.
class ScratchObs {
 public:
  explicit ScratchObs(const ObsSpace& space)
      : bytes_(space.bytes()), rows_(bytes_.data(), space, 1) {}
  ObsRow row() const { return rows_[0]; }

 private:
  std::vector<std::uint8_t> bytes_;
  ObsRows rows_;
};

/// Whether an env of this kind can be loaded from what it saved. Tried on envs of its own.
bool supports_load(const EnvEntry& entry, const ParamValues& params) {
  const std::unique_ptr<Env> saved = entry.make(params), loaded = entry.make(params);
  const ScratchObs obs(saved->spec().obs);
  Rng rng(0, "probe");
  ResetContext ctx{rng, 0};
  saved->reset(ctx, obs.row());
  StateWriter out;
  saved->save(out);
  StateReader in(out.bytes());
  return loaded->load(in);
}

/// Fills in the range of levels that the options name, or all of them.
void choose_levels(const EnvSpec& spec, const VecEnvOptions& options, EpisodeRules& rules) {
  const std::uint64_t begin = options.level_begin, end = options.level_end;
  if (begin == 0 && end == 0) {
    rules.level_end = std::max<std::uint64_t>(spec.num_levels, 1);
    return;
  }
  const std::string range = "levels " + std::to_string(begin) + " to " + std::to_string(end);
  if (spec.num_levels == 0) {
    throw Error(spec.id + ": " + range + " asked for, but it generates nothing and has no levels");
  }
  // An open end, as in "from level 100": the last one there is.
  const std::uint64_t last = end == 0 ? spec.num_levels : end;
  if (begin >= last || last > spec.num_levels) {
    throw Error(spec.id + ": " + range + " (end excluded) is no range within its " +
                std::to_string(spec.num_levels) +
                " levels; expected 0 <= begin < end <= " + std::to_string(spec.num_levels));
  }
  rules.level_begin = begin;
  rules.level_end = last;
}

void check_shape(const EnvSpec& spec, const char* what, std::size_t got, std::size_t expected) {
  if (got == expected) return;
  throw Error(spec.id + ": the caller's memory for " + what + " has " + std::to_string(got) +
              " entries; expected " + std::to_string(expected));
}

}  // namespace

VecEnv::VecEnv(const EnvEntry& entry, const ParamValues& params, const VecEnvOptions& options)
    : options_(options), make_env_([&entry, params] { return entry.make(params); }) {
  const std::string& id = entry.spec.id;
  if (options.num_envs < 1) throw Error(id + ": num_envs is 0; expected at least 1");
  if (options.threads < 1) throw Error(id + ": threads is 0; expected at least 1");
  envs_ = entry.make_group(params, options.num_envs);
  envs_->expect_threads(std::max(options.threads, options.steppers));
  spec_ = envs_->env(0).spec();
  spec_.id = id;  // an alias keeps its own name
  const WrapperParams wrappers = load_wrapper_params(entry, params);
  if (wrappers.max_episode_steps != kOwnLimit && !wrappers.wraps_steps()) {
    spec_.max_episode_steps = wrappers.max_episode_steps;
  }
  rules_.max_episode_steps = options.time_limit ? spec_.max_episode_steps : 0;
  choose_levels(spec_, options, rules_);
  rules_.logs_actions = !supports_load(entry, params);
  rules_.players = spec_.players;
  rules_.watches_steps = options.watch_steps;
  rules_.clips_rewards = wrappers.reward_clip > 0;

  episodes_.reserve(options.num_envs);
  for (std::size_t i = 0; i < options.num_envs; ++i) {
    RunningEpisode episode{Rng(options.seed, options.stream, options.first_index + i),
                           Rng(options.seed, options.stream + " level", options.first_index + i)};
    if (options.start && i == 0) episode.rng = Rng(*options.start);
    episode.reset_rng = episode.rng.state();
    if (rules_.logs_actions) {
      const int steps = std::min(rules_.max_episode_steps, kLongestEpisode);  // a limit may be vast
      episode.action_log.reserve(4 * spec_.action.size() * static_cast<std::size_t>(steps));
    }
    episodes_.push_back(std::move(episode));
  }
  if (wrappers.shapes_reward()) {
    shaping_ = std::make_unique<RewardShaping>(wrappers, options.num_envs, options.seed,
                                               options.stream, options.first_index);
  }
  const std::size_t parts = std::min(options.threads, options.num_envs);
  if (parts > 1) pool_ = std::make_unique<WorkerPool>(parts);
}

VecEnv::~VecEnv() = default;

void VecEnv::check_rows(const ObsRows& obs, const MaskRows& mask) const {
  const std::size_t n = episodes_.size();
  check_shape(spec_, "observations", obs.count() * obs.row_bytes(), n * spec_.obs.bytes());
  check_shape(spec_, "masks", mask.count() * mask.row_size(), n * spec_.action.mask_size());
}

void VecEnv::reset(const ObsRows& obs, const MaskRows& mask) {
  const std::size_t n = episodes_.size();
  check_rows(obs, mask);
  if (!pool_) {
    envs_->reset(0, n, episodes_.data(), rules_, obs, mask);
    return;
  }
  pool_->run([&](std::size_t part) {
    envs_->reset(part_begin(n, pool_->parts(), part), part_begin(n, pool_->parts(), part + 1),
                 episodes_.data(), rules_, obs, mask);
  });
}

void VecEnv::check_step(const ActionRows& actions, const StepBatch& batch) const {
  const std::size_t n = episodes_.size();
  check_shape(spec_, "actions", actions.count() * actions.row_size(), n * spec_.action.size());
  check_shape(spec_, "observations", batch.obs.count() * batch.obs.row_bytes(),
              n * spec_.obs.bytes());
  check_shape(spec_, "rewards", batch.reward.size(), n);
  if (!batch.info.empty()) {
    check_shape(spec_, "info values", batch.info.size(), n * spec_.info.size());
  }
  if (batch.episode_player_returns.empty()) return;
  check_shape(spec_, "returns of the players", batch.episode_player_returns.size(),
              n * static_cast<std::size_t>(spec_.players));
}

void VecEnv::step_range(std::size_t begin, std::size_t end, const ActionRows& actions,
                        const StepBatch& batch) {
  check_step(actions, batch);
  envs_->step(begin, end, episodes_.data(), rules_, actions, batch);
  if (shaping_) shaping_->apply(begin, end, batch.reward);
}

void VecEnv::step(const ActionRows& actions, const StepBatch& batch) {
  const std::size_t n = episodes_.size();
  if (!pool_) return step_range(0, n, actions, batch);
  pool_->run([&](std::size_t part) {
    step_range(part_begin(n, pool_->parts(), part), part_begin(n, pool_->parts(), part + 1),
               actions, batch);
  });
}

void VecEnv::save(StateWriter& out) const {
  out.write(spec_.id);
  out.write(static_cast<std::uint64_t>(episodes_.size()), rules_.logs_actions);
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    const RunningEpisode& episode = episodes_[i];
    out.write(episode.rng, episode.level_rng, episode.level, episode.episode_return,
              episode.episode_length, episode.is_started);
    if (rules_.players > 1) out.write(episode.player_returns);
    if (rules_.logs_actions) {
      out.write(Rng(episode.reset_rng), episode.action_log);
    } else {
      StateWriter env;
      envs_->env(i).save(env);
      out.write(env.bytes());
    }
  }
  if (shaping_) shaping_->save(out);
}

bool VecEnv::read_kind(StateReader& in, bool may_differ) const {
  std::string id;
  std::uint64_t count = 0;
  bool has_logs = false;
  in.read(id);
  in.read(count, has_logs);
  const bool same_logs = may_differ || has_logs == rules_.logs_actions;
  if (id == spec_.id && count == episodes_.size() && same_logs) return has_logs;
  throw Error::failure("saved state is of " + std::to_string(count) + " x " + id +
                       (has_logs ? " (as action logs)" : "") + "; expected " +
                       std::to_string(episodes_.size()) + " x " + spec_.id +
                       (rules_.logs_actions ? " (as action logs)" : ""));
}

VecEnv::SavedEnv VecEnv::read_episode(StateReader& in, std::size_t i, bool has_log) {
  RunningEpisode& episode = episodes_[i];
  in.read(episode.rng, episode.level_rng, episode.level, episode.episode_return,
          episode.episode_length, episode.is_started);
  check_saved_count(episode.episode_length, "steps of an episode of " + spec_.id + " that goes on");
  if (rules_.players > 1) load_players(in, episode);
  SavedEnv saved;
  if (has_log) {
    Rng reset_rng(saved.reset_rng);
    in.read(reset_rng);
    saved.reset_rng = reset_rng.state();
  }
  in.read(saved.bytes);
  return saved;
}

void VecEnv::check_episode(std::size_t i) const {
  const RunningEpisode& episode = episodes_[i];
  check_saved(episode.level < std::max<std::uint64_t>(1, spec_.num_levels),
              spec_.id + " has no level " + std::to_string(episode.level));
  const int limit = rules_.max_episode_steps;
  check_saved(limit == 0 || episode.episode_length < limit, std::to_string(episode.episode_length) +
                                                                " steps of an episode of " +
                                                                spec_.id + " that goes on");
}

void VecEnv::load_env(std::size_t i, const SavedEnv& saved, bool has_log) {
  if (has_log) {
    replay(i, saved);
    return;
  }
  StateReader env(saved.bytes);
  if (!envs_->env(i).load(env)) throw Error::failure(spec_.id + ": load() returned false");
  if (env.remaining() == 0) return;
  throw Error::failure(spec_.id + ": load() left " + std::to_string(env.remaining()) + " of the " +
                       std::to_string(saved.bytes.size()) + " bytes that save() wrote");
}

void VecEnv::load(StateReader& in) {
  const bool has_logs = read_kind(in, /*may_differ=*/false);
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    const SavedEnv saved = read_episode(in, i, has_logs);
    check_episode(i);
    load_env(i, saved, has_logs);
  }
  if (shaping_) shaping_->load(in);
}

std::vector<RefusedState> VecEnv::load_into_changed(StateReader& in) {
  const bool has_logs = read_kind(in, /*may_differ=*/true);
  std::vector<RefusedState> refused;
  for (std::size_t i = 0; i < episodes_.size(); ++i) {
    const SavedEnv saved = read_episode(in, i, has_logs);
    if (!episodes_[i].is_started) continue;
    try {
      check_episode(i);
      load_env(i, saved, has_logs);
      // An env that could be saved and no longer can has no actions to be replayed from.
      if (rules_.logs_actions && !has_logs) throw Error::failure(spec_.id + ": load() is gone");
    } catch (const std::exception& error) {
      refused.push_back({i, error.what()});
      envs_->renew(i);
    }
  }
  if (shaping_) shaping_->load(in);
  return refused;
}

void VecEnv::restart(std::size_t i, const ObsRows& obs, const MaskRows& mask) {
  check_rows(obs, mask);
  envs_->reset(i, i + 1, episodes_.data(), rules_, obs, mask);
}

void VecEnv::load_players(StateReader& in, RunningEpisode& episode) const {
  const auto players = static_cast<std::size_t>(rules_.players);
  in.read(episode.player_returns);
  if (episode.player_returns.size() != (episode.is_started ? players : 0)) {
    throw Error::failure(spec_.id + ": the saved state has the returns of " +
                         std::to_string(episode.player_returns.size()) + " players; expected " +
                         std::to_string(players));
  }
  episode.player_rewards.assign(episode.player_returns.size(), 0);
}

void VecEnv::replay(std::size_t i, const SavedEnv& saved) {
  RunningEpisode& episode = episodes_[i];
  if (rules_.logs_actions) {
    episode.reset_rng = saved.reset_rng;
    episode.action_log = saved.bytes;
  }
  envs_->renew(i);
  if (!episode.is_started) return;
  Env& env = envs_->env(i);
  const ScratchObs obs(spec_.obs);
  Rng rng(saved.reset_rng);
  ResetContext ctx{rng, episode.level};
  env.reset(ctx, obs.row());

  const std::size_t row_bytes = 4 * spec_.action.size();
  if (saved.bytes.size() != row_bytes * static_cast<std::size_t>(episode.episode_length)) {
    throw Error::failure(spec_.id + ": the saved action log is not as long as the episode");
  }
  std::vector<std::uint8_t> log = saved.bytes;
  const ActionRows actions(log.data(), spec_.action,
                           static_cast<std::size_t>(episode.episode_length));
  for (std::size_t t = 0; t < actions.count(); ++t) {
    check_action(spec_, actions[t]);
    const StepResult result = env.step(actions[t], rng, obs.row());
    check_saved(!result.terminated && !result.truncated,
                "an episode of " + spec_.id + " that goes on after its end");
  }

  const tern_rng &replayed = rng.state(), &expected = episode.rng.state();
  if (!std::equal(replayed.s, replayed.s + 4, expected.s)) {
    throw Error::failure(spec_.id +
                         ": replaying the episode's actions drew other random numbers; "
                         "the env depends on more than its Rng and its actions "
                         "('tern check-env " +
                         spec_.id + "' finds out on what)");
  }
}

}  // namespace tern
