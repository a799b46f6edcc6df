#include "agents/policy/distributions/squashed_gaussian.h"

#include <algorithm>
#include <cmath>

#include "agents/kernels/softmax.h"
#include "agents/kernels/squash.h"

namespace tern {
namespace {

constexpr float kLogSqrtTwoPi = 0.91893853320467274178f;  // log(sqrt(2 pi))

}  // namespace

void SquashedGaussian::reserve(std::size_t rows) {
  const std::size_t size = rows * components_;
  if (actions_.size() >= size) return;
  for (auto* each : {&actions_, &spread_, &sums_, &log_std_, &log_slope_}) each->resize(size);
  is_clamped_.resize(size);
}

void SquashedGaussian::forward(std::size_t rows, Rows<const float> outputs, const float* noise,
                               float* actions, float* log_prob) {
  rows_ = rows;
  reserve(rows);
  const std::size_t size = rows * components_;
  for (std::size_t r = 0, k = 0; r < rows; ++r) {
    const float* given = outputs.data + r * outputs.stride + components_;
    for (std::size_t j = 0; j < components_; ++j, ++k) {
      log_std_[k] = std::min(std::max(given[j], kMinLogStd), kMaxLogStd);
      is_clamped_[k] = log_std_[k] != given[j];
    }
  }
  exp_floats(log_std_.data(), size, spread_.data());
  for (std::size_t r = 0, k = 0; r < rows; ++r) {
    const float* mean = outputs.data + r * outputs.stride;
    for (std::size_t j = 0; j < components_; ++j, ++k) {
      spread_[k] *= noise[k];
      sums_[k] = mean[j] + spread_[k];
    }
  }
  squash_floats(sums_.data(), size, actions_.data(), log_slope_.data());
  std::copy_n(actions_.data(), size, actions);
  for (std::size_t r = 0, k = 0; r < rows; ++r) {
    float sum = 0;
    for (std::size_t j = 0; j < components_; ++j, ++k) {
      sum += -0.5f * noise[k] * noise[k] - log_std_[k] - kLogSqrtTwoPi - log_slope_[k];
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
