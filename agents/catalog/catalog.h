#pragma once
// Which agents there are: the built-in ones (builtin_agents.h), then those that a program added.
// Std only, so that help and validation load no network library.

#include <string>
#include <vector>

#include "agents/config/agent_info.h"
#include "core/params.h"

namespace tern {

/// All agents, in the order in which they are listed.
const std::vector<AgentInfo>& agents();
std::vector<std::string> agent_names();

/// Adds an agent of a program's own. Throws Error if the name is taken. Not thread-safe.
void add_agent_info(AgentInfo info);

/// Throws Error with the nearest name for an unknown one.
const AgentInfo& find_agent(const std::string& name);

/// Throws Error unless the agent can learn in such a run: actions of a kind that it learns, and what
/// its own check demands. Names the agents that fit.
void check_demand(const AgentInfo& agent, const AgentDemand& demand);

/// What `run.<key>` may be; for `agent`, with its own defaults.
std::vector<ParamInfo> list_run_params(const AgentInfo* agent = nullptr);

}  // namespace tern
