#pragma once
// Advantage actor-critic.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "agents/a2c/a2c_config.h"
#include "agents/algorithm/agent.h"
#include "agents/losses/advantage_closed_form.h"
#include "agents/losses/ppo_closed_form.h"
#include "envs/env.h"

namespace tern {

/// The policy gradient's term of one sample, -A log pi(a | s), and its derivative by log pi(a | s).
inline LossTerm policy_gradient_term(float log_prob, float advantage) {
  return {-advantage * log_prob, -advantage};
}

/// The critic's, (V(s) - R)^2, and its derivative by V(s). A2C detail 7: without a factor 1/2.
inline LossTerm squared_error(float value, float target) {
  const float error = value - target;
  return {error * error, 2 * error};
}

/// The equations that A2C is made of. A test puts a wrong one in place of a right one and sees the
/// learning tests fail. The last two are called on several threads at once.
struct A2cEquations {
  decltype(&generalized_advantage_closed_form) advantages = generalized_advantage_closed_form;
  decltype(&policy_gradient_term) policy = policy_gradient_term;
  decltype(&squared_error) value = squared_error;
};

/// A2C, the synchronous form of A3C (Mnih et al. 2016), for Discrete, MultiDiscrete and Box
/// actions. docs/algorithms/a2c.md explains each numbered detail. seed: of the run; all streams
/// derive from it. Throws Error for options that do not fit each other.
std::unique_ptr<Agent> make_a2c(const A2cConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const A2cEquations& equations = {});

}  // namespace tern
