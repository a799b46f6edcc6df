#pragma once
// Plays whole episodes with a policy and returns their returns.

#include <cstdint>
#include <functional>
#include <string>

#include "agents/run/results.h"
#include "core/policy.h"
#include "envs/registry/registry.h"

namespace tern {

struct EvaluationPlan {
  int episodes = 100;
  std::uint64_t seed = 0;
  std::string stream = "evaluation";  // name of the random streams; never a training one
  bool stochastic = false;            // sample actions instead of taking the mode
  std::uint64_t level_begin = 0, level_end = 0;  // as VecEnvOptions
  std::function<bool()> should_stop;             // asked between steps; optional
};

/// Episode i depends on (seed, stream, i) and the policy only. Fills returns, lengths, metrics,
/// cut, mean, std; returns stay empty if should_stop ended it. An infinite return makes the mean
/// infinite or NaN, as it should.
EvalResult evaluate(Policy& policy, const EnvEntry& entry, const ParamValues& env_params,
                    const EvaluationPlan& plan);

}  // namespace tern
