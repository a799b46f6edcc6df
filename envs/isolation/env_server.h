#pragma once
// The child's side of envs in processes: makes them and answers what the parent asks of them.

#include "envs/env_entry.h"
#include "envs/isolation/env_process.h"

namespace tern {

/// Answers requests (requests.h) with envs that `entry` makes.
AnswerRequest serve_envs(const EnvEntry& entry);

}  // namespace tern
