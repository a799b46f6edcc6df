// Training as it is timed: without a folder, evaluations and reports.

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "agents/algorithm/warm_start.h"
#include "agents/run/initial_policy.h"
#include "agents/training/factory.h"
#include "agents/training/run.h"
#include "agents/training/training_envs.h"
#include "envs/registry/registry.h"

namespace tern {

BenchTrainResult bench_run(const RunConfig& config) {
  class Context final : public TrainContext {
   public:
    using TrainContext::TrainContext;
    bool end_iteration(const Agent&, const std::function<std::vector<Metric>()>&) override {
      return true;
    }
  };
  VecEnv envs(registry().find(config.env_id), config.env, training_envs(config));
  const std::unique_ptr<Agent> agent = make_agent(config, envs.spec());
  if (!config.run.init_from.empty()) {
    start_from(*agent, read_initial_policy(with_initial_policy(config)));
  }
  Context context(config.run.total_steps);
  const auto start = std::chrono::steady_clock::now();
  agent->train(envs, context);
  BenchTrainResult result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.steps_per_second = static_cast<double>(agent->step()) / result.seconds;
  result.env = context.clock.seconds(PhaseClock::kEnv) / result.seconds;
  result.inference = context.clock.seconds(PhaseClock::kInference) / result.seconds;
  result.update = context.clock.seconds(PhaseClock::kUpdate) / result.seconds;
  result.other = 1 - result.env - result.inference - result.update;
  return result;
}

}  // namespace tern
