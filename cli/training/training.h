#pragma once
// What `tern train` and `tern resume` share: progress, Ctrl-C, the report at the end.

#include <cstdint>
#include <functional>
#include <string>

#include "agents/api.h"
#include "cli/text/command.h"

namespace tern::cli {

/// Trains, calling the hooks.
using TrainingWork = std::function<TrainResult(const TrainHooks&)>;

/// Calls `work` with hooks that show progress and heed Ctrl-C, then prints how it ended: with --json
/// one document, otherwise a few lines for a person, who is told how to go on.
ExitCode run_training(const Args& args, std::int64_t total_steps, const TrainingWork& work);

}  // namespace tern::cli
