#pragma once
// The env of a run. A run may come from anybody and may name any file as its plugin: its code runs
// only where the user says so. Std only.

#include <string>
#include <vector>

#include "agents/run/manifest.h"
#include "agents/run/run_ref.h"
#include "envs/env_entry.h"

namespace tern {

/// What a user says of the plugin that a run names.
struct RunEnvWords {
  std::string command = "eval";  // that he gave, for the commands in messages
  std::string env = {};          // --env: where the plugin lies now; "": where the run says
  bool trust = false;            // --trust: load it, and from now on without being asked
};

/// Loads the env of a run and makes it what registry().find(config.env_id) gives. A plugin is
/// loaded where `words` say so, where this process has loaded it before, or where the user has
/// trusted it (envs/plugin_host/trusted_plugins.h); else, and if its file is gone, throws Error
/// that says which option to give. manifest: of the checkpoint that is meant; null: there is none
/// yet. It may say that the plugin was moved since the run began.
const EnvEntry& find_run_env(const std::string& run, const std::string& env_id,
                             const Manifest* manifest, const RunEnvWords& words = {});

/// The same for the checkpoint of a run.
const EnvEntry& find_run_env(const RunRef& run, const Manifest& manifest,
                             const RunEnvWords& words = {});

/// What an agent can tell of an env: fields, actions, limits, one a line.
std::vector<std::string> env_facts(const EnvSpec& spec);
/// Those of observations and actions alone.
std::vector<std::string> space_facts(const EnvSpec& spec);
/// "  was  .." of facts that are no more and "  is   .." of those that are new, a line each, some
/// of them; "" for none.
std::string fact_differences(const std::vector<std::string>& before,
                             const std::vector<std::string>& now);

/// "/p/libpig.so has changed since .. was saved: ..", with the facts that differ; "" if the plugin
/// is the one that the checkpoint was trained with. Throws Error::failure if it is another env.
std::string plugin_change(const std::string& run, const Manifest& manifest, const EnvEntry& entry);

}  // namespace tern
