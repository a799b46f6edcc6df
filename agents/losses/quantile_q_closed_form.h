#pragma once
// Targets and losses of critics that give quantiles of the distribution of returns, in closed form, for
// rows of samples. Each is compared with its reference in quantile_q.h by tests. Std only; may be called
// on several threads at once.

#include <cstddef>

#include "agents/losses/continuous_q_closed_form.h"

namespace tern {

/// Of the pooled quantiles z_1 <= z_2 <= .. of all target critics at (s', a') the T = C (M - dropped)
/// smallest make the target:
///   y_k = r + discount (1 - terminated) (z_k - alpha log pi(a' | s'))
/// targets: [B, T]. Source: Kuznetsov et al. 2020, Eq. 10 and 11.
void truncated_quantile_target_closed_form(const NextValueRows& rows, Row<float> targets);

/// Quantile Huber losses of all critics, as a sum over rows: returns
///   sum_i w_i sum_c sum_m sum_k rho_m(y_ik - theta_cm) / (M T),   tau_m = (2 m - 1) / (2 M)
///   rho_m(u) = |tau_m - [u < 0]| h(u),   h(u) = u^2 / 2 where |u| <= 1, else |u| - 1/2
/// and writes d / d theta, and td_errors, [rows]: |mean of y_i - mean of theta|. targets: [rows, T].
/// Source: Dabney et al. 2018b, Eq. 9 and 10; Kuznetsov et al. 2020, Eq. 12 and 13.
double quantile_huber_closed_form(const CriticShape& shape, HeadRows theta, Row<const float> targets,
                                  Row<const float> weights, HeadRows gradient, Row<float> td_errors);

/// An actor climbs the mean of all quantiles, none left out: returns the sum over rows of minus that mean,
/// and writes its derivative, -1 / (C M) everywhere. Source: Kuznetsov et al. 2020, Eq. 14.
double mean_quantile_ascent_closed_form(const CriticShape& shape, std::size_t rows, HeadRows theta,
                                        HeadRows gradient);

}  // namespace tern
