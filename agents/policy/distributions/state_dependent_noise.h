#pragma once
// State-dependent exploration (gSDE): noise that is a function of the state, the same one for many
// steps, so that motions are smooth. Std only.

#include <cstddef>
#include <vector>

#include "agents/kernels/activation.h"
#include "core/views.h"

namespace tern {

/// With z, the H units of the actor's last hidden layer, and a parameter log sigma_ij, [H, A]:
///   noise_j(s) = sum_i z_i sigma_ij eps_ij,   eps_ij ~ N(0, 1), drawn now and then
///   sigma_j(s)^2 = sum_i z_i^2 sigma_ij^2 + 1e-6
/// is what it adds to the mean, and its variance over draws. z is taken as given: no gradient goes
/// through it. Source: Raffin et al. 2021, "Smooth Exploration for Robotic Reinforcement Learning",
/// section 3, as Stable-Baselines3 has it.
class StateDependentNoise {
 public:
  StateDependentNoise(std::size_t hidden, std::size_t components)
      : hidden_(hidden), components_(components) {}

  std::size_t hidden() const { return hidden_; }
  /// Numbers of log sigma, and of eps for one env.
  std::size_t size() const { return hidden_ * components_; }

  /// Writes log sigma_j(s), [rows, A]. hidden: z, [rows, H].
  void log_deviations(std::size_t rows, Rows<const float> hidden, Row<const float> log_sigma,
                      Rows<float> out) const;
  /// Adds d loss / d log sigma_ij, [H * A], for d loss / d log sigma_j(s) as given, [rows, A]:
  ///   d log sigma_j(s) / d log sigma_ij = z_i^2 sigma_ij^2 / sigma_j(s)^2
  void backward(std::size_t rows, Rows<const float> hidden, Row<const float> log_sigma,
                Rows<const float> log_deviations, Rows<const float> gradient,
                Row<float> log_sigma_gradient) const;
  /// noise_j(s) / sigma_j(s), [A], of one row: what a draw of N(0, 1) is to noise without a state.
  void standardized(Row<const float> hidden, Row<const float> log_sigma, Row<const float> eps,
                    Row<const float> log_deviations, Row<float> out) const;

 private:
  std::size_t hidden_, components_;
};

}  // namespace tern
