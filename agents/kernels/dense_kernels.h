#pragma once
// The arithmetic of dense layers on rows of floats, vectorised. Std only.

#include <cstddef>

#include "agents/kernels/activation.h"

namespace tern {

/// Matrices inside the kernels have rows of this many floats or a multiple of it, so that whole
/// vectors can be read and written. What lies between the columns and the end of a row is zero.
inline constexpr std::size_t kRowMultiple = 16;
constexpr std::size_t padded(std::size_t columns) {
  return (columns + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
}
/// A flat buffer of parameters or gradients needs this many floats more than it uses: narrow SIMD
/// levels read and write back whole vectors at its end.
inline constexpr std::size_t kBufferSlack = 16;

/// Fewer outputs than this are computed as dot products along the inputs, from transposed weights.
inline constexpr std::size_t kNarrow = 8;

/// One layer: y = f(x W + b). weights: [inputs, outputs] without padding, bias: [outputs].
struct DenseLayer {
  std::size_t inputs = 0, outputs = 0;
  Activation activation = Activation::kIdentity;
  const float* weights = nullptr;
  const float* bias = nullptr;
  const float* transposed = nullptr;  // [outputs, padded(inputs)], of transpose_weights
  bool is_narrow() const { return outputs < kNarrow; }
};

/// y[r] = f(x[r] W + b) for each of `rows` rows. Every row is computed in the same order whatever
/// their number, so that a batch gives the bits that its rows give one by one. Narrow layers need
/// `transposed`. Strides are padded; y's padding is written as zero. An activation that needs_slopes
/// writes them to `slopes`, a matrix like y, unless its data is null.
void dense_forward(const DenseLayer& layer, std::size_t rows, Rows<const float> x, Rows<float> y,
                   Rows<float> slopes = {});

/// dx[r] = (dy[r] W^T) f'(..), where x = f(..) are the outputs of the layer before, with its
/// activation `f`; where f needs_slopes, x are those. Needs `transposed`.
void dense_backward_inputs(const DenseLayer& layer, std::size_t rows, Rows<const float> dy,
                           Activation f, Rows<const float> x, Rows<float> dx);

/// dy[r, j] *= f'(..), from y = f(..), or from the slopes where f needs_slopes; for columns up to the next
/// multiple of kRowMultiple.
void times_derivative(Activation f, std::size_t rows, std::size_t columns, Rows<const float> y,
                      Rows<float> dy);

/// dW = x^T dy and db = sum of dy's rows; added to what is there, or written over it. dW: [inputs,
/// outputs] without padding. scratch: [padded(inputs) * kNarrow] floats.
void dense_backward_weights(const DenseLayer& layer, std::size_t rows, Rows<const float> x,
                            Rows<const float> dy, bool add, float* dweights, float* dbias,
                            float* scratch);

/// out[j, i] = weights[i, j], [outputs, padded(inputs)] with zeros in the padding.
void transpose_weights(const float* weights, std::size_t inputs, std::size_t outputs, float* out);

/// out[i] += a[i]; for partial gradients.
void add_floats(const float* a, std::size_t size, float* out);

/// out[i] = tanh(x[i]) as the layers compute it: 3e-7 relative. Any size and alignment.
void tanh_floats(const float* x, std::size_t size, float* out);

}  // namespace tern
