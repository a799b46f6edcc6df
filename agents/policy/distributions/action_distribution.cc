#include "agents/policy/distributions/action_distribution.h"

#include <cmath>
#include <string>

#include "agents/policy/distributions/categorical.h"
#include "agents/policy/distributions/gaussian.h"
#include "core/error.h"

namespace tern {
namespace {

/// choice, or an error if there was none to take: `options` stands for that.
std::int32_t checked_choice(std::size_t choice, std::size_t options, std::size_t component) {
  if (choice < options) return static_cast<std::int32_t>(choice);
  throw Error::failure("the action mask forbids every choice of action component " +
                       std::to_string(component) +
                       "; an env must always allow one ('tern check-env' checks its masks)");
}

/// Calls visit(i, logits, mask) for each component of a discrete space.
template <class Visit>
void for_components(const ActionSpace& space, Row<const float> outputs, ConstMaskRow mask,
                    const Visit& visit) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < space.size(); ++i) {
    const std::size_t n = space.options(i);
    visit(i, outputs.subrow(offset, n), mask.empty() ? mask : mask.subrow(offset, n));
    offset += n;
  }
}

}  // namespace

ActionDistribution::ActionDistribution(const ActionSpace& space)
    : space_(space),
      units_(space),
      num_outputs_(space.is_box() ? space.size() : space.mask_size()) {}

void ActionDistribution::sample(Row<const float> outputs, Row<const float> log_std,
                                ConstMaskRow mask, Rng& rng, MutableActionRow action) const {
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      action[i] = static_cast<float>(Gaussian{outputs[i], log_std[i]}.sample(rng));
    }
    return;
  }
  for_components(space_, outputs, mask,
                 [&](std::size_t i, Row<const float> logits, ConstMaskRow allowed) {
                   const std::size_t choice = Categorical(logits, allowed).sample(rng);
                   action.discrete(i) = checked_choice(choice, logits.size(), i);
                 });
}

void ActionDistribution::mode(Row<const float> outputs, ConstMaskRow mask,
                              MutableActionRow action) const {
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) action[i] = outputs[i];
    return;
  }
  for_components(space_, outputs, mask,
                 [&](std::size_t i, Row<const float> logits, ConstMaskRow allowed) {
                   action.discrete(i) =
                       checked_choice(most_likely(logits, allowed), logits.size(), i);
                 });
}

double ActionDistribution::log_probability(Row<const float> outputs, Row<const float> log_std,
                                           ConstMaskRow mask, ActionRow action) const {
  double sum = 0;
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      sum += Gaussian{outputs[i], log_std[i]}.log_probability(action[i]);
    }
    return sum;
  }
  for_components(space_, outputs, mask,
                 [&](std::size_t i, Row<const float> logits, ConstMaskRow allowed) {
                   const auto choice = static_cast<std::size_t>(action.discrete(i));
                   sum += Categorical(logits, allowed).log_probability(choice);
                 });
  return sum;
}

void ActionDistribution::log_probability_gradient(Row<const float> outputs,
                                                  Row<const float> log_std, ConstMaskRow mask,
                                                  ActionRow action, Row<float> gradient) const {
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const double inverse_sigma = std::exp(-static_cast<double>(log_std[i]));
      const double distance = static_cast<double>(action[i]) - outputs[i];
      gradient[i] = static_cast<float>(distance * inverse_sigma * inverse_sigma);
    }
    return;
  }
  std::size_t offset = 0;
  for_components(space_, outputs, mask,
                 [&](std::size_t i, Row<const float> logits, ConstMaskRow allowed) {
                   const Categorical categorical(logits, allowed);
                   const auto choice = static_cast<std::size_t>(action.discrete(i));
                   for (std::size_t j = 0; j < logits.size(); ++j) {
                     const double p = std::exp(categorical.log_probability(j));
                     gradient[offset++] = static_cast<float>((j == choice ? 1 : 0) - p);
                   }
                 });
}

void ActionDistribution::inspect(Row<const float> outputs, Row<const float> log_std,
                                 ConstMaskRow mask, Inspection& inspection) const {
  double entropy = 0;
  if (is_gaussian()) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      const double half_range = units_.half_range(i);
      inspection.mean.push_back(units_.to_env(i, outputs[i]));
      inspection.standard_deviation.push_back(half_range *
                                              std::exp(static_cast<double>(log_std[i])));
      entropy += std::log(half_range) + Gaussian{outputs[i], log_std[i]}.entropy();
    }
  } else {
    for_components(space_, outputs, mask,
                   [&](std::size_t, Row<const float> logits, ConstMaskRow allowed) {
                     const Categorical categorical(logits, allowed);
                     for (std::size_t j = 0; j < logits.size(); ++j) {
                       const double log_p = categorical.log_probability(j), p = std::exp(log_p);
                       inspection.probabilities.push_back(p);
                       if (p > 0) entropy -= p * log_p;
                     }
                   });
  }
  inspection.entropy = entropy;
}

}  // namespace tern
