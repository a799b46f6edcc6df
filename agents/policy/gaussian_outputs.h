#pragma once
// From what an actor's network gives to what SquashedGaussian reads. Std only.

#include <cstddef>
#include <vector>

#include "agents/nn/network.h"
#include "agents/policy/distributions/state_dependent_noise.h"
#include "core/views.h"

namespace tern {

/// Name of the free parameter log sigma_ij of state-dependent noise, [H, A].
inline constexpr const char* kLogSigma = "log_std";

/// A means and A log deviations of each row: the network's outputs themselves, or with
/// state-dependent noise (distributions/state_dependent_noise.h) its means and what follows from its
/// hidden units. Keeps its scratch; copies share nothing.
class GaussianOutputs {
 public:
  /// has_sde: the network has the heads "mean", A, and "hidden", and the free parameter kLogSigma; else
  /// one head of 2 A.
  GaussianOutputs(const Network& network, std::size_t components, bool has_sde);

  bool has_sde() const { return noise_.size() > 0; }
  const StateDependentNoise& noise() const { return noise_; }
  Row<const float> log_sigma(const Network& network) const {
    return network.parameter_row().subrow(log_sigma_begin_, noise_.size());
  }

  /// outputs: of the network. Returns [rows, 2 A], valid until the next call.
  Rows<const float> forward(const Network& network, std::size_t rows, Rows<const float> outputs);
  /// After forward of the same: takes d loss / d what it returned, [rows, 2 A]; writes d loss / d
  /// outputs and adds to the network's gradient of kLogSigma.
  void backward(Network& network, std::size_t rows, Rows<const float> outputs,
                Rows<const float> gradient, Rows<float> output_gradient) const;
  /// From now on forward with up to so many rows allocates nothing.
  void reserve(std::size_t rows);

 private:
  std::size_t components_;
  StateDependentNoise noise_;
  std::size_t log_sigma_begin_ = 0;
  std::vector<float> rows_;  // [rows, 2 A]
};

}  // namespace tern
