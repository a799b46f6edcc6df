#pragma once
// What agents that learn as SAC does demand of a run. Std only.

#include "agents/config/agent_info.h"
#include "agents/sac/sac_config.h"

namespace tern {

/// Throws Error unless the options fit each other, the run and the env's observations; what actions
/// there must be, each agent says.
void check_soft_actor(const AgentDemand& demand, const SacConfig& config);

}  // namespace tern
