#pragma once
// tern bench replay: how fast transitions go into the replay buffer and batches come out.

#include "cli/text/command.h"

namespace tern::cli {

/// Prints, or with --json: {"env","capacity","batch_size","bytes_per_transition",
/// "adds_per_second","samples_per_second"}, both in transitions.
ExitCode bench_replay(const Args& args);

}  // namespace tern::cli
