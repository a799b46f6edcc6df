#pragma once
// A group of envs of one concrete type and the one loop that steps them. VecEnv runs it over
// ranges; what an env does never depends on the range, so any split gives the same bits.

#include <algorithm>
#include <cmath>
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

/// What VecEnv keeps for each env.
struct Lane {
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

/// How episodes are run; the same for all lanes.
struct LaneRules {
  int max_episode_steps = 0;      // 0: no time limit
  std::uint64_t level_begin = 0;  // episodes draw their level from [level_begin, level_end)
  std::uint64_t level_end = 1;
  bool logs_actions = false;
  bool watches_steps = false;            // see step_watch.h
  std::size_t first_env = 0;             // number of lane 0, for messages
  int players = 1;                       // EnvSpec::players
  SimdLevel simd = chosen_simd_level();  // of envs with a lane kernel; never changes a bit
};

/// N envs behind one virtual call a batch.
class EnvLanes {
 public:
  virtual ~EnvLanes() = default;
  virtual std::size_t size() const = 0;
  virtual Env& env(std::size_t i) = 0;
  /// Puts a new instance in lane i, as if just constructed.
  virtual void renew(std::size_t i) = 0;
  /// How many threads will step ranges at once, said before the first reset: for those who have
  /// something to share out.
  virtual void expect_threads(std::size_t) {}
  /// Starts an episode in lanes [begin, end).
  virtual void reset(std::size_t begin, std::size_t end, Lane* lanes, const LaneRules& rules,
                     const ObsRows& obs, const MaskRows& mask) = 0;
  /// Steps lanes [begin, end), resets those whose episode ended, fills their rows of `batch`.
  /// Throws Error for a discrete action outside the space, a Box action that is not finite, or a
  /// lane that was never reset.
  virtual void step(std::size_t begin, std::size_t end, Lane* lanes, const LaneRules& rules,
                    const ActionRows& actions, const StepBatch& batch) = 0;
};

/// Starts an episode: draws its level, resets the env.
template <class E>
void start_episode(E& env, Lane& lane, const LaneRules& rules, ObsRow obs, MaskRow mask) {
  const std::uint64_t levels = rules.level_end - rules.level_begin;
  lane.level = rules.level_begin;
  if (levels > 1) lane.level += lane.level_rng.next() % levels;
  lane.episode_return = 0;
  lane.episode_length = 0;
  lane.is_started = true;
  if (rules.players > 1) {
    lane.player_rewards.resize(static_cast<std::size_t>(rules.players));
    lane.player_returns.assign(static_cast<std::size_t>(rules.players), 0);
  }
  if (rules.logs_actions) {
    lane.reset_rng = lane.rng.state();
    lane.action_log.clear();
  }
  ResetContext ctx{lane.rng, lane.level};
  env.reset(ctx, obs);
  if (!mask.empty()) env.action_mask(mask);
}

/// Moves what the episode of lane i ended with to the rows for that.
template <class E>
void end_episode(const E& env, const EnvSpec& spec, std::size_t i, const Lane& lane,
                 const StepBatch& batch) {
  const std::size_t bytes = batch.obs.row_bytes();
  std::memcpy(batch.final_obs.data() + i * bytes, batch.obs.data() + i * bytes, bytes);
  if (batch.final_mask.row_size() > 0) env.action_mask(batch.final_mask[i]);
  batch.episode_return[i] = lane.episode_return;
  batch.episode_length[i] = lane.episode_length;
  const std::size_t num_metrics = spec.metrics.size();
  if (num_metrics > 0) env.metrics(batch.episode_metrics.subrow(i * num_metrics, num_metrics));
  if (!batch.episode_player_returns.empty()) {
    std::copy(lane.player_returns.begin(), lane.player_returns.end(),
              batch.episode_player_returns.begin() + i * lane.player_returns.size());
  }
}

/// EnvLanes for envs of type E: with E final, the loop makes no virtual call.
template <class E>
class TypedLanes final : public EnvLanes {
 public:
  using Make = std::function<std::unique_ptr<E>()>;

