#include "agents/reference_losses/q_learning.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/take_along_dim.h>
#include <ATen/ops/where.h>

#include <limits>

namespace tern {
namespace {

at::Tensor allowed_only(const at::Tensor& q, const at::Tensor& mask) {
  return q.masked_fill(mask.eq(0), -std::numeric_limits<float>::infinity());
}

/// Not a product with (1 - terminated): a state without an allowed action has value -inf.
at::Tensor td_target(const at::Tensor& rewards, const at::Tensor& terminated,
                     const at::Tensor& next_value, double gamma) {
  return at::where(terminated.ne(0), rewards, rewards + gamma * next_value);
}

}  // namespace

at::Tensor q_learning_target(const at::Tensor& rewards, const at::Tensor& terminated,
                             const at::Tensor& next_q, const at::Tensor& next_mask, double gamma) {
  return td_target(rewards, terminated, allowed_only(next_q, next_mask).amax(1), gamma);
}

at::Tensor double_q_target(const at::Tensor& rewards, const at::Tensor& terminated,
                           const at::Tensor& next_q_online, const at::Tensor& next_q_target,
                           const at::Tensor& next_mask, double gamma) {
  const at::Tensor best = allowed_only(next_q_online, next_mask).argmax(1, /*keepdim=*/true);
  return td_target(rewards, terminated, next_q_target.gather(1, best).squeeze(1), gamma);
}

at::Tensor huber_td_loss(const at::Tensor& q, const at::Tensor& actions,
                         const at::Tensor& targets, double threshold) {
  const at::Tensor delta = q.gather(1, actions.unsqueeze(1)).squeeze(1) - targets;
  const at::Tensor size = delta.abs();
  return at::where(size.le(threshold), 0.5 * delta * delta, threshold * (size - 0.5 * threshold))
      .mean();
}

at::Tensor quantile_td_target(const at::Tensor& rewards, const at::Tensor& terminated,
                              const at::Tensor& next_choosing, const at::Tensor& next_target,
                              const at::Tensor& next_mask, double gamma) {
  const at::Tensor best = allowed_only(next_choosing.mean(2), next_mask).argmax(1);
  const at::Tensor next = next_target.take_along_dim(best.view({-1, 1, 1}), 1).squeeze(1);
  return td_target(rewards.unsqueeze(1), terminated.unsqueeze(1), next, gamma);
}

at::Tensor quantile_huber_td_loss(const at::Tensor& theta, const at::Tensor& actions,
                                  const at::Tensor& targets, double kappa) {
  const std::int64_t n = theta.size(2);
  const at::Tensor taken = theta.take_along_dim(actions.view({-1, 1, 1}), 1).squeeze(1);
  const at::Tensor u = targets.unsqueeze(1) - taken.unsqueeze(2);  // [B, m, k]
  const at::Tensor tau = ((at::arange(n, theta.options()) + 0.5) / n).view({1, n, 1});
  const at::Tensor size = u.abs();
  const at::Tensor h = at::where(size.le(kappa), 0.5 * u * u, kappa * (size - 0.5 * kappa));
  const at::Tensor side = (tau - u.detach().lt(0).to(theta.scalar_type())).abs();
  return (side * h / kappa).mean(2).sum(1).mean();
}

}  // namespace tern
