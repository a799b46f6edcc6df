#pragma once
// Makes an agent or loads a policy as a configuration says, and adds agents to the table.

#include <memory>
#include <string>

#include "agents/algorithm/agent_maker.h"
#include "agents/config/agent_info.h"

namespace tern {

/// A new agent for envs of `spec`. Throws Error for an unknown agent or a bad hyper-parameter.
std::unique_ptr<Agent> make_agent(const RunConfig& config, const EnvSpec& spec);

/// The policy stored in a checkpoint: `state` is AgentState::policy.
std::unique_ptr<Policy> load_policy(const RunConfig& config, const EnvSpec& spec,
                                    Row<const std::uint8_t> state);

/// Adds an agent of a program's own to the table: from then on every command, run and evaluation
/// knows it. Throws Error if the name is taken. Call it before anything else of Tern's; not
/// thread-safe.
void add_agent(AgentInfo info, AgentMaker maker);

}  // namespace tern
