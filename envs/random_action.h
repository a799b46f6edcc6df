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
    std::uint32_t left = rng.below(is_free ? static_cast<std::uint32_t>(options) : allowed);
    std::size_t choice = 0;
    while (!is_free && (mask[offset + choice] == 0 || left > 0)) {
      if (mask[offset + choice] != 0) --left;
      ++choice;
    }
    action.discrete(i) = static_cast<std::int32_t>(is_free ? left : choice);
    offset += options;
  }
}

}  // namespace tern
