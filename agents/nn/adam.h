#pragma once
// Adam over a flat parameter buffer.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/state_io.h"

namespace tern {

/// Scales `gradients` ([P]) down so that their Euclidean norm is at most `max_norm`; 0: never.
/// Returns the norm before scaling. Pascanu et al. 2013.
double clip_gradient_norm(at::Tensor& gradients, double max_norm);

/// Adam (Kingma and Ba 2015, algorithm 1), state in two flat buffers:
///   m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g^2,
///   p -= lr * (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon)
class Adam {
 public:
  Adam(std::int64_t size, double epsilon, double beta1 = 0.9, double beta2 = 0.999);

  /// One step; parameters and gradients: [P] float32, contiguous.
  void step(at::Tensor& parameters, const at::Tensor& gradients, double learning_rate);

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  double epsilon_, beta1_, beta2_;
  std::int64_t steps_ = 0;
  std::vector<float> mean_, variance_;
};

/// target = (1 - tau) target + tau online, both [P] (Polyak averaging).
void polyak_update(at::Tensor& target, const at::Tensor& online, double tau);

}  // namespace tern
