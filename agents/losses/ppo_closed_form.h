#pragma once
// The terms of PPO's objective for one sample, value and derivative. Each is
// compared with its reference on the tape (agents/reference_losses/ppo_loss.h) by tests. Std only.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/views.h"

namespace tern {

/// One sample's term of a loss, and its derivative by what is said at each.
struct LossTerm {
  float loss = 0, gradient = 0;
};

/// The clipped surrogate, negated (Schulman et al. 2017, Eq. 7):
///   L = -min(ratio A, clamp(ratio, 1 - clip_range, 1 + clip_range) A),   ratio = pi(a|s) / pi_old(a|s)
///   d L / d log pi = -ratio A, or 0 where the clip binds
inline LossTerm clipped_surrogate(float ratio, float advantage, double clip_range) {
  const auto low = static_cast<float>(1 - clip_range), high = static_cast<float>(1 + clip_range);
  const float plain = ratio * advantage;
  const float clipped = std::min(std::max(ratio, low), high) * advantage;
  if (plain > clipped) return {-clipped, 0};
  return {-plain, -plain};  // NaN where anything is
}

/// Squared error of the critic, with clip_range > 0 the larger of it and that of the clipped value:
///   L = max((V - R)^2, (clamp(V, V_old - clip_range, V_old + clip_range) - R)^2)
///   d L / d V = 2 (V - R), or 0 where the clip binds
inline LossTerm value_error(float value, float old_value, float target, double clip_range) {
  const float error = value - target, square = error * error;
  if (clip_range <= 0) return {square, 2 * error};
  const auto range = static_cast<float>(clip_range);
  const float moved = value - old_value;
  const float clipped = old_value + std::min(std::max(moved, -range), range) - target;
  const float clipped_square = clipped * clipped;
  const bool is_inside = moved >= -range && moved <= range;
  if (is_inside || clipped_square < square) return {square, 2 * error};
  // Of equals the mean of both sides, as autograd. Also where something is NaN.
  return {clipped_square, clipped_square == square ? error : 0.0f};
}

/// out_i = exp(log_prob_i - old_log_prob_i)
void probability_ratios(Row<const float> log_prob, Row<const float> old_log_prob, Row<float> out);

}  // namespace tern
