#pragma once
// What a replay buffer keeps of each step, and how much. Std only.

#include <cstddef>
#include <string>

#include "envs/env.h"

namespace tern {

struct ReplaySchema {
  std::size_t capacity = 0;   // transitions over all envs; a multiple of num_envs is kept
  std::size_t num_envs = 1;   // envs that are written, each into slots of its own
  bool keeps_episodes = false;    // number of the episode and of the step in it, for each transition
  std::size_t state_size = 0;     // floats of a recurrent policy's state, kept for each transition
  std::string file = {};          // a free path where the storage lies, mapped; "": in memory
};

/// Bytes that one transition takes, in memory and on disk: an observation (of a stack, one frame), an action, a mask (where
/// the env has masks) and 10 bytes of reward and of beginnings and ends of episodes; 12 more where
/// those are counted; the state. What an episode ended with is kept besides.
std::size_t transition_bytes(const EnvSpec& spec, const ReplaySchema& schema);

/// Steps kept of each env: capacity / num_envs.
std::size_t steps_of_each_env(const ReplaySchema& schema);

/// Throws Error unless the buffer can be: a capacity of 1 to 2^32 - 1 that holds a step of all envs,
/// and so much memory (or disk, with a file); says how much it needs and how much there is. A file must
/// not be there yet.
void check_replay_schema(const EnvSpec& spec, const ReplaySchema& schema);

}  // namespace tern
