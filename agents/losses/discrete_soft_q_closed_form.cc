#include "agents/losses/discrete_soft_q_closed_form.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tern {
namespace {

/// log of the sum of exp over the allowed logits; minus infinity where nothing is allowed.
double log_sum(const float* logits, const std::uint8_t* mask, std::size_t size) {
  double largest = -std::numeric_limits<double>::infinity(), sum = 0;
  for (std::size_t a = 0; a < size; ++a) {
    if (mask[a]) largest = std::max<double>(largest, logits[a]);
  }
  for (std::size_t a = 0; a < size; ++a) {
    if (mask[a]) sum += std::exp(logits[a] - largest);
  }
  return largest + std::log(sum);
}

/// The smallest of the critics for action a; a NaN is not passed by.
double smallest(const float* q, std::size_t critics, std::size_t num_actions, std::size_t a) {
  double least = q[a];
  for (std::size_t c = 1; c < critics; ++c) {
    const double other = q[c * num_actions + a];
    if (other < least || std::isnan(other)) least = other;
  }
  return least;
}

}  // namespace

void discrete_soft_target_closed_form(const DiscreteNextRows& rows, Row<float> targets) {
  const std::size_t size = rows.num_actions;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    double value = 0;
    const float* logits = rows.next_logits + i * size;
    const std::uint8_t* mask = rows.next_mask + i * size;
    const double total = rows.terminated[i] ? 0 : log_sum(logits, mask, size);
    for (std::size_t a = 0; a < size && !rows.terminated[i]; ++a) {
      if (!mask[a]) continue;
      const double log_prob = logits[a] - total;
      const double q = smallest(rows.next_q + i * rows.critics * size, rows.critics, size, a);
      value += std::exp(log_prob) * (q - rows.entropy_coef * log_prob);
    }
    targets[i] = rows.terminated[i] ? rows.rewards[i]
                                    : rows.rewards[i] + rows.discounts[i] * static_cast<float>(value);
  }
}

double discrete_critic_error_closed_form(std::size_t critics, std::size_t num_actions, HeadRows q,
                                         Row<const std::int32_t> actions, Row<const float> targets,
                                         Row<const float> weights, HeadRows gradient,
                                         Row<float> td_errors) {
  const auto share = 1 / static_cast<float>(critics);
  double sum = 0;
  std::fill(td_errors.begin(), td_errors.end(), 0.0f);
  for (std::size_t c = 0; c < critics; ++c) {
    const Rows<float> value = q[c], slope = gradient[c];
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const auto action = static_cast<std::size_t>(actions[i]);
      const float delta = value.data[i * value.stride + action] - targets[i];
      std::fill_n(slope.data + i * slope.stride, num_actions, 0.0f);
      slope.data[i * slope.stride + action] = weights[i] * delta;
      sum += 0.5f * weights[i] * delta * delta;
      td_errors[i] += share * std::abs(delta);
    }
  }
  return sum;
}

DiscreteActorTerms discrete_actor_closed_form(std::size_t critics, std::size_t num_actions,
                                              std::size_t rows, Rows<const float> logits,
                                              const float* q, const std::uint8_t* mask, double alpha,
                                              Rows<float> gradient) {
  DiscreteActorTerms sums;
  for (std::size_t i = 0; i < rows; ++i) {
    const float* row = logits.data + i * logits.stride;
    const std::uint8_t* allowed = mask + i * num_actions;
    const float* values = q + i * critics * num_actions;
    float* slope = gradient.data + i * gradient.stride;
    const double total = log_sum(row, allowed, num_actions);
    double loss = 0, entropy = 0;
    int choices = 0;
    for (std::size_t a = 0; a < num_actions; ++a) {
      if (!allowed[a]) continue;
      const double log_prob = row[a] - total, prob = std::exp(log_prob);
      loss += prob * (alpha * log_prob - smallest(values, critics, num_actions, a));
      entropy -= prob * log_prob;
      ++choices;
    }
    for (std::size_t a = 0; a < num_actions; ++a) {
      const double log_prob = row[a] - total;
      const double g = alpha * log_prob - smallest(values, critics, num_actions, a);
      slope[a] = allowed[a] ? static_cast<float>(std::exp(log_prob) * (g - loss)) : 0.0f;
    }
    sums.loss += loss;
    sums.entropy += entropy;
    sums.log_choices += std::log(choices);
  }
  return sums;
}

}  // namespace tern
