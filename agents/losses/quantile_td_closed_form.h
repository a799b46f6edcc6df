#pragma once
// Target and loss of Q-learning by quantile regression, in closed form, for rows of samples. Both
// are held to their references in q_learning.h by tests. Std only; may be called on several threads
// at once.

#include <cstddef>
#include <cstdint>

#include "agents/kernels/dense_kernels.h"
#include "core/views.h"

namespace tern {

/// Transitions (s, a, r, s'), B rows, with N quantiles of the return of each of M actions.
struct QuantileTargetRows {
  Row<const float> rewards;    // of the n steps that are taken together
  Row<const float> discounts;  // gamma^n
  Row<const std::uint8_t> terminated;
  const float* next_values = nullptr;       // [B, M, N], of the target network
  const float* choosing_values = nullptr;   // [B, M, N], of the network that picks a'
  const std::uint8_t* next_mask = nullptr;  // [B, M]
  std::size_t num_actions = 0, quantiles = 0;
};

/// quantile_td_target: a' = argmax over allowed actions of the mean of choosing_values(s', a', .),
///   y_k = r + discount (1 - terminated) theta_k(s', a')
/// targets: [B, N]. Source: Dabney et al. 2018, algorithm 1.
void quantile_td_target_closed_form(const QuantileTargetRows& rows, Row<float> targets);

/// Actions taken, what their quantiles are to become, and how much each row counts.
struct QuantileTdRows {
  std::size_t num_actions = 0, quantiles = 0;  // M, N
  Rows<const float> values;                    // [rows, M N]
  Row<const std::int32_t> actions;             // [rows]
  Row<const float> targets;                    // [rows, N]
  Row<const float> weights;                    // [rows]
  double threshold = 1;                        // kappa
};

/// quantile_huber_td_loss as a sum instead of a mean over rows: returns
///   sum_i w_i sum_m mean over k of rho_m(y_ik - theta_m(s_i, a_i)),   tau_m = (2 m - 1) / (2 N)
///   rho_m(u) = |tau_m - [u < 0]| h(u) / kappa,
///   h(u) = u^2 / 2 where |u| <= kappa, kappa (|u| - kappa / 2) beyond
/// Writes d / d values, [rows, M N], 0 for the other actions, and td_errors, [rows]: mean of
/// theta(s_i, a_i) minus mean of y_i. Source: Dabney et al. 2018, Eq. 9 and 10 and algorithm 1.
double quantile_huber_td_closed_form(const QuantileTdRows& rows, Row<float> td_errors,
                                     Rows<float> gradient);

}  // namespace tern
