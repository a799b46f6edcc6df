#pragma once
// What DQN reports of its newest gradient steps. Std only.

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/metrics/metrics.h"
#include "core/state_io.h"

namespace tern {

/// Numbers of one gradient step.
struct UpdateStatistics {
  double loss = 0;
  double mean_q = 0;         // over the batch and all actions
  double gradient_norm = 0;  // before clipping
};

/// The newest 100 gradient steps, as EpisodeWindow has the newest 100 episodes: part of the
/// checkpoint, and not changed by being reported, so that a resumed run reports the same numbers
/// wherever the cut fell.
class UpdateWindow {
 public:
  static constexpr std::size_t kCapacity = 100;

  void add(const UpdateStatistics& statistics) {
    push(losses_, statistics.loss);
    push(mean_qs_, statistics.mean_q);
    push(gradient_norms_, statistics.gradient_norm);
    ++count_;
  }

  /// "train/loss" and others; only the count before the first gradient step.
  void report(std::vector<Metric>& out) const {
    out.push_back({"train/gradient_steps", static_cast<double>(count_)});
    if (count_ == 0) return;
    out.push_back({"train/loss", mean(losses_)});
    out.push_back({"train/mean_q", mean(mean_qs_)});
    out.push_back({"train/gradient_norm", mean(gradient_norms_)});
  }

  void save(StateWriter& out) const { out.write(count_, losses_, mean_qs_, gradient_norms_); }
  void load(StateReader& in) {
    in.read(count_, losses_, mean_qs_, gradient_norms_);
    const auto size = std::min(static_cast<std::size_t>(count_), kCapacity);
    check_saved(count_ >= 0 && losses_.size() == size && mean_qs_.size() == size &&
                    gradient_norms_.size() == size,
                "a window of the newest updates has another size than their number");
  }

 private:
  void push(std::vector<double>& ring, double value) {
    if (ring.size() < kCapacity) {
      ring.reserve(kCapacity);
      ring.push_back(value);
    } else {
      ring[static_cast<std::size_t>(count_) % kCapacity] = value;
    }
  }
  static double mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }

  std::int64_t count_ = 0;  // gradient steps so far
  std::vector<double> losses_, mean_qs_, gradient_norms_;
};

}  // namespace tern
