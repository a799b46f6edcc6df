#pragma once
// A group of envs of one concrete type and the one loop that steps them. VecEnv runs it over
// ranges; what an env does never depends on the range, so any split gives the same bits.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/simd_level.h"
#include "envs/batch_views.h"
#include "envs/check_action.h"
#include "envs/env.h"
#include "envs/player_rewards.h"
#include "envs/vector/step_watch.h"

namespace tern {

/// The episode that an env is in, as VecEnv keeps it.
struct RunningEpisode {
  Rng rng;        // the env's stream, passed to reset and step
  Rng level_rng;  // draws the level of each episode
  std::uint64_t level = 0;
  double episode_return = 0;
  std::int32_t episode_length = 0;
  bool is_started = false;  // reset has been called
  // Kept only where several players take turns, one value for each:
  std::vector<float> player_rewards = {};   // of the last step
  std::vector<double> player_returns = {};  // of the episode so far
  // The episode so far, kept only for envs that cannot save their state:
  tern_rng reset_rng = {};
  std::vector<std::uint8_t> action_log = {};  // action rows, 4 bytes a value
};

/// How episodes are run; the same for all envs.
struct EpisodeRules {
  int max_episode_steps = 0;      // 0: no time limit
  std::uint64_t level_begin = 0;  // episodes draw their level from [level_begin, level_end)
  std::uint64_t level_end = 1;
  bool logs_actions = false;
  bool watches_steps = false;            // see step_watch.h
  bool clips_rewards = false;            // of what is learned from: an infinite one may come
  std::size_t first_env = 0;             // number of env 0 of the group, for messages
  int players = 1;                       // EnvSpec::players
  SimdLevel simd = chosen_simd_level();  // of envs with a lane kernel; never changes a bit
};

/// N envs behind one virtual call a batch.
class EnvGroup {
 public:
  virtual ~EnvGroup() = default;
  virtual std::size_t size() const = 0;
  virtual Env& env(std::size_t i) = 0;
  /// Puts a new instance in the place of env i, as if just constructed.
  virtual void renew(std::size_t i) = 0;
  /// How many threads will step ranges at once, said before the first reset: for those who have
  /// something to share out.
  virtual void expect_threads(std::size_t) {}
  /// Starts an episode in envs [begin, end); `episodes` holds one for each env of the group.
  virtual void reset(std::size_t begin, std::size_t end, RunningEpisode* episodes,
                     const EpisodeRules& rules, const ObsRows& obs, const MaskRows& mask) = 0;
  /// Steps envs [begin, end), resets those whose episode ended, fills their rows of `batch`.
  /// Throws Error for a discrete action outside the space, a Box action that is not finite, or a
  /// env that was never reset.
  virtual void step(std::size_t begin, std::size_t end, RunningEpisode* episodes,
                    const EpisodeRules& rules, const ActionRows& actions,
                    const StepBatch& batch) = 0;
};

/// A group whose envs live in this process, and what needs no loop.
class HeldEnvGroup : public EnvGroup {
 public:
  using Make = std::function<std::unique_ptr<Env>()>;

  std::size_t size() const override { return envs_.size(); }
  Env& env(std::size_t i) override { return *envs_[i]; }
  void renew(std::size_t i) override { envs_[i] = make_(); }
  void reset(std::size_t begin, std::size_t end, RunningEpisode* episodes,
             const EpisodeRules& rules, const ObsRows& obs, const MaskRows& mask) override;

 protected:
  /// count >= 1.
  HeldEnvGroup(std::size_t count, Make make);
  ~HeldEnvGroup() override;

  // Templates: with E final they make no virtual call.

  /// Starts an episode in env i: draws its level, resets the env.
  template <bool kWatched, class E>
  void start_episode(E& env, std::size_t i, RunningEpisode& episode, const EpisodeRules& rules,
                     ObsRow obs, MaskRow mask) const {
    const std::uint64_t levels = rules.level_end - rules.level_begin;
    episode.level = rules.level_begin;
    if (levels > 1) episode.level += episode.level_rng.next() % levels;
    episode.episode_return = 0;
    episode.episode_length = 0;
    episode.is_started = true;
    if (rules.players > 1) clear_player_returns(episode, rules);
    if (rules.logs_actions) start_log(episode);
    if (kWatched) poison(obs);
    ResetContext ctx{episode.rng, episode.level};
    env.reset(ctx, obs);
    if (!mask.empty()) env.action_mask(mask);
    if (kWatched) {
      watch_step(spec_, {rules.first_env + i, 0}, {}, obs);
      if (!mask.empty()) watch_mask(spec_, {rules.first_env + i, 0}, mask);
    }
  }

