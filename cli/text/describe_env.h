#pragma once
// The part of `tern describe` that is about envs.

#include "cli/text/command.h"
#include "cli/text/env_words.h"

namespace tern::cli {

/// Prints the env's facts, or with --transitions its exact model, as text or with --json as JSON.
void describe_env(const ChosenEnv& env, const Args& args);

}  // namespace tern::cli
