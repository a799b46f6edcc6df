#include "agents/policy/distributions/state_dependent_noise.h"

#include <algorithm>
#include <cmath>

namespace tern {
namespace {

constexpr float kLeastVariance = 1e-6f;

}  // namespace

void StateDependentNoise::log_deviations(std::size_t rows, Rows<const float> hidden,
                                         Row<const float> log_sigma, Rows<float> out) const {
  for (std::size_t r = 0; r < rows; ++r) {
    float* variance = out.data + r * out.stride;
    const float* z = hidden.data + r * hidden.stride;
    std::fill_n(variance, components_, kLeastVariance);
    for (std::size_t i = 0; i < hidden_; ++i) {
      for (std::size_t j = 0; j < components_; ++j) {
        const float part = z[i] * std::exp(log_sigma[i * components_ + j]);
        variance[j] += part * part;
      }
    }
    for (std::size_t j = 0; j < components_; ++j) variance[j] = 0.5f * std::log(variance[j]);
  }
}

void StateDependentNoise::backward(std::size_t rows, Rows<const float> hidden,
                                   Row<const float> log_sigma, Rows<const float> log_deviations,
                                   Rows<const float> gradient, Row<float> log_sigma_gradient) const {
  for (std::size_t r = 0; r < rows; ++r) {
    const float* z = hidden.data + r * hidden.stride;
    for (std::size_t i = 0; i < hidden_; ++i) {
      for (std::size_t j = 0; j < components_; ++j) {
        const std::size_t k = i * components_ + j;
        const float share =
            z[i] * std::exp(log_sigma[k] - log_deviations.data[r * log_deviations.stride + j]);
        log_sigma_gradient[k] += gradient.data[r * gradient.stride + j] * share * share;
      }
    }
  }
}

void StateDependentNoise::standardized(Row<const float> hidden, Row<const float> log_sigma,
                                       Row<const float> eps, Row<const float> log_deviations,
                                       Row<float> out) const {
  std::fill(out.begin(), out.end(), 0.0f);
  for (std::size_t i = 0; i < hidden_; ++i) {
    for (std::size_t j = 0; j < components_; ++j) {
      const std::size_t k = i * components_ + j;
      out[j] += hidden[i] * std::exp(log_sigma[k]) * eps[k];
    }
  }
  for (std::size_t j = 0; j < components_; ++j) out[j] *= std::exp(-log_deviations[j]);
}

}  // namespace tern
