#pragma once
// What people see of a training run: returns over environment steps. Plain values.

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/metrics/metrics.h"

namespace tern {

/// The mean training return as it was reported at a step ("rollout/return").
struct ReturnPoint {
  std::int64_t step = 0;
  double value = 0;
};

/// One evaluation ("eval/return", or "final_eval/return" at the end of the run).
struct EvalPoint {
  std::int64_t step = 0;
  double mean = 0, deviation = 0;  // over its episodes
  bool is_final = false;
};

/// Collects the reports of a run in the order of their steps. A report of an earlier step than the
/// last one voids what was collected after it: the run went on from an earlier checkpoint.
class LearningCurve {
 public:
  /// Beyond twice as many returns only each second one is kept, then each fourth, .., and the
  /// newest. Evaluations are all kept.
  static constexpr std::size_t kMostReturns = 2048;

  void add(const MetricsRecord& record);

  const std::vector<ReturnPoint>& returns() const { return returns_; }
  const std::vector<EvalPoint>& evaluations() const { return evaluations_; }
  /// Of the newest report, environment steps; 0 before it.
  std::int64_t step() const { return step_; }
  /// Environment steps a second over the last few reports, evaluations excluded; 0: not known yet.
  double steps_per_second() const;

 private:
  void forget_after(std::int64_t step);
  void add_return(const ReturnPoint& point);

  struct Moment {
    std::int64_t step = 0;
    double seconds = 0;  // of training
  };
  std::vector<ReturnPoint> returns_;
  std::int64_t num_returns_ = 0, stride_ = 1;  // added so far; of them, each stride_-th is kept
  bool is_newest_between_ = false;             // returns_.back() goes when the next one comes
  std::vector<EvalPoint> evaluations_;
  std::deque<Moment> moments_;  // the last few, steps ascending
  std::int64_t step_ = 0;
};

/// A run as a window beside it shows it.
struct TrainingProgress {
  LearningCurve curve;
  std::int64_t total_steps = 0;           // that the run will do; 0: unknown
  std::vector<std::int64_t> checkpoints;  // steps of those that can be played, ascending
  std::string state = "training";         // one or two words: "finished", "killed"
  bool is_running = true;                 // more is to come
};

}  // namespace tern
