#pragma once
// Deep Q-learning.

#include <cstdint>
#include <memory>

#include "agents/agent.h"
#include "agents/dqn/dqn_config.h"

namespace tern {

/// Deep Q-learning with experience replay and a target network (Mnih et al. 2015), for Discrete
/// actions. docs/algorithms/dqn.md explains each numbered detail. seed: of the run; all streams
/// derive from it. Throws Error for other action spaces and for options that do not fit each other.
std::unique_ptr<Agent> make_dqn(const DqnConfig& config, const EnvSpec& spec,
                                std::size_t num_envs, std::uint64_t seed);

/// The policy of a checkpoint, without the rest: `state` is AgentState::policy.
std::unique_ptr<Policy> load_dqn_policy(const DqnConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state);

}  // namespace tern
