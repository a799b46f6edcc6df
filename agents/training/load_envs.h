#pragma once
// Brings the envs of a run to where they were saved.

#include <string>

#include "agents/algorithm/agent.h"
#include "core/state_io.h"
#include "envs/vector/vec_env.h"

namespace tern {

/// Reads what VecEnv::save wrote. has_changed: the envs' plugin is another one than then; episodes
/// whose state its envs refuse begin anew, in the agent, which has been loaded, too. Returns a sentence
/// that says so, "" where everything goes on exactly.
std::string load_envs(VecEnv& envs, Agent& agent, StateReader& in, bool has_changed);

}  // namespace tern
