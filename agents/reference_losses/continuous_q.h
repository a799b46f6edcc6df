#pragma once
// Targets and losses of critics Q(s, a) and of actors that follow them. Pure functions; results carry
// the tape of their inputs.

#include <ATen/core/Tensor.h>

namespace tern {

/// y = r + discount (1 - terminated) (min_c Q'_c(s', a') - alpha log pi(a' | s'))
/// rewards, discounts, log_prob: [B]; terminated: [B] uint8; next_q: [B, C]. Returns [B]. Source:
/// Haarnoja et al. 2018b, Eq. 3 and 5; with alpha 0 Fujimoto et al. 2018, Eq. 10.
at::Tensor min_q_target(const at::Tensor& rewards, const at::Tensor& discounts,
                        const at::Tensor& terminated, const at::Tensor& next_q,
                        const at::Tensor& log_prob, double alpha);

/// sum of w_i (Q_c(s_i, a_i) - y_i)^2 / 2 over rows and critics. q: [B, C]; targets, weights: [B].
/// Source: Haarnoja et al. 2018b, Eq. 5.
at::Tensor critic_error(const at::Tensor& q, const at::Tensor& targets, const at::Tensor& weights);

/// sum over rows of -min_c Q_c. q: [B, C]. Source: Haarnoja et al. 2018b, Eq. 9.
at::Tensor min_q_ascent(const at::Tensor& q);

/// The T smallest of the pooled quantiles of each row, as targets:
///   y_k = r + discount (1 - terminated) (z_k - alpha log pi(a' | s'))
/// next_q: [B, C * M]. Returns [B, T]. Source: Kuznetsov et al. 2020, Eq. 10 and 11.
at::Tensor truncated_quantile_target(const at::Tensor& rewards, const at::Tensor& discounts,
                                     const at::Tensor& terminated, const at::Tensor& next_q,
                                     const at::Tensor& log_prob, double alpha, std::int64_t kept);

/// sum of w_i |tau_m - [u < 0]| h(u) / (M T) over rows, critics, quantiles m and targets k, u = y_ik -
/// theta_icm, tau_m = (2 m - 1) / (2 M), h Huber's function with threshold 1. theta: [B, C, M]; targets:
/// [B, T]; weights: [B]. Source: Dabney et al. 2018b, Eq. 10; Kuznetsov et al. 2020, Eq. 12.
at::Tensor quantile_huber(const at::Tensor& theta, const at::Tensor& targets,
                          const at::Tensor& weights);

}  // namespace tern
