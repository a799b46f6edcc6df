#pragma once
// Parameters of an env as a configuration would give them.

#include <string>
#include <utility>
#include <vector>

#include "envs/env_entry.h"

namespace tern {

/// Keys and values, {{"action_repeat", "2"}}.
using Setting = std::vector<std::pair<std::string, std::string>>;

/// All of them from line 3 of test.yaml.
inline ParamValues params(const Setting& setting) {
  ParamValues values;
  for (const auto& [key, text] : setting) values.push_back({key, text, "test.yaml:3"});
  return values;
}

}  // namespace tern
