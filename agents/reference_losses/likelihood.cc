#include "agents/reference_losses/likelihood.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tanh.h>

namespace tern {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;  // log(sqrt(2 pi))

// Instead of masked logits: exp of it is 0, and 0 * it stays finite, so that entropies are.
constexpr float kMaskedLogit = -1e9f;

}  // namespace

ActionLikelihood action_likelihood(const ActionSpace& space, const at::Tensor& outputs,
                                   const at::Tensor& log_std, const at::Tensor& actions,
                                   const at::Tensor& masks) {
  if (space.is_box()) {
    // log N(a; mu, sigma) = -(a - mu)^2 / (2 sigma^2) - log sigma - log sqrt(2 pi)
    const at::Tensor scaled = (actions - outputs) * at::exp(-log_std);
    const at::Tensor log_prob = -0.5 * scaled * scaled - log_std - kLogSqrtTwoPi;
    // H = sum over components of log sigma + log sqrt(2 pi e)
    const at::Tensor entropy = (log_std + (0.5 + kLogSqrtTwoPi)).sum();
    return {log_prob.sum(1), entropy.expand({outputs.size(0)})};
  }
  ActionLikelihood total;
  std::int64_t offset = 0;
  const at::Tensor choices = actions.to(at::kLong);
  for (std::size_t i = 0; i < space.size(); ++i) {
    const auto n = static_cast<std::int64_t>(space.options(i));
    at::Tensor logits = outputs.narrow(1, offset, n);
    if (masks.defined()) logits = logits.masked_fill(masks.narrow(1, offset, n).eq(0), kMaskedLogit);
    const at::Tensor log_p = at::log_softmax(logits, /*dim=*/1);
    const at::Tensor log_prob =
        log_p.gather(1, choices.narrow(1, static_cast<std::int64_t>(i), 1)).squeeze(1);
    const at::Tensor entropy = -(log_p.exp() * log_p).sum(1);
    total.log_prob = total.log_prob.defined() ? total.log_prob + log_prob : log_prob;
    total.entropy = total.entropy.defined() ? total.entropy + entropy : entropy;
    offset += n;
  }
  return total;
}

SquashedSample squashed_sample(const at::Tensor& outputs, const at::Tensor& noise) {
  const std::int64_t components = noise.size(1);
  const at::Tensor mean = outputs.narrow(1, 0, components);
  const at::Tensor log_std = at::clamp(outputs.narrow(1, components, components), -20, 2);
  const at::Tensor actions = at::tanh(mean + at::exp(log_std) * noise);
  const at::Tensor of_gaussian = -0.5 * noise * noise - log_std - kLogSqrtTwoPi;
  return {actions, (of_gaussian - at::log(1 - actions * actions)).sum(1)};
}

}  // namespace tern