  /// Moves what the episode of env i ended with to the rows for that.
  template <class E>
  void end_episode(const E& env, std::size_t i, const RunningEpisode& episode,
                   const StepBatch& batch) const {
    const std::size_t bytes = batch.obs.row_bytes();
    std::memcpy(batch.final_obs.data() + i * bytes, batch.obs.data() + i * bytes, bytes);
    if (batch.final_mask.row_size() > 0) env.action_mask(batch.final_mask[i]);
    batch.episode_return[i] = episode.episode_return;
    batch.episode_length[i] = episode.episode_length;
    const std::size_t num_metrics = spec_.metrics.size();
    if (num_metrics > 0) env.metrics(batch.episode_metrics.subrow(i * num_metrics, num_metrics));
    if (!batch.episode_player_returns.empty()) put_player_returns(i, episode, batch);
  }

  /// One step of env i, and the start of its next episode if that ended this one.
  template <bool kWatched, class E>
  void step_one(E& env, std::size_t i, RunningEpisode& episode, const EpisodeRules& rules,
                ActionRow action, const StepBatch& batch) const {
    if (!episode.is_started) throw_not_reset();
    check_action(spec_, action);
    if (rules.logs_actions) log_action(episode, action);

    const ObsRow obs = batch.obs[i];
    const int mover = rules.players > 1 ? mover_of(env, spec_) : 0;
    const std::int32_t step = episode.episode_length + 1;
    if (kWatched && is_look_due(step)) poison(obs);
    StepResult result = env.step(action, episode.rng, obs);
    if (kWatched) {
      watch_step(spec_, {rules.first_env + i, step, action, rules.clips_rewards}, result, obs);
    }
    episode.episode_return += static_cast<double>(result.reward);
    if (rules.players > 1) share_out(env, mover, result.reward, episode);
    if (!batch.info.empty()) put_info(env, i, batch);
    ++episode.episode_length;
    const bool limit =
        rules.max_episode_steps > 0 && episode.episode_length >= rules.max_episode_steps;
    if (limit && !result.terminated) result.truncated = true;

    batch.reward[i] = result.reward;
    batch.terminated[i] = result.terminated;
    batch.truncated[i] = result.truncated;
    if (result.terminated || result.truncated) {
      end_episode(env, i, episode, batch);
      start_episode<kWatched>(env, i, episode, rules, obs, batch.mask[i]);
    } else if (batch.mask.row_size() > 0) {
      env.action_mask(batch.mask[i]);
      if (kWatched) watch_mask(spec_, {rules.first_env + i, step, action}, batch.mask[i]);
    }
  }

  /// step() of a group that is watched, by virtual calls.
  void step_watched(std::size_t begin, std::size_t end, RunningEpisode* episodes,
                    const EpisodeRules& rules, const ActionRows& actions, const StepBatch& batch);
  static void clear_player_returns(RunningEpisode& episode, const EpisodeRules& rules);
  static void put_player_returns(std::size_t i, const RunningEpisode& episode,
                                 const StepBatch& batch);
  void put_info(const Env& env, std::size_t i, const StepBatch& batch) const;
  static void start_log(RunningEpisode& episode);
  [[noreturn]] void throw_not_reset() const;
  static void log_action(RunningEpisode& episode, ActionRow action);
  /// Adds up what the step gave each player.
  static void share_out(const Env& env, int mover, float reward, RunningEpisode& episode);

  Make make_;
  std::vector<std::unique_ptr<Env>> envs_;
  EnvSpec spec_;  // a copy: asking an env costs a guarded static in each step
};

/// The group for envs of type E: with E final, the loop makes no virtual call.
template <class E>
class TypedEnvGroup final : public HeldEnvGroup {
 public:
  /// count >= 1; `make` gives an E.
  TypedEnvGroup(std::size_t count, Make make) : HeldEnvGroup(count, std::move(make)) {}

  void step(std::size_t begin, std::size_t end, RunningEpisode* episodes, const EpisodeRules& rules,
            const ActionRows& actions, const StepBatch& batch) override {
    if (rules.watches_steps) return step_watched(begin, end, episodes, rules, actions, batch);
    for (std::size_t i = begin; i < end; ++i) {
      step_one<false>(typed(i), i, episodes[i], rules, actions[i], batch);
    }
  }

 private:
  E& typed(std::size_t i) const { return static_cast<E&>(*envs_[i]); }
};

}  // namespace tern
