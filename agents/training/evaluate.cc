#include "agents/training/evaluate.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/mean_and_deviation.h"
#include "envs/episode_limit.h"
#include "envs/vector/step_watch.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

constexpr std::size_t kSideBySide = 16;  // episodes that are played at once

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
  Episode(const EnvEntry& entry, const ParamValues& params, const EvaluationPlan& plan, int number,
          std::size_t state_size)
      : number_(number),
        env_(entry, params, env_of(plan, number)),
        buffers_(env_.spec().obs, env_.spec().action, env_.spec().metrics.size(), 1,
                 env_.spec().players),
        rng_(plan.seed, plan.stream + " actions", static_cast<std::uint64_t>(number)),
        state_(state_size),
        metrics_(env_.spec().metrics.size()),
        cut_after_(cut_after(env_.spec())) {
    env_.reset(buffers_.batch.obs, buffers_.batch.mask);
  }

  int number() const { return number_; }
  /// Where the policy reads the observation and writes the action and what it remembers.
  ActRow row() {
    const MaskRow mask = buffers_.batch.mask[0];
    if (!mask.empty()) {
      watch_mask(env_.spec(), {static_cast<std::size_t>(number_), length_, buffers_.actions[0]},
                 mask);
    }
    return {buffers_.batch.obs[0], mask, &rng_, buffers_.actions[0], Row<float>(state_)};
  }
  /// Takes that action. Whether it was the last.
  bool step() {
    const StepBatch& batch = buffers_.batch;
    env_.step(buffers_.actions, batch);
    const bool has_ended = batch.terminated[0] || batch.truncated[0];
    const RunningEpisode& episode = env_.episode(0);
    total_ = has_ended ? batch.episode_return[0] : episode.episode_return;
    length_ = has_ended ? batch.episode_length[0] : episode.episode_length;
    player_returns_ = episode.player_returns;
    if (has_ended) {
      player_returns_.assign(batch.episode_player_returns.begin(),
                             batch.episode_player_returns.end());
    }
    is_cut_ = !has_ended && cut_after_ > 0 && length_ >= cut_after_;
    if (has_ended) {
      metrics_.assign(batch.episode_metrics.begin(), batch.episode_metrics.end());
    } else if (is_cut_ && !metrics_.empty()) {
      env_.env(0).metrics(FloatRow(metrics_));
    }
    return has_ended || is_cut_;
  }
  double total() const { return total_; }
  int length() const { return length_; }
  /// Of each player; empty with one.
  const std::vector<double>& player_returns() const { return player_returns_; }
  /// The env's, once it has ended or was cut.
  const std::vector<float>& metrics() const { return metrics_; }
  const std::vector<std::string>& metric_names() const { return env_.spec().metrics; }
  /// Nothing ended it.
  bool is_cut() const { return is_cut_; }

 private:
  int number_;
  VecEnv env_;
  StepBuffers buffers_;
  Rng rng_;
  std::vector<float> state_, metrics_;
  int cut_after_;  // steps; 0: never
  double total_ = 0;
  int length_ = 0;
  bool is_cut_ = false;
  std::vector<double> player_returns_;
};

/// The metrics of each episode of a plan, and their means.
class EpisodeMetrics {
 public:
  explicit EpisodeMetrics(int episodes) : values_(static_cast<std::size_t>(episodes)) {}

  void take(const Episode& episode) {
    names_ = episode.metric_names();
    values_[static_cast<std::size_t>(episode.number())] = episode.metrics();
  }
  /// In the order of the episodes, whichever ended first.
  std::vector<Metric> means() const {
    std::vector<Metric> means;
    for (std::size_t k = 0; k < names_.size(); ++k) {
      double sum = 0;
      for (const std::vector<float>& values : values_) sum += static_cast<double>(values[k]);
      means.push_back({names_[k], sum / static_cast<double>(values_.size())});
    }
    return means;
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::vector<float>> values_;
};

/// Plays all episodes of a plan, kSideBySide of them at once. False: it was stopped.
bool play(Policy& policy, const EnvEntry& entry, const ParamValues& params,
          const EvaluationPlan& plan, EvalResult& result) {
  result.returns.resize(static_cast<std::size_t>(plan.episodes));
  result.lengths.resize(static_cast<std::size_t>(plan.episodes));
  EpisodeMetrics metrics(plan.episodes);
  std::vector<std::unique_ptr<Episode>> playing;
  std::vector<ActRow> rows;
  for (int next = 0; next < plan.episodes || !playing.empty();) {
    while (next < plan.episodes && playing.size() < kSideBySide) {
      playing.push_back(
          std::make_unique<Episode>(entry, params, plan, next++, policy.state_size()));
    }
    if (plan.should_stop && plan.should_stop()) return false;
    rows.clear();
    for (const auto& episode : playing) rows.push_back(episode->row());
    policy.act(Row<const ActRow>(rows), /*deterministic=*/!plan.stochastic);
    for (std::size_t i = playing.size(); i-- > 0;) {
      if (!playing[i]->step()) continue;
      const auto number = static_cast<std::size_t>(playing[i]->number());
      result.returns[number] = playing[i]->total();
      result.lengths[number] = playing[i]->length();
      if (playing[i]->is_cut()) ++result.cut;
      metrics.take(*playing[i]);
      if (!playing[i]->player_returns().empty()) {
        result.player_returns.resize(static_cast<std::size_t>(plan.episodes));
        result.player_returns[number] = playing[i]->player_returns();
      }
      playing.erase(playing.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  result.metrics = metrics.means();
  return true;
}

}  // namespace

EvalResult evaluate(Policy& policy, const EnvEntry& entry, const ParamValues& env_params,
                    const EvaluationPlan& plan) {
  EvalResult result;
  result.env = entry.spec.id;
  result.step = policy.step();
  if (!play(policy, entry, env_params, plan, result)) {
    result.returns.clear();
    result.lengths.clear();
    result.player_returns.clear();
    result.cut = 0;
  }
  if (result.returns.empty()) return result;
  const MeanAndDeviation summary = mean_and_deviation(result.returns);
  result.mean = summary.mean;
  result.std = summary.deviation;
  return result;
}

}  // namespace tern
