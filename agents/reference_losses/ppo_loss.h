#pragma once
// The terms of PPO's objective. Pure functions; results carry the tape of their inputs.

#include <ATen/core/Tensor.h>

namespace tern {

/// Clipped surrogate, to be minimised:
///   ratio = pi(a|s) / pi_old(a|s) = exp(log_prob - old_log_prob)
///   L = -mean( min(ratio A, clamp(ratio, 1 - clip_range, 1 + clip_range) A) )
/// All [B] float32; returns a scalar. Source: Schulman et al. 2017, Eq. 7.
at::Tensor ppo_policy_loss(const at::Tensor& log_prob, const at::Tensor& old_log_prob,
                           const at::Tensor& advantages, double clip_range);

/// Squared error of the critic:
///   L = mean( (V - R)^2 );   with clip_range > 0:
///   L = mean( max((V - R)^2, (clamp(V, V_old - clip_range, V_old + clip_range) - R)^2) )
/// values, old_values, returns: [B] float32; returns a scalar.
/// Source: Schulman et al. 2017, section 5; clipping as in OpenAI Baselines' ppo2.
at::Tensor value_loss(const at::Tensor& values, const at::Tensor& old_values,
                      const at::Tensor& returns, double clip_range);

/// Estimate of KL(pi_old || pi) from samples of pi_old: mean(ratio - 1 - log ratio), which is never
/// negative. Source: Schulman 2020, "Approximating KL divergence", estimator k3.
double approximate_kl(const at::Tensor& log_prob, const at::Tensor& old_log_prob);

/// Share of samples whose ratio left [1 - clip_range, 1 + clip_range].
double clip_fraction(const at::Tensor& log_prob, const at::Tensor& old_log_prob, double clip_range);

/// 1 - Var(R - V) / Var(R): 1 for a perfect critic, 0 for one no better than the mean; nan where
/// the returns do not vary. values, returns: [B].
double explained_variance(const at::Tensor& values, const at::Tensor& returns);

}  // namespace tern
