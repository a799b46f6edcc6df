#pragma once
// log pi(a | s) and entropy of a chunk of rows, and their gradients, in closed form. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/kernels/dense_kernels.h"
#include "core/space.h"
#include "core/views.h"

namespace tern {

/// The distributions of ActionDistribution for rows of samples: categoricals over logits (masked
/// choices have probability 0), or a diagonal Gaussian whose log standard deviations are
/// parameters. Held to ActionDistribution::likelihood by tests. Acting and learning both use
/// forward, whose result for a row does not depend on the others: before the first gradient step
/// the probability ratio is exactly 1. Keeps its scratch: one object for each thread or chunk.
class LikelihoodRows {
 public:
  explicit LikelihoodRows(const ActionSpace& space);

  /// From now on forward with up to so many rows allocates nothing.
  void reserve(std::size_t rows);

  /// What was done in which row: row i is row index[i] of both arrays, or row i without an index.
  struct Taken {
    const void* actions = nullptr;        // [.., A] int32 or float32
    const std::uint8_t* masks = nullptr;  // [.., M]; null: everything is allowed
    const std::int32_t* index = nullptr;
  };

  /// outputs: [rows, M] logits or [rows, A] means; log_std: [A] for Box. Writes log_prob and
  /// entropy, [rows], nats.
  void forward(std::size_t rows, Rows<const float> outputs, Row<const float> log_std,
               const Taken& taken, float* log_prob, float* entropy);

  /// After forward on the same rows. For a loss with d loss / d log_prob_i as given and
  /// d loss / d entropy_i = entropy_gradient for every i: writes d loss / d outputs, and for Box
  /// adds d loss / d log_std to log_std_gradient, [A].
  void backward(const float* log_prob_gradient, float entropy_gradient,
                Rows<float> outputs_gradient, double* log_std_gradient);

 private:
  void categorical_forward(Rows<const float> outputs, const Taken& taken, float* log_prob,
                           float* entropy);
  void categorical_backward(const float* log_prob_gradient, float entropy_gradient,
                            Rows<float> outputs_gradient) const;

  ActionSpace space_;
  std::size_t rows_ = 0, stride_ = 0;  // of the last forward
  // Rows run along the memory: choice or component j of row r at j * stride_ + r.
  std::vector<float> log_p_, p_;  // categorical: of each choice; Gaussian: (a - mu) / sigma in p_
  std::vector<float> entropy_;    // of each categorical component
  std::vector<std::int32_t> choices_;  // of each component
  std::vector<float> inverse_sigma_;   // of each component
};

}  // namespace tern
