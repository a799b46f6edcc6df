#pragma once
// Converts Box actions between units of their range, [-1, 1], and the env's bounds. Std only.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "core/space.h"
#include "core/views.h"

namespace tern {

/// A policy's numbers are in units of the range of a Box component, so that -1 and 1 are its bounds
/// wherever they lie and however wide they are:
///   a = middle + half_range u,   middle = (low + high) / 2,   half_range = (high - low) / 2
/// A component that lacks a bound keeps the env's units: middle 0, half_range 1. Choices have none.
class ActionUnits {
 public:
  explicit ActionUnits(const ActionSpace& space) {
    for (std::size_t i = 0; space.is_box() && i < space.size(); ++i) {
      const double low = space.components()[i].low, high = space.components()[i].high;
      const bool is_bounded = std::isfinite(low) && std::isfinite(high);
      scales_.push_back({is_bounded ? 0.5 * low + 0.5 * high : 0.0,
                         is_bounded ? 0.5 * high - 0.5 * low : 1.0, static_cast<float>(low),
                         static_cast<float>(high)});
    }
  }

  double to_env(std::size_t i, double u) const { return scales_[i].middle + scales_[i].half_range * u; }
  double half_range(std::size_t i) const { return scales_[i].half_range; }

  /// What the env is handed: each Box component in its units, clamped to its bounds. Choices stay.
  void to_env(MutableActionRow action) const {
    for (std::size_t i = 0; i < scales_.size(); ++i) {
      action[i] = std::clamp(static_cast<float>(to_env(i, action[i])), scales_[i].low, scales_[i].high);
    }
  }

  /// The other way: each Box component, clamped to its bounds, in the policy's units.
  void to_policy(MutableActionRow action) const {
    for (std::size_t i = 0; i < scales_.size(); ++i) {
      const Scale& scale = scales_[i];
      const double u = std::clamp(action[i], scale.low, scale.high) - scale.middle;
      action[i] = scale.half_range > 0 ? static_cast<float>(u / scale.half_range) : 0.0f;
    }
  }

 private:
  struct Scale {
    double middle, half_range;
    float low, high;
  };
  std::vector<Scale> scales_;  // of each Box component
};

}  // namespace tern
