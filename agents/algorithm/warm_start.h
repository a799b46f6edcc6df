#pragma once
// Begins training with a policy that another run has learned. Std only.

#include <cstdint>
#include <utility>
#include <vector>

#include "agents/algorithm/agent.h"

namespace tern {

/// Gives an agent that was not trained yet the parameters and observation statistics of a policy
/// saved by one made alike (AgentState::policy). Target networks become copies; optimiser, step
/// count, replay and random streams stay those of a new agent. Throws Error if it does not fit.
inline void start_from(Agent& agent, std::vector<std::uint8_t> policy) {
  AgentState state = agent.save();
  state.policy = std::move(policy);
  agent.load(state);
  agent.reset_targets();
}

}  // namespace tern
