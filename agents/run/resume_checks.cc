#include "agents/run/resume_checks.h"

#include <algorithm>

#include "agents/run/resolve_config.h"
#include "agents/run/run_env.h"
#include "agents/run/run_folder.h"
#include "core/error.h"
#include "core/shell_word.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

[[noreturn]] void refuse_edited(const Manifest& manifest, const std::string& run) {
  throw Error::failure(RunPaths(run).config + " was edited after the checkpoint at step " +
                       std::to_string(manifest.step) +
                       " was written; undo that, or start a new run from it");
}

}  // namespace

std::string check_same_run(const Manifest& manifest, const RunConfig& config,
                           const std::string& run, bool accept_changed) {
  // First: with another name, what follows would load a plugin that nobody has asked for.
  if (manifest.config.env_id != config.env_id) refuse_edited(manifest, run);
  const EnvEntry& entry = registry().find(config.env_id);
  const std::string change = plugin_change(run, manifest, entry);
  if (!change.empty() && !accept_changed) {
    throw Error::failure(change +
                         "\nIf its rules are others, build the old version again or start a "
                         "new run; if it was mended, go on with the new one: tern resume " +
                         shell_word(run) + " --accept-changed" +
                         (parse_plugin_name(manifest.plugin_path).path == entry.origin
                              ? ""
                              : " --env " + shell_word(entry.origin)));
  }
  RunConfig expected = with_newer_keys(manifest.config);
  std::vector<ParamValue> kept;
  for (const ParamValue& value : format_params(config.run)) {
    const auto& keys = resumable_keys();
    if (std::find(keys.begin(), keys.end(), value.key) != keys.end()) kept.push_back(value);
  }
  load_params(expected.run, kept, "run");
  // A run that was made longer since.
  expected.run.total_steps = std::max(expected.run.total_steps, config.run.total_steps);
  if (config_to_json(expected) != config_to_json(config)) refuse_edited(manifest, run);
  return change;
}

}  // namespace tern
