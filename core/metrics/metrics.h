#pragma once
// Metrics that training reports, and the interface of sinks: console, CSV, JSONL, TensorBoard.

#include <cstdint>
#include <string>
#include <vector>

namespace tern {

struct Metric {
  std::string name;  // "rollout/return", "train/policy_loss", "time/steps_per_second"
  double value = 0;
};

/// One report: all numbers known at `step`.
struct MetricsRecord {
  std::int64_t step = 0;   // environment steps so far
  double seconds = 0;      // of training so far, over all processes of the run
  std::vector<Metric> metrics;
};

/// Takes reports in the order of their steps. Not thread-safe.
class MetricsSink {
 public:
  virtual ~MetricsSink() = default;
  virtual void write(const MetricsRecord& record) = 0;
  /// What was written is on its way to the disk. Called before every checkpoint. Throws Error.
  virtual void flush() {}
};

}  // namespace tern
