#pragma once
// Exponentials and log-softmax of many rows at once. Std only.

#include <cstddef>

namespace tern {

/// out[i] = exp(x[i]), about one float ulp; may be done in place. Any size and alignment.
void exp_floats(const float* x, std::size_t size, float* out);

/// Log-softmax of many categoricals with their rows side by side: choice j of row r stands at
/// x[j * stride + r]. In place; works on whole vectors of rows, so `stride` is padded (to 16) and
/// at least `rows`. A row's result does not depend on the others.
void log_softmax_columns(float* x, std::size_t choices, std::size_t stride, std::size_t rows);

}  // namespace tern
