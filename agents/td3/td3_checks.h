#pragma once
// What agents with a deterministic actor demand of a run. Std only.

#include <string>

#include "agents/config/agent_info.h"
#include "agents/td3/td3_config.h"

namespace tern {

/// Throws Error unless the options fit each other, the run and the env. agent: "td3".
void check_deterministic_actor(const AgentDemand& demand, const std::string& agent,
                               const DeterministicActorConfig& config);

}  // namespace tern
