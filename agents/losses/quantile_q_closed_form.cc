#include "agents/losses/quantile_q_closed_form.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tern {

void truncated_quantile_target_closed_form(const NextValueRows& rows, Row<float> targets) {
  const std::size_t columns = rows.shape.columns(), kept = rows.shape.targets();
  const auto alpha = static_cast<float>(rows.entropy_coef);
  thread_local std::vector<float> pooled;
  pooled.resize(columns);
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    std::copy_n(rows.next_q + i * columns, columns, pooled.begin());
    std::sort(pooled.begin(), pooled.end());
    const float bonus = rows.next_log_prob.empty() ? 0 : alpha * rows.next_log_prob[i];
    for (std::size_t k = 0; k < kept; ++k) {
      targets[i * kept + k] = rows.terminated[i]
                                  ? rows.rewards[i]
                                  : rows.rewards[i] + rows.discounts[i] * (pooled[k] - bonus);
    }
  }
}

double quantile_huber_closed_form(const CriticShape& shape, HeadRows theta, Row<const float> targets,
                                  Row<const float> weights, HeadRows gradient,
                                  Row<float> td_errors) {
  const std::size_t quantiles = shape.quantiles, count = shape.targets();
  const float pairs = static_cast<float>(quantiles * count);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float* y = targets.data() + i * count;
    const float share = weights[i] / pairs;
    double mean = 0;
    for (std::size_t c = 0; c < shape.critics; ++c) {
      const float* values = theta[c].data + i * theta.stride;
      float* slopes = gradient[c].data + i * gradient.stride;
      for (std::size_t m = 0; m < quantiles; ++m) {
        const float tau = (static_cast<float>(m) + 0.5f) / static_cast<float>(quantiles);
        float loss = 0, slope = 0;
        for (std::size_t k = 0; k < count; ++k) {
          const float u = y[k] - values[m], size = std::abs(u);
          const float side = u < 0 ? 1 - tau : tau;
          const float inner = std::min(std::max(u, -1.0f), 1.0f);  // h'(u)
          loss += side * (size <= 1 ? 0.5f * u * u : size - 0.5f);
          slope -= side * inner;
        }
        slopes[m] = share * slope;
        sum += share * loss;
        mean += values[m];
      }
    }
    double target = 0;
    for (std::size_t k = 0; k < count; ++k) target += y[k];
    td_errors[i] = static_cast<float>(std::abs(target / static_cast<double>(count) -
                                               mean / static_cast<double>(shape.columns())));
  }
  return sum;
}

double mean_quantile_ascent_closed_form(const CriticShape& shape, std::size_t rows, HeadRows theta,
                                        HeadRows gradient) {
  const float share = 1 / static_cast<float>(shape.columns());
  double sum = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < shape.critics; ++c) {
      for (std::size_t m = 0; m < shape.quantiles; ++m) {
        sum -= share * theta[c].data[i * theta.stride + m];
        gradient[c].data[i * gradient.stride + m] = -share;
      }
    }
  }
  return sum;
}

}  // namespace tern
