#pragma once
// Targets and loss of deep Q-learning. Pure functions.

#include <ATen/core/Tensor.h>

namespace tern {

/// y = r + gamma (1 - terminated) max_{a' allowed} Q_target(s', a')
/// rewards: [B]; terminated: [B] uint8; next_q: [B, M], of the target network; next_mask: [B, M]
/// uint8. Returns [B]. Source: Mnih et al. 2015, Eq. 2 (algorithm 1's y_j).
at::Tensor q_learning_target(const at::Tensor& rewards, const at::Tensor& terminated,
                             const at::Tensor& next_q, const at::Tensor& next_mask, double gamma);

/// y = r + gamma (1 - terminated) Q_target(s', argmax_{a' allowed} Q_online(s', a'))
/// next_q_online: [B, M]; the rest as above. Source: van Hasselt et al. 2016, Eq. 4.
at::Tensor double_q_target(const at::Tensor& rewards, const at::Tensor& terminated,
                           const at::Tensor& next_q_online, const at::Tensor& next_q_target,
                           const at::Tensor& next_mask, double gamma);

/// mean of h(delta), delta = Q(s, a) - y;   h(x) = x^2 / 2 where |x| <= threshold,
/// threshold (|x| - threshold / 2) beyond: squared for small errors, absolute for large ones.
/// q: [B, M]; actions: [B] int64; targets: [B]. Returns a scalar with the tape of q.
/// Source: Huber 1964; Mnih et al. 2015 clip the error term to [-1, 1], which is its gradient.
at::Tensor huber_td_loss(const at::Tensor& q, const at::Tensor& actions,
                         const at::Tensor& targets, double threshold);

/// The same targets for each of N quantiles of the return: with a' the allowed action whose
/// quantiles have the largest mean by next_choosing,
///   y_k = r + gamma (1 - terminated) theta_k(s', a')
/// next_choosing, next_target: [B, M, N]. Returns [B, N]. Source: Dabney et al. 2018
/// (arXiv:1710.10044), algorithm 1; next_choosing of the target network there.
at::Tensor quantile_td_target(const at::Tensor& rewards, const at::Tensor& terminated,
                              const at::Tensor& next_choosing, const at::Tensor& next_target,
                              const at::Tensor& next_mask, double gamma);

/// mean over the batch of the sum over m of the mean over k of rho_m(y_k - theta_m(s, a)),
///   rho_m(u) = |tau_m - [u < 0]| h(u) / kappa,   tau_m = (2 m - 1) / (2 N), m from 1 to N
/// with h as above and kappa for the threshold. theta: [B, M, N]; actions: [B] int64; targets: [B,
/// N]. Returns a scalar with the tape of theta. Source: Dabney et al. 2018, Eq. 9 and 10.
at::Tensor quantile_huber_td_loss(const at::Tensor& theta, const at::Tensor& actions,
                                  const at::Tensor& targets, double kappa);

}  // namespace tern
