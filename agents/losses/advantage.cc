#include "agents/losses/advantage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>

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
  const std::int64_t steps = rewards.size(0), num_envs = rewards.size(1);
  at::Tensor advantages = at::empty_like(rewards);
  const float* r = rewards.data_ptr<float>();
  const float* v = values.data_ptr<float>();
  const float* v_next = next_values.data_ptr<float>();
  const std::uint8_t* is_terminated = terminated.data_ptr<std::uint8_t>();
  const std::uint8_t* is_ended = ended.data_ptr<std::uint8_t>();
  float* a = advantages.data_ptr<float>();
  for (std::int64_t n = 0; n < num_envs; ++n) {
    double a_tp1 = 0;
    for (std::int64_t t = steps - 1; t >= 0; --t) {
      const std::int64_t k = t * num_envs + n;
      const double bootstrap = is_terminated[k] ? 0.0 : gamma * v_next[k];
      const double delta = r[k] + bootstrap - v[k];
      a_tp1 = delta + (is_ended[k] ? 0.0 : gamma * lambda * a_tp1);
      a[k] = static_cast<float>(a_tp1);
    }
  }
  return advantages;
}

at::Tensor normalized_advantages(const at::Tensor& advantages) {
  return (advantages - advantages.mean()) / (advantages.std() + 1e-8);
}

}  // namespace tern
