#include "agents/policy/distributions/likelihood.h"

#include <algorithm>
#include <cmath>

#include "agents/kernels/softmax.h"

namespace tern {
namespace {

constexpr float kLogSqrtTwoPi = 0.91893853320467274178f;  // log(sqrt(2 pi))

// Instead of a masked logit: its exp is 0, and 0 times it is, too, so that entropies stay finite.
constexpr float kMaskedLogit = -1e9f;

}  // namespace

LikelihoodRows::LikelihoodRows(const ActionSpace& space)
    : space_(space), inverse_sigma_(space.is_box() ? space.size() : 0) {}

void LikelihoodRows::reserve(std::size_t rows) {
  const std::size_t columns = space_.is_box() ? space_.size() : space_.mask_size();
  const std::size_t stride = padded(rows);
  if (p_.size() >= columns * stride) return;
  p_.resize(columns * stride);
  log_p_.resize(columns * stride);
  entropy_.resize(space_.size() * stride);
  choices_.resize(space_.size() * stride);
}

void LikelihoodRows::forward(std::size_t rows, Rows<const float> outputs, Row<const float> log_std,
                             const Taken& taken, float* log_prob, float* entropy) {
  const std::size_t columns = space_.is_box() ? space_.size() : space_.mask_size();
  rows_ = rows;
  stride_ = padded(rows);
  reserve(rows);
  std::fill_n(log_prob, rows, 0.0f);
  if (!space_.is_box()) {
    categorical_forward(outputs, taken, log_prob, entropy);
    return;
  }
  // log N(a; mu, sigma) = -z^2 / 2 - log sigma - log sqrt(2 pi), z = (a - mu) / sigma;
  // H = sum over components of log sigma + 1/2 + log sqrt(2 pi)
  const auto* actions = static_cast<const float*>(taken.actions);
  float total_entropy = 0;
  for (std::size_t j = 0; j < columns; ++j) {
    inverse_sigma_[j] = std::exp(-log_std[j]);
    total_entropy += log_std[j] + 0.5f + kLogSqrtTwoPi;
    float* z = p_.data() + j * stride_;
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t row = taken.index == nullptr ? r : static_cast<std::size_t>(taken.index[r]);
      z[r] =
          (actions[row * columns + j] - outputs.data[r * outputs.stride + j]) * inverse_sigma_[j];
      log_prob[r] += -0.5f * z[r] * z[r] - log_std[j] - kLogSqrtTwoPi;
    }
  }
  std::fill_n(entropy, rows, total_entropy);
}

void LikelihoodRows::categorical_forward(Rows<const float> outputs, const Taken& taken,
                                         float* log_prob, float* entropy) {
  const std::size_t columns = space_.mask_size(), components = space_.size();
  const auto* actions = static_cast<const std::int32_t*>(taken.actions);
  for (std::size_t r = 0; r < rows_; ++r) {
    const std::size_t row = taken.index == nullptr ? r : static_cast<std::size_t>(taken.index[r]);
    const std::uint8_t* mask = taken.masks == nullptr ? nullptr : taken.masks + row * columns;
    for (std::size_t j = 0; j < columns; ++j) {
      log_p_[j * stride_ + r] =
          mask == nullptr || mask[j] ? outputs.data[r * outputs.stride + j] : kMaskedLogit;
    }
    for (std::size_t i = 0; i < components; ++i) {
      choices_[i * stride_ + r] = actions[row * components + i];
    }
  }
  std::fill_n(entropy, rows_, 0.0f);
  std::size_t first = 0;
  for (std::size_t i = 0; i < components; ++i) {
    const std::size_t n = space_.options(i);
    float* log_p = log_p_.data() + first * stride_;
    float* p = p_.data() + first * stride_;
    float* own_entropy = entropy_.data() + i * stride_;
    log_softmax_columns(log_p, n, stride_, rows_);
    exp_floats(log_p, n * stride_, p);
    std::fill_n(own_entropy, rows_, 0.0f);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t r = 0; r < rows_; ++r) {
        own_entropy[r] -= p[j * stride_ + r] * log_p[j * stride_ + r];
      }
    }
    for (std::size_t r = 0; r < rows_; ++r) {
      const auto choice = static_cast<std::size_t>(choices_[i * stride_ + r]);
      log_prob[r] += log_p[choice * stride_ + r];
      entropy[r] += own_entropy[r];
    }
    first += n;
  }
}

void LikelihoodRows::backward(const float* log_prob_gradient, float entropy_gradient,
                              Rows<float> outputs_gradient, double* log_std_gradient) {
  if (!space_.is_box()) {
    categorical_backward(log_prob_gradient, entropy_gradient, outputs_gradient);
    return;
  }
  for (std::size_t j = 0; j < space_.size(); ++j) {
    const float* z = p_.data() + j * stride_;
    double sum = 0;
    for (std::size_t r = 0; r < rows_; ++r) {
      outputs_gradient.data[r * outputs_gradient.stride + j] =
          log_prob_gradient[r] * z[r] * inverse_sigma_[j];
      sum += log_prob_gradient[r] * (z[r] * z[r] - 1);
    }
    log_std_gradient[j] += sum + static_cast<double>(entropy_gradient) * static_cast<double>(rows_);
  }
}

void LikelihoodRows::categorical_backward(const float* log_prob_gradient, float entropy_gradient,
                                          Rows<float> outputs_gradient) const {
  // d log p(a) / d logit_j = [j = a] - p_j;   d H / d logit_j = -p_j (log p_j + H)
  std::size_t first = 0;
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const std::size_t n = space_.options(i);
    const float* entropy = entropy_.data() + i * stride_;
    for (std::size_t r = 0; r < rows_; ++r) {
      float* out = outputs_gradient.data + r * outputs_gradient.stride + first;
      const float g = log_prob_gradient[r];
      for (std::size_t j = 0; j < n; ++j) {
        const std::size_t at = (first + j) * stride_ + r;
        out[j] = -p_[at] * (g + entropy_gradient * (log_p_[at] + entropy[r]));
      }
      out[choices_[i * stride_ + r]] += g;
    }
    first += n;
  }
}

}  // namespace tern
