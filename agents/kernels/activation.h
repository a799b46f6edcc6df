#pragma once
// The activations of layers and their derivatives, on rows of floats. Std only.

#include <cstddef>
#include <cstdint>
#include <string>

namespace tern {

/// A row-major matrix in memory of the caller's; row r starts at data + r * stride.
template <class T>
struct Rows {
  T* data = nullptr;
  std::size_t stride = 0;
  operator Rows<const T>() const { return {data, stride}; }
};

///   tanh(x);  relu: max(x, 0);  elu: x, or exp(x) - 1 below 0 (Clevert et al. 2016);
///   silu: x / (1 + exp(-x)) (Elfwing et al. 2018)
enum class Activation : std::uint8_t { kIdentity, kTanh, kRelu, kElu, kSilu };

/// Of "tanh", "relu", "elu", "silu". Throws Error for other names.
Activation activation_of(const std::string& name);

/// The derivative of f is a function of its outputs, but not silu's: two arguments give one output.
/// Where it is needed, silu's slopes f'(x) are kept beside the outputs.
constexpr bool needs_slopes(Activation f) { return f == Activation::kSilu; }

/// y[r, j] = f(y[r, j]) for columns up to the next multiple of 16, of which the padding stays zero.
/// Also writes the slopes of an f that needs them, unless their data is null.
void activate_rows(Activation f, std::size_t rows, std::size_t columns, Rows<float> y,
                   Rows<float> slopes);

}  // namespace tern
