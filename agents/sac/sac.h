#pragma once
// Soft actor-critic.

#include <cstdint>
#include <memory>
#include <string>

#include "agents/algorithm/agent.h"
#include "agents/kernels/optimizer.h"
#include "agents/losses/continuous_q_closed_form.h"
#include "agents/policy/continuous_policy.h"
#include "agents/policy/distributions/squashed_gaussian.h"
#include "agents/sac/sac_config.h"

namespace tern {

/// The equations that SAC is made of. A test puts a wrong one in place of a right one and sees the
/// learning tests fail. Losses are called for chunks of a batch, on several threads at once.
struct SacEquations {
  decltype(&min_q_target_closed_form) target = min_q_target_closed_form;
  decltype(&critic_error_closed_form) critic_error = critic_error_closed_form;
  decltype(&min_q_ascent_closed_form) ascent = min_q_ascent_closed_form;
  decltype(&squashed_backward) policy_gradient = squashed_backward;
  decltype(&polyak_average) update_target = polyak_average;
};

/// What may differ between agents that learn as SAC does: TQC has other critics.
struct SacVariant {
  std::string agent = "sac";  // the name of random streams and errors
  CriticShape critics;
  SacEquations equations;
};

/// What the policy is made of. Throws Error if the encoder does not fit the observations.
ContinuousPolicyOptions sac_policy_options(const SacConfig& config, const EnvSpec& spec,
                                           const SacVariant& variant = {});

/// Soft actor-critic with a learned entropy weight (Haarnoja et al. 2018b), for Box actions with both
/// bounds. docs/algorithms/sac.md explains each numbered detail. seed: of the run; all streams derive
/// from it. Throws Error for other action spaces and for options that do not fit each other.
std::unique_ptr<Agent> make_sac(const SacConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const SacVariant& variant = {});

}  // namespace tern
