#include "agents/losses/ppo_closed_form.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "agents/kernels/softmax.h"

namespace tern {
namespace {

/// out = exp(log_prob - old_log_prob)
void ratios(Row<const float> log_prob, Row<const float> old_log_prob, Row<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = log_prob[i] - old_log_prob[i];
  exp_floats(out.data(), out.size(), out.data());
}

double variance(Row<const float> a, Row<const float> minus) {
  const auto at = [&](std::size_t i) {
    return static_cast<double>(a[i]) - (minus.empty() ? 0.0 : static_cast<double>(minus[i]));
  };
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) mean += at(i);
  mean /= static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) squares += (at(i) - mean) * (at(i) - mean);
  return squares / static_cast<double>(a.size());
}

}  // namespace

double clipped_surrogate_closed_form(Row<const float> log_prob, Row<const float> old_log_prob,
                              Row<const float> advantages, double clip_range, Row<float> gradient) {
  ratios(log_prob, old_log_prob, gradient);
  const auto low = static_cast<float>(1 - clip_range), high = static_cast<float>(1 + clip_range);
  double sum = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const float ratio = gradient[i], a = advantages[i];
    const float plain = ratio * a, clipped = std::min(std::max(ratio, low), high) * a;
    const bool clip_binds = plain > clipped;
    sum -= clip_binds ? clipped : plain;  // plain is NaN where anything is
    gradient[i] = clip_binds ? 0.0f : -plain;
  }
  return sum;
}

double value_error_closed_form(Row<const float> values, Row<const float> old_values,
                        Row<const float> returns, double clip_range, Row<float> gradient) {
  double sum = 0;
  if (clip_range <= 0) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float error = values[i] - returns[i];
      sum += error * error;
      gradient[i] = 2 * error;
    }
    return sum;
  }
  const auto range = static_cast<float>(clip_range);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float moved = values[i] - old_values[i], error = values[i] - returns[i];
    const float clipped = old_values[i] + std::min(std::max(moved, -range), range) - returns[i];
    const float square = error * error, clipped_square = clipped * clipped;
    const bool inside = moved >= -range && moved <= range;
    if (inside || clipped_square < square) {
      sum += square;
      gradient[i] = 2 * error;
    } else {
      sum += clipped_square;  // also where something is NaN
      gradient[i] = clipped_square == square ? error : 0.0f;  // the mean of both sides, as autograd
    }
  }
  return sum;
}

PolicyShift policy_shift_closed_form(Row<const float> log_prob, Row<const float> old_log_prob,
                              double clip_range, Row<float> ratio) {
  ratios(log_prob, old_log_prob, ratio);
  PolicyShift shift;
  const auto range = static_cast<float>(clip_range);
  for (std::size_t i = 0; i < ratio.size(); ++i) {
    shift.kl += ratio[i] - 1 - (log_prob[i] - old_log_prob[i]);
    shift.clipped += std::abs(ratio[i] - 1) > range ? 1 : 0;
  }
  return shift;
}

Moments moments_of(Row<const float> all, Row<const std::int32_t> chosen) {
  const auto n = static_cast<double>(chosen.size());
  double sum = 0, squares = 0;
  for (const std::int32_t i : chosen) sum += all[static_cast<std::size_t>(i)];
  const double mean = sum / n;
  for (const std::int32_t i : chosen) {
    const double deviation = all[static_cast<std::size_t>(i)] - mean;
    squares += deviation * deviation;
  }
  return {mean, std::sqrt(squares / (n - 1))};
}

double explained_variance_closed_form(Row<const float> values, Row<const float> returns) {
  const double of_returns = variance(returns, {});
  if (of_returns == 0) return std::numeric_limits<double>::quiet_NaN();
  return 1 - variance(returns, values) / of_returns;
}

}  // namespace tern
