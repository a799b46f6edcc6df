#pragma once
// Gradients held to differences of the function itself.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace tern {

/// The largest |gradient_i - numeric_i| / max(1, |numeric_i|), where
///   numeric_i = (f(x + h e_i) - f(x - h e_i)) / (2 h).
/// In double with h = 1e-5 the truncation error is about h^2 f''' / 6 ~ 1e-11 f''' and rounding adds
/// about 1e-16 f / h ~ 1e-11 f, so that a right gradient of a tame f stays far below 1e-8.
inline double worst_gradient_error(const std::function<double(const std::vector<double>&)>& f,
                                   std::vector<double> x, const std::vector<double>& gradient,
                                   double h = 1e-5) {
  double worst = x.size() == gradient.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(x.size(), gradient.size()); ++i) {
    const double here = x[i];
    x[i] = here + h;
    const double above = f(x);
    x[i] = here - h;
    const double below = f(x);
    x[i] = here;
    const double numeric = (above - below) / (2 * h);
    const double error = std::abs(gradient[i] - numeric) / std::max(1.0, std::abs(numeric));
    if (!(error <= worst)) worst = error;  // NaN counts as an error
  }
  return worst;
}

}  // namespace tern
