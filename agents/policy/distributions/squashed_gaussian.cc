#include "agents/policy/distributions/squashed_gaussian.h"

#include <algorithm>
#include <cmath>

namespace tern {
namespace {

constexpr float kLogTwo = 0.69314718055994530942f;
constexpr float kLogSqrtTwoPi = 0.91893853320467274178f;  // log(sqrt(2 pi))

/// log(1 - tanh(u)^2)
float log_tanh_slope(float u) {
  const float size = std::abs(u);
  return 2 * (kLogTwo - size - std::log1p(std::exp(-2 * size)));
}

}  // namespace

void SquashedGaussian::reserve(std::size_t rows) {
  if (actions_.size() >= rows * components_) return;
  actions_.resize(rows * components_);
  spread_.resize(rows * components_);
  is_clamped_.resize(rows * components_);
}

void SquashedGaussian::forward(std::size_t rows, Rows<const float> outputs, const float* noise,
                               float* actions, float* log_prob) {
  rows_ = rows;
  reserve(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* mean = outputs.data + r * outputs.stride;
    float sum = 0;
    for (std::size_t j = 0; j < components_; ++j) {
      const std::size_t k = r * components_ + j;
      const float given = mean[components_ + j];
      const float log_std = std::min(std::max(given, kMinLogStd), kMaxLogStd);
      spread_[k] = std::exp(log_std) * noise[k];
      is_clamped_[k] = log_std != given;
      const float u = mean[j] + spread_[k];
      actions_[k] = actions[k] = std::tanh(u);
      sum += -0.5f * noise[k] * noise[k] - log_std - kLogSqrtTwoPi - log_tanh_slope(u);
    }
    log_prob[r] = sum;
  }
}

void SquashedGaussian::backward(const float* log_prob_gradient, const float* action_gradient,
                                Rows<float> outputs_gradient) const {
  for (std::size_t r = 0; r < rows_; ++r) {
    float* of_mean = outputs_gradient.data + r * outputs_gradient.stride;
    for (std::size_t j = 0; j < components_; ++j) {
      const std::size_t k = r * components_ + j;
      const float g = log_prob_gradient[r], a = actions_[k];
      of_mean[j] = g * 2 * a + action_gradient[k] * (1 - a * a);  // through u
      of_mean[components_ + j] = is_clamped_[k] ? 0.0f : of_mean[j] * spread_[k] - g;
    }
  }
}

void SquashedGaussian::mode(Row<const float> outputs, Row<float> action) const {
  for (std::size_t j = 0; j < components_; ++j) action[j] = std::tanh(outputs[j]);
}

void squash(Row<float> actions) {
  for (float& each : actions) each = std::tanh(each);
}

SquashedMoments squashed_moments(double mean, double log_std) {
  log_std = std::clamp<double>(log_std, SquashedGaussian::kMinLogStd, SquashedGaussian::kMaxLogStd);
  const double sigma = std::exp(log_std);
  double mass = 0, first = 0, second = 0, slope = 0;
  for (int i = -40; i <= 40; ++i) {
    const double z = i / 8.0, density = std::exp(-0.5 * z * z), u = mean + sigma * z;
    const double a = std::tanh(u), size = std::abs(u);
    mass += density;
    first += density * a;
    second += density * a * a;
    slope += density * 2 * (std::log(2.0) - size - std::log1p(std::exp(-2 * size)));
  }
  const double average = first / mass;
  return {std::sqrt(std::max(0.0, second / mass - average * average)),
          log_std + 0.5 + static_cast<double>(kLogSqrtTwoPi) + slope / mass};
}

}  // namespace tern
