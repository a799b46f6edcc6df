#pragma once
// One Gaussian number, given by its mean and log standard deviation. Std only.

#include <cmath>

#include "core/rng.h"

namespace tern {

inline constexpr double kLogSqrtTwoPi = 0.91893853320467274178;  // log(sqrt(2 pi))

/// N(mean, exp(log_std)^2).
struct Gaussian {
  double mean = 0, log_std = 0;

  /// One draw.
  double sample(Rng& rng) const {
    const double noise = rng.normal();
    return mean + std::exp(log_std) * noise;
  }
  /// log N(x; mu, sigma) = -z^2 / 2 - log sigma - log sqrt(2 pi),   z = (x - mu) / sigma
  double log_probability(double x) const {
    const double z = (x - mean) / std::exp(log_std);
    return -0.5 * z * z - log_std - kLogSqrtTwoPi;
  }
  /// H = log sigma + 1/2 + log sqrt(2 pi), nats.
  double entropy() const { return log_std + 0.5 + kLogSqrtTwoPi; }
};

}  // namespace tern
