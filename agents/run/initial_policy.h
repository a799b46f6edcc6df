#pragma once
// A run that begins with the policy of another one: run.init_from. Std only.

#include "agents/config/run_config.h"
#include "agents/run/checkpoint.h"

namespace tern {

/// `config` with run.init_from, as the user wrote it ("pole@best"), made the folder's absolute path
/// and a step, and run.init_sha256 that of the policy; as it is where there is none. Throws Error
/// unless the policy fits the run: the same agent, the same networks, observations and actions. It
/// names both. Error, too, if a checksum that is there already is of another policy.
RunConfig with_initial_policy(RunConfig config);

/// Parameters and observation statistics to begin with, AgentState::policy: of a run that
/// with_initial_policy() has seen. Throws Error if they are gone or no longer the same.
Bytes read_initial_policy(const RunConfig& config);

}  // namespace tern
