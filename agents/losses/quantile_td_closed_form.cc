#include "agents/losses/quantile_td_closed_form.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "agents/losses/best_allowed.h"

namespace tern {
namespace {

/// |theta - y| weighed by its side, and the derivative by theta.
struct Huber {
  float loss, slope;
};

Huber quantile_huber(float y, float theta, float tau, float kappa) {
  const float u = y - theta, size = std::abs(u);
  const float side = u < 0 ? 1 - tau : tau;
  if (size <= kappa) return {side * 0.5f * u * u / kappa, -side * u / kappa};
  return {side * (size - 0.5f * kappa), std::copysign(side, -u)};
}

double mean_of(const float* numbers, std::size_t count) {
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) sum += static_cast<double>(numbers[k]);
  return sum / static_cast<double>(count);
}

}  // namespace

void quantile_td_target_closed_form(const QuantileTargetRows& rows, Row<float> targets) {
  const std::size_t n = rows.quantiles, actions = rows.num_actions;
  thread_local std::vector<float> means;
  means.resize(actions);
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    const float* choosing = rows.choosing_values + i * actions * n;
    for (std::size_t a = 0; a < actions; ++a) {
      means[a] = static_cast<float>(mean_of(choosing + a * n, n));
    }
    const std::size_t best = best_allowed(means.data(), rows.next_mask + i * actions, actions);
    const float* next = rows.next_values + (i * actions + best) * n;
    for (std::size_t k = 0; k < n; ++k) {
      // A state without an allowed action has value -inf; after a termination it does not count.
      const float value = best == actions ? -std::numeric_limits<float>::infinity() : next[k];
      targets[i * n + k] =
          rows.terminated[i] ? rows.rewards[i] : rows.rewards[i] + rows.discounts[i] * value;
    }
  }
}

double quantile_huber_td_closed_form(const QuantileTdRows& rows, Row<float> td_errors,
                                     Rows<float> gradient) {
  const std::size_t n = rows.quantiles;
  const auto kappa = static_cast<float>(rows.threshold);
  double sum = 0;
  for (std::size_t i = 0; i < rows.weights.size(); ++i) {
    const std::size_t first = static_cast<std::size_t>(rows.actions[i]) * n;
    const float* theta = rows.values.data + i * rows.values.stride + first;
    const float* y = rows.targets.data() + i * n;
    float* row = gradient.data + i * gradient.stride;
    std::fill_n(row, rows.num_actions * n, 0.0f);
    const float share = rows.weights[i] / static_cast<float>(n);
    for (std::size_t m = 0; m < n; ++m) {
      const float tau = (static_cast<float>(m) + 0.5f) / static_cast<float>(n);
      float loss = 0, slope = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const Huber each = quantile_huber(y[k], theta[m], tau, kappa);
        loss += each.loss;
        slope += each.slope;
      }
      row[first + m] = share * slope;
      sum += static_cast<double>(share * loss);
    }
    td_errors[i] = static_cast<float>(mean_of(theta, n) - mean_of(y, n));
  }
  return sum;
}

}  // namespace tern
