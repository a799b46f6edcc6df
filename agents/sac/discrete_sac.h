#pragma once
// Soft actor-critic for Discrete actions.

#include <cstdint>
#include <memory>

#include "agents/algorithm/agent.h"
#include "agents/kernels/optimizer.h"
#include "agents/losses/discrete_soft_q_closed_form.h"
#include "agents/policy/discrete_policy.h"
#include "agents/sac/sac_config.h"

namespace tern {

/// The equations that discrete SAC is made of, for tests that break them.
struct DiscreteSacEquations {
  decltype(&discrete_soft_target_closed_form) target = discrete_soft_target_closed_form;
  decltype(&discrete_critic_error_closed_form) critic_error = discrete_critic_error_closed_form;
  decltype(&discrete_actor_closed_form) actor = discrete_actor_closed_form;
  decltype(&polyak_average) update_target = polyak_average;
};

/// SAC (Haarnoja et al. 2018b) with expectations over actions as sums (Christodoulou 2019), masks
/// honoured. docs/algorithms/sac.md explains it. seed: of the run; all streams derive from it. Throws
/// Error for other action spaces and for options that do not fit each other.
std::unique_ptr<Agent> make_discrete_sac(const SacConfig& config, const EnvSpec& spec,
                                         std::size_t num_envs, std::uint64_t seed,
                                         const DiscreteSacEquations& equations = {});

}  // namespace tern
