#pragma once
// Hash of all that a batch of envs writes in some random steps: equal hashes, equal bits.

#include <cstdint>

#include "envs/vector/vec_env.h"

namespace tern {

/// Resets and steps the envs with random allowed actions (each env's own, from options.seed) and
/// hashes all that they write: observations, masks, rewards, flags, and what episodes ended with.
/// It must depend neither on options.threads nor on where the env was compiled.
std::uint64_t rollout_hash(const EnvEntry& entry, const ParamValues& params,
                           const VecEnvOptions& options, int steps);

/// The same for envs that are already running (or were just reset or loaded): continues from
/// `buffers`, which holds what they wrote last, with actions from `action_rngs`, one for each env.
std::uint64_t rollout_hash(VecEnv& envs, StepBuffers& buffers, std::vector<Rng>& action_rngs,
                           int steps);

}  // namespace tern
