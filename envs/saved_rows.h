#pragma once
// Checks of rows that were read from a file.

#include <string>

#include "core/state_io.h"
#include "envs/batch_views.h"
#include "envs/env.h"

namespace tern {

/// Throws Error::failure unless every flag is 0 or 1 and every component has a choice left.
inline void check_saved_masks(const ActionSpace& space, const MaskRows& masks) {
  for (std::size_t row = 0; row < masks.count(); ++row) {
    const MaskRow mask = masks[row];
    std::size_t first = 0;  // flag of the component
    for (std::size_t i = 0; first < mask.size(); ++i) {
      bool is_any_allowed = false;
      for (const std::size_t end = first + space.options(i); first < end; ++first) {
        check_saved(mask[first] <= 1, "a mask has the flag " + std::to_string(int{mask[first]}));
        is_any_allowed = is_any_allowed || mask[first] == 1;
      }
      check_saved(is_any_allowed, "a mask forbids every choice");
    }
  }
}

}  // namespace tern
