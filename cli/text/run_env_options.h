#pragma once
// The options of commands that load the env of a run: where its plugin lies, whether it may run.

#include <vector>

#include "agents/run/run_env.h"
#include "cli/text/command.h"

namespace tern::cli {

/// --env and --trust.
std::vector<Option> run_env_options();

/// What they say. command: for messages, "eval".
RunEnvWords run_env_words(const Args& args, const std::string& command);

/// find_run_env() with these words; warns on standard error if the plugin has changed since the
/// checkpoint was saved.
const EnvEntry& find_checked_env(const RunRef& run, const Manifest& manifest,
                                 const RunEnvWords& words);

}  // namespace tern::cli
