#pragma once
// ENV and the key=value words beside it, as every command that takes an env reads them.

#include <string>
#include <vector>

#include "envs/registry/registry.h"

namespace tern::cli {

/// An env as the command line names it.
struct ChosenEnv {
  const EnvEntry* entry = nullptr;
  ParamValues params;  // without "env."
  EnvSpec spec;        // with those parameters
};

/// Throws Error for an unknown env or key (nearest names) and a value that does not fit.
ChosenEnv choose_env(const std::string& word, const std::vector<ParamValue>& assignments);

}  // namespace tern::cli
