#include "core/metrics/return_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tern {
namespace {

constexpr int kFewestDecimals = 1, kMostDecimals = 6;

std::string fixed(double value, int decimals) {
  char text[400];  // the largest double has 309 digits
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// Decimals that show three digits of `value`.
int decimals_of(double value) {
  if (value == 0 || !std::isfinite(value)) return kFewestDecimals;
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return std::clamp(2 - exponent, kFewestDecimals, kMostDecimals);
}

/// Decimals after which nothing of `value` is left.
int decimals_needed(double value) {
  int decimals = kFewestDecimals;
  for (double scale = 10; decimals < kMostDecimals; ++decimals, scale *= 10) {
    if (std::abs(value * scale - std::round(value * scale)) < 1e-6) break;
  }
  return decimals;
}

}  // namespace

std::string return_text(double mean, double deviation) {
  const bool has_spread = std::isfinite(deviation) && deviation > 0;
  const int decimals = has_spread ? decimals_of(deviation) : decimals_needed(mean);
  return fixed(mean, decimals) + " +- " + fixed(deviation, decimals);
}

std::string return_text(double value) { return fixed(value, decimals_of(value)); }

}  // namespace tern
