#pragma once
// Agents with Box actions on envs whose answer is known in closed form.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/algorithm/agent.h"
#include "core/policy.h"
#include "tests/agents/training.h"

namespace tern {

constexpr double kProbeGamma = 0.5;

/// What the policy thinks of one observation.
inline Inspection thoughts(Policy& policy, std::vector<float> obs) {
  return policy.inspect(ConstObsRow(Row<const float>(obs)), {});
}

/// Probe-Continuous-v0: the largest error of the mean action, which should be o / 2.
inline double worst_miss(Policy& policy) {
  double worst = 0;
  for (const float o : {-0.8f, -0.3f, 0.0f, 0.5f, 0.9f}) {
    const double error = std::abs(thoughts(policy, {o}).mean[0] - o / 2);
    worst = std::isnan(error) ? INFINITY : std::max(worst, error);
  }
  return worst;
}

/// Probe-ContinuousTwoStep-v0: the larger error of the first action, which should be gamma, and of its
/// value, gamma^2 / 2.
inline double two_step_error(Policy& policy) {
  const Inspection first = thoughts(policy, {0, 0});
  const double action = std::abs(first.mean[0] - kProbeGamma);
  const double value = std::abs(*first.value - kProbeGamma * kProbeGamma / 2);
  const double worst = std::max(action, value);
  return std::isnan(action + value) ? INFINITY : worst;
}

/// Trains on the env and returns the policy. make(spec, num_envs, seed) makes the agent.
template <class Make>
std::unique_ptr<Policy> trained(const std::string& id, std::uint64_t seed, std::int64_t steps,
                                const Make& make) {
  constexpr std::size_t kEnvs = 4;
  const auto envs = make_envs(id, kEnvs, seed);
  const std::unique_ptr<Agent> agent = make(envs->spec(), kEnvs, seed);
  Training training(steps);
  agent->train(*envs, training);
  return agent->snapshot();
}

}  // namespace tern
