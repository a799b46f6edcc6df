#pragma once
// Reading mask rows. Header-only and C++17.

#include <cstddef>

#include "core/space.h"
#include "core/views.h"

namespace tern {

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
