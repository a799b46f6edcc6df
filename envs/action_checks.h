#pragma once
// What an action must be before an env is given it.

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

/// Whether `mask` allows the choice of every component. Always where it is empty (Box actions).
/// action: inside the space.
inline bool is_allowed(const ActionSpace& space, MaskRow mask, ActionRow action) {
  if (mask.empty()) return true;
  std::size_t first = 0;  // flag of the component
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (mask[first + static_cast<std::size_t>(action.discrete(i))] == 0) return false;
    first += space.options(i);
  }
  return true;
}

}  // namespace tern
