#pragma once
// Everything that needs networks, as std types: the interface of libtern_agents. The launcher loads
// that library when a command needs it; embedding programs link it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/run/run_config.h"
#include "core/metrics/metrics.h"
#include "core/policy.h"

namespace tern {

/// Mean and spread of the returns of whole episodes; where several players take turns, of player 0.
struct EvalResult {
  std::string run;  // folder
  std::string env;
  std::int64_t step = 0;  // environment steps the policy was trained for
  std::vector<double> returns;
  std::vector<int> lengths;
  std::vector<std::vector<double>> player_returns;  // of each episode and player; empty with one
  double mean = 0;
  double std = 0;  // of the population of episodes
};

/// How a training command ended.
struct TrainResult {
  std::string run;         // folder
  std::int64_t steps = 0;  // environment steps done, over all processes of the run
  double seconds = 0;      // first env step to last update, evaluations excluded, this process
  double steps_per_second = 0;
  bool finished = false;   // all of total_steps that whole iterations fit in were done
  EvalResult eval;         // the final one; no returns if the run did not finish
};

/// What training tells its caller and asks of it; all optional. Called on the training thread.
struct TrainHooks {
  std::function<bool()> should_stop;  // asked at every iteration boundary: save and end
  std::function<void(std::shared_ptr<Policy>)> on_policy;  // a fresh snapshot after an iteration
  double policy_interval_seconds = 0.25;                   // at most this often
  std::vector<MetricsSink*> sinks;    // beside the run's own files
  std::function<void(const std::string&)> on_message;  // one line for a person: checkpoint, best
};

struct TrainRequest {
  RunConfig config;
  std::string out;            // folder; "": runs/<name>-s<seed>, then -2, -3
  std::string name;           // for that: the configuration's
  std::int64_t stop_at = 0;   // save and end at the first boundary at or after it; 0: never
};

struct ResumeRequest {
  std::string run;  // RUN: folder or name under runs/, optionally @last|@best|@N
  std::vector<ParamValue> overrides;  // of run.threads, run.eval_every and the like
  std::int64_t stop_at = 0;
};

struct EvalRequest {
  std::string run;
  int episodes = 100;
  std::uint64_t seed = 0;
  bool stochastic = false;
};

/// Where a training run spends its time; shares of 1.
struct BenchTrainResult {
  double steps_per_second = 0;
  double seconds = 0;
  double env = 0, inference = 0, update = 0, other = 0;
};

/// What `tern doctor` shows of the network library; gathered in a child process.
struct NetworkPlatform {
  std::string torch_version;
  std::string blas;       // library and core: "OpenBLAS 0.3.21 SkylakeX"
  std::string simd;       // "AVX-512"
  int torch_threads = 0;
  std::string device;     // "cpu"; names agent.device where there is a CUDA device beside it
};

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
};

/// The one exported function. The object lives as long as the process.
extern "C" __attribute__((visibility("default"))) AgentsApi* tern_agents_api();

}  // namespace tern
