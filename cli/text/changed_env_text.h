#pragma once
// What a command says of an env that differs from the one a policy was trained in.

#include <string>
#include <vector>

#include "agents/run/changed_env.h"

namespace tern::cli {

/// "env.gravity is 15 (trained with 9.8), env.sticky_actions is 0.25 (trained with 0)"; of none: a
/// sentence that says so.
inline std::string changes_text(const std::vector<EnvChange>& changes) {
  std::string text;
  for (const EnvChange& change : changes) {
    text += (text.empty() ? "" : ", ") + ("env." + change.key) + " is " + change.changed +
            " (trained with " + change.trained + ")";
  }
  return text.empty() ? "the env's keys are all as in training" : text;
}

}  // namespace tern::cli
