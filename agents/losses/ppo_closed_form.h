#pragma once
// The terms of PPO's objective in closed form, value and gradient, for rows of samples. Each is
// held to its reference in ppo_loss.h by tests. Std only; may be called on several threads at once.

#include <cstdint>

#include "core/views.h"

namespace tern {

/// ppo_policy_loss (Schulman et al. 2017, Eq. 7) as a sum instead of a mean:
///   L_i = -min(ratio_i A_i, clamp(ratio_i, 1 - clip_range, 1 + clip_range) A_i)
///   d L_i / d log_prob_i = -ratio_i A_i, or 0 where the clip binds
/// Writes the gradient, returns the sum of the terms. All rows of one size.
double clipped_surrogate_closed_form(Row<const float> log_prob, Row<const float> old_log_prob,
                              Row<const float> advantages, double clip_range, Row<float> gradient);

/// value_loss as a sum instead of a mean:
///   L_i = (V_i - R_i)^2, with clip_range > 0 the larger of it and that of the clipped value
///   d L_i / d V_i = 2 (V_i - R_i), or 0 where the clip binds
/// Writes the gradient, returns the sum of the terms.
double value_error_closed_form(Row<const float> values, Row<const float> old_values,
                        Row<const float> returns, double clip_range, Row<float> gradient);

/// How far the policy has moved, summed over samples: the terms of approximate_kl, and how many
/// ratios left the clip. ratio: scratch of the same size.
struct PolicyShift {
  double kl = 0, clipped = 0;
};
PolicyShift policy_shift_closed_form(Row<const float> log_prob, Row<const float> old_log_prob,
                              double clip_range, Row<float> ratio);

/// Mean and deviation (with Bessel's correction) of some samples; for normalized_advantages.
struct Moments {
  double mean = 0, deviation = 1;
};
Moments moments_of(Row<const float> all, Row<const std::int32_t> chosen);

/// explained_variance for rows.
double explained_variance_closed_form(Row<const float> values, Row<const float> returns);

}  // namespace tern
