#include "agents/training/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>
#include <vector>

#include "envs/vector/vec_env.h"

namespace tern {
namespace {

constexpr int kLongestEpisode = 100'000;  // in envs without a time limit

VecEnvOptions env_of(const EvaluationPlan& plan, int episode) {
  VecEnvOptions options;
  options.seed = plan.seed;
  options.stream = plan.stream;
  options.first_index = static_cast<std::uint64_t>(episode);
  options.level_begin = plan.level_begin;
  options.level_end = plan.level_end;
  return options;
}

/// One episode in an env of its own.
class Episode {
 public:
  Episode(const EnvEntry& entry, const ParamValues& params, const EvaluationPlan& plan, int number)
      : number_(number), env_(entry, params, env_of(plan, number)),
        buffers_(env_.spec().obs, env_.spec().action, env_.spec().metrics.size(), 1,
                 env_.spec().players),
        rng_(plan.seed, plan.stream + " actions", static_cast<std::uint64_t>(number)),
        longest_(std::max(kLongestEpisode, env_.spec().max_episode_steps)) {
    env_.reset(buffers_.batch.obs, buffers_.batch.mask);
  }

  int number() const { return number_; }
  /// Where the policy reads the observation and writes the action.
  ActRow row() { return {buffers_.batch.obs[0], buffers_.batch.mask[0], &rng_, buffers_.actions[0]}; }
  /// Takes that action. Whether it was the last.
  bool step() {
    const StepBatch& batch = buffers_.batch;
    env_.step(buffers_.actions, batch);
    const bool has_ended = batch.terminated[0] || batch.truncated[0];
    const Lane& lane = env_.lane(0);
    total_ = has_ended ? batch.episode_return[0] : lane.episode_return;
    length_ = has_ended ? batch.episode_length[0] : lane.episode_length;
    player_returns_ = lane.player_returns;
    if (has_ended) {
      player_returns_.assign(batch.episode_player_returns.begin(),
                             batch.episode_player_returns.end());
    }
    return has_ended || length_ >= longest_;
  }
  double total() const { return total_; }
  int length() const { return length_; }
  /// Of each player; empty with one.
  const std::vector<double>& player_returns() const { return player_returns_; }

 private:
  int number_;
  VecEnv env_;
  StepBuffers buffers_;
  Rng rng_;
  int longest_;
  double total_ = 0;
  int length_ = 0;
  std::vector<double> player_returns_;
};

/// Plays all episodes of a plan, as many side by side as the policy can.
void play(Policy& policy, const EnvEntry& entry, const ParamValues& params,
          const EvaluationPlan& plan, EvalResult& result) {
  result.returns.resize(static_cast<std::size_t>(plan.episodes));
  result.lengths.resize(static_cast<std::size_t>(plan.episodes));
  std::vector<std::unique_ptr<Episode>> playing;
  std::vector<ActRow> rows;
  for (int next = 0; next < plan.episodes || !playing.empty();) {
    while (next < plan.episodes && playing.size() < policy.episodes_at_once()) {
      policy.begin_episode();
      playing.push_back(std::make_unique<Episode>(entry, params, plan, next++));
    }
    rows.clear();
    for (const auto& episode : playing) rows.push_back(episode->row());
    policy.act_on_rows(rows, /*deterministic=*/!plan.stochastic);
    for (std::size_t i = playing.size(); i-- > 0;) {
      if (!playing[i]->step()) continue;
      const auto number = static_cast<std::size_t>(playing[i]->number());
      result.returns[number] = playing[i]->total();
      result.lengths[number] = playing[i]->length();
      if (!playing[i]->player_returns().empty()) {
        result.player_returns.resize(static_cast<std::size_t>(plan.episodes));
        result.player_returns[number] = playing[i]->player_returns();
      }
      playing.erase(playing.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

}  // namespace

EvalResult evaluate(Policy& policy, const EnvEntry& entry, const ParamValues& env_params,
                    const EvaluationPlan& plan) {
  EvalResult result;
  result.env = entry.spec.id;
  result.step = policy.step();
  play(policy, entry, env_params, plan, result);
  const auto count = static_cast<double>(result.returns.size());
  if (count == 0) return result;
  result.mean = std::accumulate(result.returns.begin(), result.returns.end(), 0.0) / count;
  double squares = 0;
  for (const double value : result.returns) squares += (value - result.mean) * (value - result.mean);
  result.std = std::sqrt(squares / count);
  return result;
}

}  // namespace tern
