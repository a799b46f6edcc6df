#pragma once
// What the policy of a run acts on. Std only.

#include <string>

#include "agents/config/run_config.h"
#include "agents/run/manifest.h"
#include "agents/run/run_env.h"
#include "agents/run/run_ref.h"
#include "core/policy_spec.h"
#include "envs/env.h"
#include "envs/env_entry.h"

namespace tern {

/// spec: as configured_spec() gives it for config.env.
PolicySpec policy_spec(const EnvSpec& spec, const RunConfig& config);

/// The spec of the env that a checkpoint was trained on: the one that is stored with it, without
/// the env or its plugin; of older runs that of the env, which find_run_env() loads, with its
/// errors.
EnvSpec trained_spec(const RunRef& run, const Manifest& manifest);

/// The env of a run and what it was made with, for programs that let its policy play there.
struct RunEnv {
  const EnvEntry* entry = nullptr;
  ParamValues params;
};
/// run: as tern takes it, "pole" or "runs/pole@best". words: about its plugin, as find_run_env().
/// Throws Error.
RunEnv open_run_env(const std::string& run, const RunEnvWords& words = {});

/// Throws Error::failure unless a saved policy of so many bytes may be one for `spec`: each number
/// that it reads has numbers of its own there, so that a spec cannot ask for more memory than a
/// file has.
void check_policy_bytes(const EnvSpec& spec, std::size_t bytes, const std::string& run);

}  // namespace tern
