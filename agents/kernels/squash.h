#pragma once
// tanh and the log of its slope, for many numbers at once. Std only.

#include <cstddef>

namespace tern {

/// y[i] = tanh(u[i]), in [-1, 1], 3e-7 relative; log_slope[i] = log(1 - tanh(u[i])^2), computed as
///   2 (log 2 - |u| - log(1 + exp(-2 |u|))),
/// which neither overflows nor loses digits, however far out u is. NaN for NaN. Any size and
/// alignment; what becomes of a number does not depend on the others.
void squash_floats(const float* u, std::size_t size, float* y, float* log_slope);

}  // namespace tern
