#pragma once
// Batch normalisation of columns of floats and its gradient. Std only.

#include <cstddef>

#include "agents/kernels/activation.h"

namespace tern {

/// What is under the root beside the variance; that of CrossQ's authors.
inline constexpr float kBatchNormEpsilon = 1e-3f;

// In all of these `columns` is a multiple of kRowMultiple, as strides are, and arrays have a number for
// each; what lies in a matrix's padding stays zero where scale and shift are zero there.

/// mean[j] = sum_r x[r, j] / R,   variance[j] = sum_r (x[r, j] - mean[j])^2 / R,   of R >= 1 rows
void column_moments(std::size_t rows, std::size_t columns, Rows<const float> x, float* mean,
                    float* variance);

/// y[r, j] = scale[j] (x[r, j] - mean[j]) + shift[j]
void normalize_columns(std::size_t rows, std::size_t columns, Rows<const float> x,
                       const float* mean, const float* scale, const float* shift, Rows<float> y);

/// The gradient of y = scale n + shift, n = (x - mean) inverse_deviation, through mean and deviation, both
/// those of the R rows (Ioffe and Szegedy 2015): turns dy into
///   dx = scale (dy - mean of dy - n mean of (dy n)),   scale: that of normalize_columns
/// and writes sum_dy[j] = sum_r dy and sum_dy_n[j] = sum_r dy n.
void batch_norm_backward(std::size_t rows, std::size_t columns, Rows<const float> x,
                         const float* mean, const float* inverse_deviation, const float* scale,
                         Rows<float> dy, float* sum_dy, float* sum_dy_n);

/// x[r, j] = scale[j] x[r, j]: the gradient where mean and deviation are constants.
void scale_columns(std::size_t rows, std::size_t columns, const float* scale, Rows<float> x);

}  // namespace tern
