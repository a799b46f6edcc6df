#pragma once
// The envs that a run trains on.

#include "agents/config/run_config.h"
#include "envs/vector/vec_env.h"

namespace tern {

/// How many, on which threads, with which seed and levels. Envs of a plugin are watched.
VecEnvOptions training_envs(const RunConfig& config);

}  // namespace tern
