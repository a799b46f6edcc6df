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

/// What `run.<key>` may be; for `agent`, with its own defaults.
std::vector<ParamInfo> list_run_params(const AgentInfo* agent = nullptr);

}  // namespace tern
