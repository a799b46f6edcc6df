#include "agents/reference_losses/ppo_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/max.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/min.h>
#include <ATen/ops/minimum.h>

#include <limits>

namespace tern {

at::Tensor ppo_policy_loss(const at::Tensor& log_prob, const at::Tensor& old_log_prob,
                           const at::Tensor& advantages, double clip_range) {
  const at::Tensor ratio = at::exp(log_prob - old_log_prob);
  const at::Tensor clipped = at::clamp(ratio, 1 - clip_range, 1 + clip_range);
  return -at::minimum(ratio * advantages, clipped * advantages).mean();
}

at::Tensor value_loss(const at::Tensor& values, const at::Tensor& old_values,
                      const at::Tensor& returns, double clip_range) {
  const at::Tensor error = values - returns;
  if (clip_range <= 0) return (error * error).mean();
  const at::Tensor clipped = old_values + at::clamp(values - old_values, -clip_range, clip_range);
  const at::Tensor clipped_error = clipped - returns;
  return at::maximum(error * error, clipped_error * clipped_error).mean();
}

double approximate_kl(const at::Tensor& log_prob, const at::Tensor& old_log_prob) {
  const at::Tensor log_ratio = (log_prob - old_log_prob).detach();
  return (at::exp(log_ratio) - 1 - log_ratio).mean().item<double>();
}

double clip_fraction(const at::Tensor& log_prob, const at::Tensor& old_log_prob,
                     double clip_range) {
  const at::Tensor ratio = at::exp((log_prob - old_log_prob).detach());
  return (ratio - 1).abs().gt(clip_range).to(at::kFloat).mean().item<double>();
}

double explained_variance(const at::Tensor& values, const at::Tensor& returns) {
  const double variance = returns.var(/*unbiased=*/false).item<double>();
  if (variance == 0) return std::numeric_limits<double>::quiet_NaN();
  return 1 - (returns - values).var(/*unbiased=*/false).item<double>() / variance;
}

}  // namespace tern
