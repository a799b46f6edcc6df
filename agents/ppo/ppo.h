#pragma once
// Proximal policy optimisation.

#include <cstdint>
#include <memory>

#include "agents/algorithm/agent.h"
#include "agents/losses/advantage_closed_form.h"
#include "agents/nn/network.h"
#include "agents/ppo/ppo_config.h"
#include "agents/ppo/ppo_loss.h"

namespace tern {

/// The equations that PPO is made of. A test puts a wrong one in place of a right one and sees the
/// learning tests fail, or another network and sees it learn alike. The loss is called for chunks of
/// a minibatch, on several threads at once.
struct PpoEquations {
  decltype(&generalized_advantage_closed_form) advantages = generalized_advantage_closed_form;
  PpoLoss loss = ppo_loss<>;
  NetworkMaker network = make_network;
};

/// PPO with a clipped surrogate (Schulman et al. 2017) for Discrete, MultiDiscrete and Box actions.
/// docs/algorithms/ppo.md explains each numbered detail. seed: of the run; all streams derive from
/// it. Throws Error for options that do not fit each other.
std::unique_ptr<Agent> make_ppo(const PpoConfig& config, const EnvSpec& spec,
                                std::size_t num_envs, std::uint64_t seed,
                                const PpoEquations& equations = {});

}  // namespace tern
