#include "agents/policy/action_distribution.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"

namespace tern {
namespace {

constexpr double kLogSqrtTwoPi = 0.91893853320467274178;  // log(sqrt(2 pi))

// Added to masked logits: exp of it is 0, and 0 * it stays finite, so that entropies are.
constexpr float kMaskedLogit = -1e9f;

double largest_allowed(Row<const float> logits, ConstMaskRow mask) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < logits.size(); ++j) {
    if (mask.empty() || mask[j]) largest = std::max<double>(largest, logits[j]);
  }
  return largest;
}

/// Log-probabilities of one categorical: log softmax of its logits, masked ones left out.
std::vector<double> log_probabilities(Row<const float> logits, ConstMaskRow mask) {
  const double largest = largest_allowed(logits, mask);
  double sum = 0;
  for (std::size_t j = 0; j < logits.size(); ++j) {
    if (mask.empty() || mask[j]) sum += std::exp(logits[j] - largest);
  }
  std::vector<double> result(logits.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t j = 0; j < logits.size(); ++j) {
    if (mask.empty() || mask[j]) result[j] = logits[j] - largest - std::log(sum);
  }
  return result;
}

/// choice, or an error if there was none to take: `options` stands for that.
std::int32_t checked_choice(std::size_t choice, std::size_t options, std::size_t component) {
  if (choice < options) return static_cast<std::int32_t>(choice);
  throw Error::failure("the action mask forbids every choice of action component " +
                       std::to_string(component) +
                       "; an env must always allow one ('tern check-env' checks its masks)");
}

}  // namespace

ActionDistribution::ActionDistribution(const ActionSpace& space)
    : space_(space), units_(space), num_outputs_(space.is_box() ? space.size() : space.mask_size()) {}

ActionLikelihood ActionDistribution::likelihood(const at::Tensor& outputs,
                                                const at::Tensor& log_std,
                                                const at::Tensor& actions,
                                                const at::Tensor& masks) const {
  if (is_gaussian()) {
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
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const auto n = static_cast<std::int64_t>(space_.options(i));
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

float ActionDistribution::sample(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask,
                                 Rng& rng, MutableActionRow action) const {
  double log_prob = 0;
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const double noise = rng.normal(), sigma = std::exp(static_cast<double>(log_std[i]));
      action[i] = static_cast<float>(outputs[i] + sigma * noise);
      const double scaled = (static_cast<double>(action[i]) - outputs[i]) / sigma;
      log_prob += -0.5 * scaled * scaled - log_std[i] - kLogSqrtTwoPi;
    }
    return static_cast<float>(log_prob);
  }
  std::size_t offset = 0;
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const std::size_t n = space_.options(i);
    const ConstMaskRow allowed = mask.empty() ? mask : mask.subrow(offset, n);
    const Row<const float> logits = outputs.subrow(offset, n);
    const double largest = largest_allowed(logits, allowed);
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
      if (allowed.empty() || allowed[j]) sum += std::exp(logits[j] - largest);
    }
    double rest = rng.uniform() * sum;
    std::size_t choice = n;
    for (std::size_t j = 0; j < n; ++j) {  // inverse of the cumulative distribution
      if (!allowed.empty() && !allowed[j]) continue;
      choice = j;
      rest -= std::exp(logits[j] - largest);
      if (rest < 0) break;
    }
    action.discrete(i) = checked_choice(choice, n, i);
    log_prob += logits[static_cast<std::size_t>(action.discrete(i))] - largest - std::log(sum);
    offset += n;
  }
  return static_cast<float>(log_prob);
}

void ActionDistribution::mode(Row<const float> outputs, ConstMaskRow mask,
                              MutableActionRow action) const {
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) action[i] = outputs[i];
    return;
  }
  std::size_t offset = 0;
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const std::size_t n = space_.options(i);
    std::size_t best = n;
    for (std::size_t j = 0; j < n; ++j) {
      if (!mask.empty() && !mask[offset + j]) continue;
      if (best == n || outputs[offset + j] > outputs[offset + best]) best = j;
    }
    action.discrete(i) = checked_choice(best, n, i);
    offset += n;
  }
}

void ActionDistribution::inspect(Row<const float> outputs, Row<const float> log_std, ConstMaskRow mask,
                                 Inspection& inspection) const {
  double entropy = 0;
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const double half_range = units_.half_range(i);
      inspection.mean.push_back(units_.to_env(i, outputs[i]));
      inspection.standard_deviation.push_back(half_range * std::exp(static_cast<double>(log_std[i])));
      entropy += std::log(half_range) + log_std[i] + 0.5 + kLogSqrtTwoPi;
    }
  } else {
    std::size_t offset = 0;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const std::size_t n = space_.options(i);
      const ConstMaskRow allowed = mask.empty() ? mask : mask.subrow(offset, n);
      for (const double log_p : log_probabilities(outputs.subrow(offset, n), allowed)) {
        const double p = std::exp(log_p);
        inspection.probabilities.push_back(p);
        if (p > 0) entropy -= p * log_p;
      }
      offset += n;
    }
  }
  inspection.entropy = entropy;
}

}  // namespace tern
