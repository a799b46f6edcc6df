#pragma once
// A run's configuration from the words of a command line.

#include <cstddef>
#include <string>
#include <vector>

#include "agents/run/resolve_config.h"

namespace tern {

/// "key=value" words as the command line gives them.
inline std::vector<ParamValue> assignments(const std::vector<std::string>& words) {
  std::vector<ParamValue> values;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    values.push_back({word.substr(0, equals), word.substr(equals + 1), "command line"});
  }
  return values;
}

inline RunConfig resolve(const std::string& agent, const std::string& env,
                  const std::vector<std::string>& words = {}) {
  return resolve_run_config(config_from_words({agent, env}), assignments(words));
}

}  // namespace tern
