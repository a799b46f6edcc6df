#pragma once
// Uniformly random actions. Header-only and C++17.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/rng.h"
#include "core/space.h"
#include "core/views.h"

namespace tern {

/// Fills in an action: of each discrete component one of the choices that `mask` allows, each
/// equally likely (any choice if the mask is empty or allows none); of a Box a number in
/// [low, high), where an unbounded side counts as 10 beyond the other or beyond 0.
inline void random_action(const ActionSpace& space, MaskRow mask, Rng& rng,
                          MutableActionRow action) {
  constexpr double kFar = 10;
  std::size_t offset = 0;  // of the component's flags in the mask
  for (std::size_t i = 0; i < space.size(); ++i) {
    const ActionComponent& component = space.components()[i];
    if (space.is_box()) {
      double low = component.low, high = component.high;
      if (low == -kUnbounded) low = std::min(high, 0.0) - kFar;
      if (high == kUnbounded) high = std::max(low, 0.0) + kFar;
      action[i] = static_cast<float>(rng.uniform(low, high));
      continue;
    }
    const std::size_t options = component.options.size();
    std::uint32_t allowed = 0;
    if (!mask.empty()) {
      for (const std::uint8_t flag : mask.subrow(offset, options)) allowed += flag != 0 ? 1 : 0;
    }
    const bool is_free = allowed == 0;
    std::uint32_t choice = rng.below(is_free ? static_cast<std::uint32_t>(options) : allowed);
    if (!is_free) {
      // The allowed one that has `choice` others before it: as many options count no more than
      // that. Without a branch on the outcome, which nobody can predict.
      const std::uint32_t skipped = choice;
      std::uint32_t seen = 0;
      choice = 0;
      for (const std::uint8_t flag : mask.subrow(offset, options)) {
        seen += flag != 0 ? 1 : 0;
        choice += seen <= skipped ? 1 : 0;
      }
    }
    action.discrete(i) = static_cast<std::int32_t>(choice);
    offset += options;
  }
}

}  // namespace tern
