#pragma once
// Returns and lengths of the newest episodes. Std only.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/metrics/metrics.h"
#include "core/state_io.h"
#include "envs/batch_views.h"
#include "envs/env.h"

namespace tern {

/// The newest 100 episodes of training, for the report. Part of the checkpoint, so that a resumed
/// run reports what the uninterrupted one does.
class EpisodeWindow {
 public:
  static constexpr std::size_t kCapacity = 100;

  /// Takes the episodes that ended in this step.
  void add(const StepBatch& batch) {
    const std::size_t num_envs = batch.reward.size();
    const std::size_t num_metrics = batch.episode_metrics.size() / num_envs;
    for (std::size_t i = 0; i < num_envs; ++i) {
      if (!batch.terminated[i] && !batch.truncated[i]) continue;
      push(returns_, batch.episode_return[i]);
      push(lengths_, batch.episode_length[i]);
      metrics_.resize(num_metrics);  // the first time
      for (std::size_t k = 0; k < num_metrics; ++k) {
        push(metrics_[k], batch.episode_metrics[i * num_metrics + k]);
      }
      ++count_;
    }
  }

  /// Episodes so far.
  std::int64_t count() const { return count_; }
  bool empty() const { return returns_.empty(); }
  double mean_return() const { return mean(returns_); }

  /// "rollout/return", "rollout/length", "rollout/episodes" and the env's own; none before the first
  /// episode ended.
  void report(const EnvSpec& spec, std::vector<Metric>& out) const {
    if (empty()) return;
    out.push_back({"rollout/return", mean(returns_)});
    out.push_back({"rollout/length", mean(lengths_)});
    out.push_back({"rollout/episodes", static_cast<double>(count_)});
    for (std::size_t k = 0; k < metrics_.size(); ++k) {
      out.push_back({"rollout/" + spec.metrics[k], mean(metrics_[k])});
    }
  }

  void save(StateWriter& out) const {
    out.write(count_, returns_, lengths_, static_cast<std::uint64_t>(metrics_.size()));
    for (const auto& values : metrics_) out.write(values);
  }
  /// num_metrics: of the env.
  void load(StateReader& in, std::size_t num_metrics) {
    std::uint64_t num_saved = 0;
    in.read(count_, returns_, lengths_, num_saved);
    check_saved_count(count_, "episodes");
    check_saved(num_saved == num_metrics || (num_saved == 0 && count_ == 0),
                std::to_string(count_) + " episodes with " + std::to_string(num_saved) +
                    " metrics, the env has " + std::to_string(num_metrics));
    metrics_.assign(static_cast<std::size_t>(num_saved), {});
    for (auto& values : metrics_) in.read(values);
    const auto size = std::min(static_cast<std::size_t>(count_), kCapacity);
    const auto fits = [size](const std::vector<double>& ring) { return ring.size() == size; };
    check_saved(fits(returns_) && fits(lengths_) &&
                    std::all_of(metrics_.begin(), metrics_.end(), fits),
                "a window of the newest episodes has another size than their number");
  }

 private:
  void push(std::vector<double>& ring, double value) {
    const auto slot = static_cast<std::size_t>(count_) % kCapacity;
    if (ring.size() < kCapacity) {
      ring.reserve(kCapacity);
      ring.push_back(value);
    } else {
      ring[slot] = value;
    }
  }
  static double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }

  std::int64_t count_ = 0;
  std::vector<double> returns_, lengths_;
  std::vector<std::vector<double>> metrics_;
};

}  // namespace tern
