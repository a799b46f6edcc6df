#pragma once
// What agents with a deterministic actor demand of a run. Std only.

#include "agents/config/agent_info.h"
#include "agents/td3/td3_config.h"

namespace tern {

/// Throws Error unless the options fit each other, the run and the env.
void check_deterministic_actor(const AgentDemand& demand, const DeterministicActorConfig& config);

}  // namespace tern
