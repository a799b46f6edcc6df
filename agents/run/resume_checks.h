#pragma once
// Whether a run can go on from a checkpoint with the configuration and the plugin that are there
// now.

#include <string>

#include "agents/config/run_config.h"
#include "agents/run/manifest.h"

namespace tern {

/// Throws Error::failure if the env is not the one that the checkpoint was trained on, or if its
/// configuration has been edited since. Returns how its plugin has changed, where that is accepted;
/// "" for none. The env must have been found (find_run_env).
std::string check_same_run(const Manifest& manifest, const RunConfig& config,
                           const std::string& run, bool accept_changed);

}  // namespace tern
