#pragma once
// What training, evaluation and the network library report of themselves. Std only.

#include <cstdint>
#include <string>
#include <vector>

#include "core/metrics/metrics.h"

namespace tern {

/// Mean and spread of the returns of whole episodes; where several players take turns, of player 0.
struct EvalResult {
  std::string run;  // folder
  std::string env;
  std::int64_t step = 0;  // environment steps the policy was trained for
  std::vector<double> returns;
  std::vector<int> lengths;
  std::vector<std::vector<double>> player_returns;  // of each episode and player; empty with one
  std::vector<Metric> metrics;  // mean of each of EnvSpec::metrics at the ends of the episodes
  int cut = 0;  // episodes that were cut (envs/episode_limit.h)
  double mean = 0;
  double std = 0;  // of the population of episodes
};

/// How a training command ended.
struct TrainResult {
  std::string run;         // folder
  std::int64_t steps = 0;  // environment steps done, over all processes of the run
  double seconds = 0;      // first env step to last update, evaluations excluded, this process
  double steps_per_second = 0;
  bool finished = false;   // nothing is left for a resume to do
  EvalResult eval;         // the final one; no returns if the run did not finish
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

}  // namespace tern
