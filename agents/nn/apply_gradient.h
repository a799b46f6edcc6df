#pragma once
// The one place where an agent's gradient becomes a step.

#include <cmath>

#include "agents/kernels/optimizer.h"
#include "core/views.h"

namespace tern {

/// Scales the gradient down to `max_norm` (0: never; one norm over all parameters) and takes the
/// optimiser's step. Returns the norm before scaling; where that is not finite no step is taken, so
/// that the parameters stay as they were for a report. Processes that learn together sum their
/// gradients here, before the norm.
inline double apply_gradient(Optimizer& optimizer, Row<float> parameters, Row<float> gradients,
                             double learning_rate, double max_norm) {
  const double norm = gradient_norm(gradients);
  if (std::isfinite(norm)) {
    optimizer.step(parameters, gradients, learning_rate, clip_scale(norm, max_norm));
  }
  return norm;
}

}  // namespace tern
