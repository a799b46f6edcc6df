#pragma once
// Whether an env can be given an action. Header-only and C++17.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/error.h"
#include "core/params.h"
#include "envs/env.h"

namespace tern {

/// Throws Error unless `action` is one the env can be given.
inline void check_action(const EnvSpec& spec, ActionRow action) {
  const ActionSpace& space = spec.action;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space.is_box()) {
      if (std::isfinite(action[i])) continue;
      throw Error(spec.id + ": action component " + std::to_string(i) + " ('" +
                  space.components()[i].name + "') is " + format_number(action[i]) +
                  "; expected a finite number");
    }
    const std::int32_t choice = action.discrete(i);
    if (choice >= 0 && static_cast<std::size_t>(choice) < space.options(i)) continue;
    throw Error(spec.id + ": action " + std::to_string(choice) + " is outside the space; expected 0 to " +
                std::to_string(space.options(i) - 1));
  }
}

}  // namespace tern
