#include "agents/reference_losses/q_learning.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
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

}  // namespace tern
