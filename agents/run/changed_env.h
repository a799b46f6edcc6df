#pragma once
// The env of a run with some of its keys changed: how does the policy do where gravity is stronger?
// Std only.

#include <string>
#include <vector>

#include "agents/run/manifest.h"
#include "envs/env_entry.h"

namespace tern {

/// A key whose value is not the one that the policy was trained with.
struct EnvChange {
  std::string key;      // "gravity", a parameter of the env or of a wrapper around it
  std::string trained;  // as the run has it
  std::string changed;
};

/// An env like the one of a run.
struct ChangedEnv {
  ParamValues params;              // the run's, with the changes
  EnvSpec spec;                    // with these
  std::vector<EnvChange> changes;  // what differs; in the order of the keys
};

/// Puts `assignments` ("env.gravity=15", or without "env.") over the env parameters of a run. run:
/// its folder, for messages. entry: of find_run_env(). Throws Error for a key that the env and its
/// wrappers do not have, a value that does not fit, and a key that changes observations or actions:
/// it names both.
ChangedEnv change_run_env(const std::string& run, const Manifest& manifest, const EnvEntry& entry,
                          const std::vector<ParamValue>& assignments);

/// How observations and actions of two envs differ, "  was  ..", "  is   ..", a line each; "" if a
/// policy of one can play the other.
std::string space_differences(const EnvSpec& was, const EnvSpec& is);

}  // namespace tern
