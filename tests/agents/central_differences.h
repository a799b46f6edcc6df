#pragma once
// Gradients held to differences of the function itself.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace tern {

/// numeric_i = (f(x + h e_i) - f(x - h e_i)) / (2 h).
/// In double with h = 1e-5 the truncation error is about h^2 f''' / 6 ~ 1e-11 f''' and rounding adds
/// about 1e-16 f / h ~ 1e-11 f, so that a right gradient of a tame f stays far below 1e-8.
inline std::vector<double> central_differences(
    const std::function<double(const std::vector<double>&)>& f, std::vector<double> x,
    double h = 1e-5) {
  std::vector<double> numeric;
  for (double& value : x) {
    const double here = value;
    value = here + h;
    const double above = f(x);
    value = here - h;
    const double below = f(x);
    value = here;
    numeric.push_back((above - below) / (2 * h));
  }
  return numeric;
}

/// The largest |gradient_i - numeric_i| / max(1, |numeric_i|).
inline double worst_gradient_error(const std::vector<double>& numeric,
                                   const std::vector<double>& gradient) {
  double worst = numeric.size() == gradient.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(numeric.size(), gradient.size()); ++i) {
    const double error = std::abs(gradient[i] - numeric[i]) / std::max(1.0, std::abs(numeric[i]));
    if (!(error <= worst)) worst = error;  // NaN counts as an error
  }
  return worst;
}
inline double worst_gradient_error(const std::function<double(const std::vector<double>&)>& f,
                                   const std::vector<double>& x,
                                   const std::vector<double>& gradient, double h = 1e-5) {
  return worst_gradient_error(central_differences(f, x, h), gradient);
}

}  // namespace tern
