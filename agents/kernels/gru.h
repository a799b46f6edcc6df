#pragma once
// A gated recurrent unit on flat buffers, step by step and through sequences. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/kernels/dense_kernels.h"
#include "agents/kernels/mlp_layout.h"
#include "core/rng.h"

namespace tern {

/// h' = GRU(x, h) (Cho et al. 2014; with the reset gate after the product, as LibTorch and cuDNN):
///   r = sigmoid(x Wxr + bxr + h Whr + bhr)          how much of h the candidate sees
///   z = sigmoid(x Wxz + bxz + h Whz + bhz)          how much of h stays
///   n = tanh(x Wxn + bxn + r (h Whn + bhn))         the candidate
///   h' = (1 - z) n + z h
struct GruSpec {
  int inputs = 0;
  int size = 0;  // of h, at least 3
};

/// "recurrent.input.weight" [inputs, 3 size] with columns r, z, n, its bias, and the same for the
/// state, "recurrent.state.weight" [size, 3 size].
std::vector<ParameterInfo> gru_layout(const GruSpec& spec);
/// Orthogonal weights of gain 1, biases 0.
void initialize_gru(const GruSpec& spec, Rng& rng, float* parameters);

/// Sequences of `steps` rows each: row s * steps + t is step t of sequence s. Buffers are dense.
struct GruSequences {
  std::size_t sequences = 0, steps = 0;
  std::size_t rows() const { return sequences * steps; }
};

/// Over parameters that somebody else owns. One thread at a time; after the first call of some size
/// nothing is allocated. A row's bits do not depend on the other rows.
class Gru {
 public:
  explicit Gru(const GruSpec& spec);

  /// Makes room; call before filling the two below.
  void reserve(const GruSequences& shape);
  /// Where forward() wants its inputs: each step's x and, for the first, h.
  float* x(const GruSequences& shape, std::size_t sequence, std::size_t t) {
    return x_.data() + (t * shape.sequences + sequence) * padded(inputs_);
  }
  float* first_state(std::size_t sequence) { return before_.data() + sequence * padded(size_); }
  /// states: [rows, size], h' of each step. resets: for each row whether h is 0 there, null: never
  /// (a first step has what first_state was given).
  void forward(const float* parameters, const GruSequences& shape, const std::uint8_t* resets,
               float* states);
  /// After forward(): through time, from d loss / d states, [rows, size], to d loss / d parameters,
  /// written over `gradients` [P + kBufferSlack], or null; to d loss / d x, a row for each of the
  /// sequences' rows; and to d loss / d h in a sequence's first row, 0 in the others. Matrices without
  /// data are left out.
  void backward(const float* parameters, const GruSequences& shape, const std::uint8_t* resets,
                const float* state_gradient, float* gradients, Rows<float> x_gradient = {},
                Rows<float> h_gradient = {});

 private:
  DenseLayer input_layer(const float* parameters) const;
  DenseLayer state_layer(const float* parameters) const;
  /// From the gradient of the gates to that of x.
  void backward_inputs(const float* parameters, const GruSequences& shape, Rows<float> x_gradient);
  /// Gates and h' of one row; `gates` holds what x gives and is overwritten by r, z, n.
  void advance(float* gates, const float* from_state, const float* h, float* next) const;

  std::size_t inputs_, size_;
  // [steps, sequences, padded], so that a step's rows lie together: x; what x gives, then r, z, n,
  // then their gradients; what h gives, then its gradient; h before each step.
  std::vector<float> x_, gates_, from_state_, before_;
  std::vector<float> carry_, through_, transposed_, scratch_;
  std::vector<float> x_transposed_, x_gradient_;  // only where the gradient of x is asked for
};

}  // namespace tern
