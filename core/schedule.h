#pragma once
// A hyper-parameter that may change over training. Header-only and C++17.

#include <algorithm>
#include <cstdint>

namespace tern {

/// Linear from `start` to `end` over the first `steps` environment steps, constant after that.
/// steps == 0: over the whole run. Written `3e-4` (constant), `lin_3e-4` (to 0 over the run) or
/// `{start: 1, end: 0.05, steps: 10000}`.
struct Schedule {
  double start = 0;
  double end = 0;
  std::int64_t steps = 0;

  static Schedule constant(double value) { return {value, value, 0}; }
  static Schedule linear(double value) { return {value, 0.0, 0}; }

  /// The value after `step` of `total_steps` environment steps.
  double at(std::int64_t step, std::int64_t total_steps) const {
    const std::int64_t span = steps > 0 ? steps : total_steps;
    if (start == end || span <= 0) return start;
    const double fraction = std::min(1.0, static_cast<double>(step) / static_cast<double>(span));
    return start + (end - start) * fraction;
  }
  bool is_constant() const { return start == end; }
};

}  // namespace tern
