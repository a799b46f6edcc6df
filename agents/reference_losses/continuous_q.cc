#include "agents/reference_losses/continuous_q.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/where.h>

namespace tern {
namespace {

at::Tensor unless_terminated(const at::Tensor& rewards, const at::Tensor& discounts,
                             const at::Tensor& terminated, const at::Tensor& next_value) {
  return at::where(terminated.ne(0), rewards, rewards + discounts * next_value);
}

}  // namespace

at::Tensor min_q_target(const at::Tensor& rewards, const at::Tensor& discounts,
                        const at::Tensor& terminated, const at::Tensor& next_q,
                        const at::Tensor& log_prob, double alpha) {
  return unless_terminated(rewards, discounts, terminated, next_q.amin(1) - alpha * log_prob);
}

at::Tensor critic_error(const at::Tensor& q, const at::Tensor& targets, const at::Tensor& weights) {
  const at::Tensor delta = q - targets.unsqueeze(1);
  return (0.5 * weights.unsqueeze(1) * delta * delta).sum();
}

at::Tensor min_q_ascent(const at::Tensor& q) { return -q.amin(1).sum(); }

at::Tensor truncated_quantile_target(const at::Tensor& rewards, const at::Tensor& discounts,
                                     const at::Tensor& terminated, const at::Tensor& next_q,
                                     const at::Tensor& log_prob, double alpha, std::int64_t kept) {
  const at::Tensor sorted = std::get<0>(next_q.sort(1)).slice(1, 0, kept);
  return unless_terminated(rewards.unsqueeze(1), discounts.unsqueeze(1), terminated.unsqueeze(1),
                           sorted - alpha * log_prob.unsqueeze(1));
}

at::Tensor quantile_huber(const at::Tensor& theta, const at::Tensor& targets,
                          const at::Tensor& weights) {
  const std::int64_t quantiles = theta.size(2);
  const at::Tensor tau =
      (at::arange(quantiles, theta.options()) + 0.5) / static_cast<double>(quantiles);
  const at::Tensor u = targets.unsqueeze(1).unsqueeze(1) - theta.unsqueeze(3);  // [B, C, M, T]
  const at::Tensor size = u.abs();
  const at::Tensor huber = at::where(size.le(1), 0.5 * u * u, size - 0.5);
  const at::Tensor side = (tau.unsqueeze(1) - u.detach().lt(0).to(theta.scalar_type())).abs();
  const at::Tensor of_row = (side * huber).sum({1, 2, 3}) /
                            static_cast<double>(quantiles * targets.size(1));
  return (weights * of_row).sum();
}

}  // namespace tern
