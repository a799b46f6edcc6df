#pragma once
// Targets and losses of critics Q(s, a) and of actors that follow them, in closed form, for rows of
// samples. Each is compared with its reference in continuous_q.h by tests. Std only; may be called on
// several threads at once.

#include <cstddef>
#include <cstdint>

#include "agents/kernels/fused_mlp.h"
#include "core/views.h"

namespace tern {

/// Critics side by side, one head each: Q_c(s, a), or quantiles of the distribution of returns.
struct CriticShape {
  std::size_t critics = 2;    // C
  std::size_t quantiles = 1;  // M, columns of each
  std::size_t dropped = 0;    // largest quantiles of each critic that a target leaves out

  std::size_t columns() const { return critics * quantiles; }
  /// T, numbers that a row's target consists of: one, or the quantiles that are kept.
  std::size_t targets() const { return quantiles == 1 ? 1 : critics * (quantiles - dropped); }
};

/// What is known of the next states of a batch, B rows each.
struct NextValueRows {
  CriticShape shape;
  Row<const float> rewards;            // sums over the steps that were taken together
  Row<const float> discounts;          // gamma^m of as many
  Row<const std::uint8_t> terminated;
  const float* next_q = nullptr;       // [B, C * M], of the target critics at (s', a')
  Row<const float> next_log_prob;      // log pi(a' | s'); empty: no entropy is counted
  double entropy_coef = 0;             // alpha
};

/// y = r + discount (1 - terminated) (min_c Q'_c(s', a') - alpha log pi(a' | s')). targets: [B].
void min_q_target_closed_form(const NextValueRows& rows, Row<float> targets);

/// Half the squared errors of all critics, as a sum over rows: returns
///   sum_i w_i sum_c (Q_c(s_i, a_i) - y_i)^2 / 2
/// and writes d / d Q_c: w_i (Q_c - y_i), and td_errors, [rows]: the mean of |Q_c - y_i| over c.
/// targets, weights: [rows].
double critic_error_closed_form(const CriticShape& shape, HeadRows q, Row<const float> targets,
                                Row<const float> weights, HeadRows gradient, Row<float> td_errors);

/// An actor climbs the smallest of the critics: returns the sum over rows of -min_c Q_c, and writes
/// d / d Q_c: -1 at the smallest (the first of equals), else 0.
double min_q_ascent_closed_form(const CriticShape& shape, std::size_t rows, HeadRows q,
                                HeadRows gradient);

/// It climbs the first of the critics: the same of -Q_1.
double first_q_ascent_closed_form(const CriticShape& shape, std::size_t rows, HeadRows q,
                                  HeadRows gradient);

/// a' = clamp(a + clamp(sigma noise, -limit, limit), -1, 1), in place. actions, noise: [B * A].
void smooth_target_actions(double sigma, double limit, Row<const float> noise, Row<float> actions);

}  // namespace tern
