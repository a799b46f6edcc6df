#pragma once
// What agents that learn as SAC does demand of a run. Std only.

#include <string>

#include "agents/config/agent_info.h"
#include "agents/sac/sac_config.h"

namespace tern {

/// Throws Error unless the options fit each other, the run and the env. agent: "sac".
void check_soft_actor(const AgentDemand& demand, const std::string& agent, const SacConfig& config);

}  // namespace tern
