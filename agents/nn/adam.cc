#include "agents/nn/adam.h"

#include <algorithm>
#include <cmath>

namespace tern {

double clip_gradient_norm(at::Tensor& gradients, double max_norm) {
  float* g = gradients.data_ptr<float>();
  const std::int64_t size = gradients.numel();
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(g[i]) * g[i];
  const double norm = std::sqrt(sum);
  if (max_norm > 0 && norm > max_norm) {
    const auto scale = static_cast<float>(max_norm / (norm + 1e-6));
    for (std::int64_t i = 0; i < size; ++i) g[i] *= scale;
  }
  return norm;
}

Adam::Adam(std::int64_t size, double epsilon, double beta1, double beta2)
    : epsilon_(epsilon), beta1_(beta1), beta2_(beta2), mean_(size), variance_(size) {}

void Adam::step(at::Tensor& parameters, const at::Tensor& gradients, double learning_rate) {
  ++steps_;
  const auto t = static_cast<double>(steps_);
  const auto step_size = static_cast<float>(learning_rate / (1 - std::pow(beta1_, t)));
  const auto root_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(beta2_, t)));
  const auto b1 = static_cast<float>(beta1_), b2 = static_cast<float>(beta2_);
  // Not 1 - b2 in float32: that is off by 1.3e-5 of itself.
  const auto rest1 = static_cast<float>(1 - beta1_), rest2 = static_cast<float>(1 - beta2_);
  const auto epsilon = static_cast<float>(epsilon_);
  float* p = parameters.data_ptr<float>();
  const float* g = gradients.data_ptr<float>();
  for (std::size_t i = 0; i < mean_.size(); ++i) {
    mean_[i] = b1 * mean_[i] + rest1 * g[i];
    variance_[i] = b2 * variance_[i] + rest2 * g[i] * g[i];
    p[i] -= step_size * mean_[i] / (std::sqrt(variance_[i]) * root_correction + epsilon);
  }
}

void Adam::save(StateWriter& out) const { out.write(steps_, mean_, variance_); }

void Adam::load(StateReader& in) {
  in.read(steps_);
  in.read(Row<float>(mean_));
  in.read(Row<float>(variance_));
}

void polyak_update(at::Tensor& target, const at::Tensor& online, double tau) {
  float* t = target.data_ptr<float>();
  const float* o = online.data_ptr<float>();
  const std::int64_t size = target.numel();
  if (tau == 1) {  // an exact copy, not one to within rounding
    std::copy(o, o + size, t);
    return;
  }
  const auto share = static_cast<float>(tau);
  for (std::int64_t i = 0; i < size; ++i) t[i] += share * (o[i] - t[i]);
}

}  // namespace tern
