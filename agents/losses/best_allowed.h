#pragma once
// The best of the allowed actions, as targets of Q-learning see it.

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tern {

/// The first of the largest allowed values of a row; `num_actions` if nothing is allowed. A NaN is
/// the largest of all, so that it is noticed.
inline std::size_t best_allowed(const float* q, const std::uint8_t* mask, std::size_t num_actions) {
  std::size_t best = num_actions;
  for (std::size_t a = 0; a < num_actions; ++a) {
    if (!mask[a]) continue;
    if (best == num_actions || q[a] > q[best] || (std::isnan(q[a]) && !std::isnan(q[best])))
      best = a;
  }
  return best;
}

}  // namespace tern
