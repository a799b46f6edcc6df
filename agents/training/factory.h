#pragma once
// From a configuration to an agent or a policy.

#include <memory>

#include "agents/run/run_config.h"
#include "agents/training/agent.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

/// A new agent for envs of `spec`. Throws Error for an unknown agent or a bad hyper-parameter.
std::unique_ptr<Agent> make_agent(const RunConfig& config, const EnvSpec& spec);

/// The policy stored in a checkpoint: `state` is AgentState::policy.
std::unique_ptr<Policy> load_policy(const RunConfig& config, const EnvSpec& spec,
                                    Row<const std::uint8_t> state);

}  // namespace tern
