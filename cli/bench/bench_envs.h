#pragma once
// tern bench envs: how fast envs step.

#include "cli/text/command.h"

namespace tern::cli {

/// Prints, or with --json: {"simd","load_average","envs":[{"id","threads","steps_per_second",
/// "steps_per_cpu_second" (one thread only),"num_envs","draws_actions"}]}.
ExitCode bench_envs(const Args& args);

}  // namespace tern::cli