  /// count >= 1.
  TypedLanes(std::size_t count, Make make) : make_(std::move(make)) {
    envs_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) envs_.push_back(make_());
    spec_ = envs_.at(0)->spec();
  }

  std::size_t size() const override { return envs_.size(); }
  Env& env(std::size_t i) override { return *envs_[i]; }
  void renew(std::size_t i) override { envs_[i] = make_(); }

  void reset(std::size_t begin, std::size_t end, Lane* lanes, const LaneRules& rules,
             const ObsRows& obs, const MaskRows& mask) override {
    for (std::size_t i = begin; i < end; ++i) {
      start_one(*envs_[i], i, lanes[i], rules, obs[i], mask[i]);
    }
  }

  void step(std::size_t begin, std::size_t end, Lane* lanes, const LaneRules& rules,
            const ActionRows& actions, const StepBatch& batch) override {
    for (std::size_t i = begin; i < end; ++i) {
      step_one(*envs_[i], i, lanes[i], rules, actions[i], batch);
    }
  }

 private:
  void start_one(E& env, std::size_t i, Lane& lane, const LaneRules& rules, ObsRow obs,
                 MaskRow mask) const {
    if (rules.watches_steps) poison(obs);
    start_episode(env, lane, rules, obs, mask);
    if (rules.watches_steps) watch_step(spec_, {rules.first_env + i, 0}, {}, obs);
  }

  void step_one(E& env, std::size_t i, Lane& lane, const LaneRules& rules, ActionRow action,
                const StepBatch& batch) const {
    if (!lane.is_started) throw Error(spec_.id + ": step before reset");
    check_action(spec_, action);
    if (rules.logs_actions) log_action(lane, action);

    const ObsRow obs = batch.obs[i];
    const int mover = rules.players > 1 ? mover_of(env, spec_) : 0;
    const std::int32_t step = lane.episode_length + 1;
    if (rules.watches_steps && is_look_due(step)) poison(obs);
    StepResult result = env.step(action, lane.rng, obs);
    if (rules.watches_steps) watch_step(spec_, {rules.first_env + i, step, action}, result, obs);
    lane.episode_return += static_cast<double>(result.reward);
    if (rules.players > 1) share_out(env, mover, result.reward, lane);
    ++lane.episode_length;
    const bool limit =
        rules.max_episode_steps > 0 && lane.episode_length >= rules.max_episode_steps;
    if (limit && !result.terminated) result.truncated = true;

    batch.reward[i] = result.reward;
    batch.terminated[i] = result.terminated;
    batch.truncated[i] = result.truncated;
    if (result.terminated || result.truncated) {
      end_episode(env, spec_, i, lane, batch);
      start_one(env, i, lane, rules, obs, batch.mask[i]);
    } else if (batch.mask.row_size() > 0) {
      env.action_mask(batch.mask[i]);
    }
  }

  /// Adds up what the step gave each player.
  static void share_out(const E& env, int mover, float reward, Lane& lane) {
    get_player_rewards(env, mover, reward, FloatRow(lane.player_rewards));
    for (std::size_t p = 0; p < lane.player_returns.size(); ++p) {
      lane.player_returns[p] += static_cast<double>(lane.player_rewards[p]);
    }
    lane.episode_return = lane.player_returns[0];
  }

  static void log_action(Lane& lane, ActionRow action) {
    const void* data = action.floats().empty() ? static_cast<const void*>(action.ints().data())
                                               : static_cast<const void*>(action.floats().data());
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    lane.action_log.insert(lane.action_log.end(), bytes, bytes + 4 * action.size());
  }

  Make make_;
  std::vector<std::unique_ptr<E>> envs_;
  EnvSpec spec_;  // a copy: asking an env costs a guarded static in each step
};

}  // namespace tern
