#pragma once
// A run in memory, for tests of algorithms: trains, stops where it is told to, keeps the reports.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agents/algorithm/agent.h"
#include "agents/algorithm/train_context.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {

class Training final : public TrainContext {
 public:
  explicit Training(std::int64_t total_steps) : TrainContext(total_steps) {}

  /// Training ends at the first iteration boundary at or after this step.
  std::int64_t stop_at = 0;
  /// The newest report by name; filled after each iteration while `reports` is set.
  std::map<std::string, double> metrics;
  bool reports = false;
  int iterations = 0;

  bool end_iteration(const Agent& agent,
                     const std::function<std::vector<Metric>()>& report) override {
    ++iterations;
    if (reports) {
      metrics.clear();
      for (const Metric& metric : report()) metrics[metric.name] = metric.value;
    }
    return stop_at == 0 || agent.step() < stop_at;
  }
};

inline std::unique_ptr<VecEnv> make_envs(const std::string& id, std::size_t count,
                                         std::uint64_t seed, const ParamValues& params = {}) {
  VecEnvOptions options;
  options.num_envs = count;
  options.seed = seed;
  return std::make_unique<VecEnv>(registry().find(id), params, options);
}

}  // namespace tern
