#pragma once
// Everything that needs networks, as std types: the interface of libtern_agents. The launcher loads
// that library when a command needs it; embedding programs link it.

#include <memory>
#include <string>

#include "agents/config/run_config.h"
#include "agents/run/online_learner.h"
#include "agents/run/requests.h"
#include "agents/run/results.h"
#include "core/policy.h"

namespace tern {

class AgentsApi {
 public:
  virtual ~AgentsApi() = default;
  /// Trains from the start. Throws Error; ExitCode::kFailure for NaN, disk full and the like.
  virtual TrainResult train(const TrainRequest& request, const TrainHooks& hooks) = 0;
  virtual TrainResult resume(const ResumeRequest& request, const TrainHooks& hooks) = 0;
  virtual EvalResult evaluate(const EvalRequest& request) = 0;
  virtual std::unique_ptr<Policy> load_policy(const std::string& run) = 0;
  /// Trains in memory: no run folder, no evaluation.
  virtual BenchTrainResult bench_train(const RunConfig& config) = 0;
  virtual NetworkPlatform platform() = 0;
  /// Learning inside a program that owns the loop. Throws Error for an agent that does not learn from
  /// replay, bad settings, and spaces that it does not learn.
  virtual std::unique_ptr<OnlineLearner> learn_online(const OnlineRequest& request) = 0;
};

/// The one exported function. The object lives as long as the process.
extern "C" __attribute__((visibility("default"))) AgentsApi* tern_agents_api();

}  // namespace tern
