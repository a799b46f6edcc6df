#pragma once
// A Gaussian squashed by tanh, as SAC samples from: log-probability and gradients in closed form.
// Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agents/kernels/dense_kernels.h"
#include "core/views.h"

namespace tern {

/// Independent components a = tanh(u), u = mu + sigma eps, eps ~ N(0, 1), in the policy's units: a is
/// in (-1, 1). A network gives a mean and a log deviation for each of A components; the latter is
/// clamped to [-20, 2], with gradient 0 outside.
///   log pi(a) = sum over components of log N(u; mu, sigma) - log(1 - tanh(u)^2)
///   log(1 - tanh(u)^2) = 2 (log 2 - |u| - log(1 + exp(-2 |u|)))
/// The second form of the Jacobian neither overflows nor loses digits, however far out u is.
/// Source: Haarnoja et al. 2018, "Soft Actor-Critic", appendix C. Samples are functions of the
/// outputs and of noise that the caller draws, so that a loss can be differentiated through them.
/// Keeps its scratch: one object for each thread or chunk.
class SquashedGaussian {
 public:
  static constexpr float kMinLogStd = -20, kMaxLogStd = 2;

  explicit SquashedGaussian(std::size_t components) : components_(components) {}

  std::size_t components() const { return components_; }
  /// Columns that the network must give: A means, then A log deviations.
  std::size_t num_outputs() const { return 2 * components_; }

  /// From now on forward with up to so many rows allocates nothing.
  void reserve(std::size_t rows);

  /// outputs: [rows, 2 A]; noise: eps, [rows, A]. Writes actions, [rows, A], and log_prob, [rows],
  /// nats. The result for a row does not depend on the others.
  void forward(std::size_t rows, Rows<const float> outputs, const float* noise, float* actions,
               float* log_prob);

  /// After forward on the same rows. For a loss with d loss / d log_prob_i, [rows], and
  /// d loss / d a_ij, [rows, A], as given, eps held fixed: writes d loss / d outputs, [rows, 2 A].
  ///   d log pi / d mu = 2 a,   d log pi / d log sigma = 2 a sigma eps - 1
  ///   d a / d mu = 1 - a^2,    d a / d log sigma = (1 - a^2) sigma eps
  void backward(const float* log_prob_gradient, const float* action_gradient,
                Rows<float> outputs_gradient) const;

  /// tanh of the mean: what is taken without noise. outputs: [2 A]; action: [A].
  void mode(Row<const float> outputs, Row<float> action) const;

 private:
  std::size_t components_, rows_ = 0;    // rows_: of the last forward
  std::vector<float> actions_, spread_;            // [rows, A]: a and sigma eps
  std::vector<float> sums_, log_std_, log_slope_;  // [rows, A]: u, log sigma, log(1 - a^2)
  std::vector<std::uint8_t> is_clamped_;  // [rows, A]: whether log sigma was
};

/// tanh of each, in place: actions of a deterministic policy.
void squash(Row<float> actions);

/// SquashedGaussian::backward, as a function: an equation that tests can replace.
inline void squashed_backward(const SquashedGaussian& sample, const float* log_prob_gradient,
                              const float* action_gradient, Rows<float> outputs_gradient) {
  sample.backward(log_prob_gradient, action_gradient, outputs_gradient);
}

/// Of one component a = tanh(u), u ~ N(mean, exp(log_std)^2): deviation of a, and entropy
///   H = H(u) + E[log(1 - tanh(u)^2)], nats,
/// both by the trapezoidal rule over 81 points within 5 sigma, good to 1e-5. log_std is clamped as by
/// SquashedGaussian.
struct SquashedMoments {
  double deviation = 0, entropy = 0;
};
SquashedMoments squashed_moments(double mean, double log_std);

}  // namespace tern
