#include "agents/reference_losses/advantage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <vector>

#include "core/error.h"

namespace tern {

at::Tensor generalized_advantages(const at::Tensor& rewards, const at::Tensor& values,
                                  const at::Tensor& next_values, const at::Tensor& terminated,
                                  const at::Tensor& ended, double gamma, double lambda) {
  for (const at::Tensor* other : {&values, &next_values, &terminated, &ended}) {
    if (other->sizes() != rewards.sizes() || rewards.dim() != 2) {
      throw Error::failure("generalized_advantages: all arguments must have one shape [T, N]");
    }
  }
  const at::Tensor nothing = at::zeros_like(rewards);
  const at::Tensor bootstrap = at::where(terminated.ne(0), nothing, gamma * next_values);
  const at::Tensor delta = rewards + bootstrap - values;
  std::vector<at::Tensor> advantages(static_cast<std::size_t>(rewards.size(0)));
  at::Tensor next = at::zeros_like(rewards[0]);
  for (std::int64_t t = rewards.size(0) - 1; t >= 0; --t) {
    const at::Tensor rest = at::where(ended[t].ne(0), at::zeros_like(next), gamma * lambda * next);
    next = advantages[static_cast<std::size_t>(t)] = delta[t] + rest;
  }
  return at::stack(advantages);
}

at::Tensor normalized_advantages(const at::Tensor& advantages) {
  return (advantages - advantages.mean()) / (advantages.std() + 1e-8);
}

}  // namespace tern
