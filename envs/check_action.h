#pragma once
// Whether an env can be given an action.

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "envs/env.h"

namespace tern {

/// Throws Error that says why component i of `action` is none the env can be given.
[[noreturn]] void refuse_action(const EnvSpec& spec, ActionRow action, std::size_t i);

/// Throws Error unless `action` is one the env can be given.
inline void check_action(const EnvSpec& spec, ActionRow action) {
  const ActionSpace& space = spec.action;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space.is_box()) {
      if (!std::isfinite(action[i])) refuse_action(spec, action, i);
      continue;
    }
    const std::int32_t choice = action.discrete(i);
    if (choice < 0 || static_cast<std::size_t>(choice) >= space.options(i)) {
      refuse_action(spec, action, i);
    }
  }
}

}  // namespace tern
