#pragma once
// Layer normalisation of rows of floats and its gradients. Std only.

#include <cstddef>

#include "agents/kernels/activation.h"

namespace tern {

/// What is under the root beside the variance; LibTorch's.
inline constexpr float kLayerNormEpsilon = 1e-5f;

/// For each row x of C columns (Ba, Kiros and Hinton 2016, Eq. 4):
///   n = (x - mean) / sqrt(variance + 1e-5),   y = gain n + shift
/// where mean and (population) variance are those of the row. Overwrites x with n, which backward
/// needs, and writes 1 / sqrt(..) to inverse_deviation, [rows]. gain, shift: [C], with kBufferSlack
/// floats behind them that may be read. Strides are padded, x's padding is zero, y's will be.
void layer_norm_forward(std::size_t rows, std::size_t columns, const float* gain,
                        const float* shift, Rows<float> x, float* inverse_deviation, Rows<float> y);

/// From n and 1 / sqrt(..) of forward: turns dy into dx in place; its padding must be zero. dgain =
/// sum of dy n, dshift = sum of dy, [C]; added to what is there, or written over it. Null: not these
/// two.
void layer_norm_backward(std::size_t rows, std::size_t columns, const float* gain,
                         Rows<const float> n, const float* inverse_deviation, bool add,
                         Rows<float> dy, float* dgain, float* dshift);

}  // namespace tern
