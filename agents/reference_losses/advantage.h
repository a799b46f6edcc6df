#pragma once
// Advantage estimates on LibTorch's tensors. Pure functions.

#include <ATen/core/Tensor.h>

namespace tern {

/// Generalised advantage estimates.
///   delta_t = r_t + gamma (1 - terminated_t) V(s'_t) - V(s_t)
///   A_t = delta_t + gamma lambda (1 - ended_t) A_{t+1},   A_T = 0
/// where ended_t = terminated_t or truncated_t: the sum stops at an episode's end, but only a
/// termination takes away the value of what follows.
/// rewards, values, next_values: [T, N] float32; next_values: V(s'_t), where s'_t is the state that
/// step t led to, the episode's last one where it ended. terminated, ended: [T, N] uint8.
/// Returns [T, N]. Throws Error if shapes differ.
/// Source: Schulman et al. 2016, Eq. 11 and 16; truncation as Pardo et al. 2018.
at::Tensor generalized_advantages(const at::Tensor& rewards, const at::Tensor& values,
                                  const at::Tensor& next_values, const at::Tensor& terminated,
                                  const at::Tensor& ended, double gamma, double lambda);

/// (A - mean(A)) / (std(A) + 1e-8), std with Bessel's correction. advantages: [B], B >= 2.
at::Tensor normalized_advantages(const at::Tensor& advantages);

}  // namespace tern
