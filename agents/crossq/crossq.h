#pragma once
// CrossQ: soft actor-critic with batch normalisation in place of target networks.

#include <cstdint>
#include <memory>

#include "agents/algorithm/agent.h"
#include "agents/crossq/crossq_config.h"
#include "agents/losses/continuous_q_closed_form.h"
#include "agents/nn/network.h"
#include "agents/policy/continuous_policy.h"
#include "agents/policy/distributions/squashed_gaussian.h"

namespace tern {

/// The critics' pass that learns, over 2 B rows: (s, a) in the first half, (s', a') in the second. `loss`
/// is called once, for all rows, and writes a gradient for each.
void joint_critic_pass(Network& critic, const BatchInputs& joint, ChunkLoss loss);

/// The equations that CrossQ is made of. A test puts a wrong one in place of a right one and sees the
/// learning tests fail. critic_error writes the gradient of the rows (s, a); that of (s', a') is 0.
struct CrossqEquations {
  decltype(&joint_critic_pass) critic_pass = joint_critic_pass;
  decltype(&min_q_target_closed_form) target = min_q_target_closed_form;
  decltype(&critic_error_closed_form) critic_error = critic_error_closed_form;
  decltype(&min_q_ascent_closed_form) ascent = min_q_ascent_closed_form;
  decltype(&squashed_backward) policy_gradient = squashed_backward;
};

/// What the policy is made of. Throws Error if the encoder does not fit the observations.
ContinuousPolicyOptions crossq_policy_options(const CrossqConfig& config, const EnvSpec& spec);

/// CrossQ (Bhatt et al. 2024), for Box actions with both bounds. docs/algorithms/crossq.md explains each
/// numbered detail. seed: of the run; all streams derive from it. Throws Error for other action spaces
/// and for options that do not fit each other.
std::unique_ptr<Agent> make_crossq(const CrossqConfig& config, const EnvSpec& spec,
                                   std::size_t num_envs, std::uint64_t seed,
                                   const CrossqEquations& equations = {});

}  // namespace tern
