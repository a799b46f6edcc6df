#include "agents/reference_losses/advantage.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>

#include "agents/losses/advantage_closed_form.h"
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
  const auto size = static_cast<std::size_t>(rewards.numel());
  const auto row = [&](const at::Tensor& tensor) {
    return Row<const float>(tensor.data_ptr<float>(), size);
  };
  const auto flags = [&](const at::Tensor& tensor) {
    return Row<const std::uint8_t>(tensor.data_ptr<std::uint8_t>(), size);
  };
  at::Tensor advantages = at::empty_like(rewards);
  generalized_advantage_closed_form(
      {row(rewards), row(values), row(next_values), flags(terminated), flags(ended),
       static_cast<std::size_t>(rewards.size(1)), gamma, lambda},
      {advantages.data_ptr<float>(), size});
  return advantages;
}

at::Tensor normalized_advantages(const at::Tensor& advantages) {
  return (advantages - advantages.mean()) / (advantages.std() + 1e-8);
}

}  // namespace tern
