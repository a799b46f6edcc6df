#pragma once
// Keeps the episode in which an env ended its process, so that it can be repeated.

#include <cstdint>
#include <string>

#include "agents/config/run_config.h"
#include "envs/isolation/isolated_envs.h"

namespace tern {

/// Writes <run>/env-ended-step-N.json: what happened, and the episode as 'tern rollout --actions'
/// takes it: {"message": .., "rng": [4 texts], "level": .., "actions": [..]}. Returns sentences for
/// a person: where it lies and the command that repeats it.
std::string write_ended_episode(const std::string& run, std::int64_t step, const RunConfig& config,
                                const EnvEnded& error);

}  // namespace tern
