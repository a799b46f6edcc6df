#include "render/frame_pacer.h"

#include <algorithm>
#include <utility>

namespace tern {

double FramePacer::wait(double elapsed, double work, double cpu_share) {
  constexpr double kNewest = 0.1;         // its weight in the mean
  constexpr double kLongestPeriod = 0.5;  // seconds
  mean_work_ = has_mean_ ? (1 - kNewest) * mean_work_ + kNewest * work : work;
  has_mean_ = true;
  const double wanted = std::clamp(mean_work_ / cpu_share, period_, kLongestPeriod);
  return std::max(wanted - elapsed, 0.0);
}

std::optional<double> FrameRate::measured(double now) {
  if (now - began_ < 1) return std::nullopt;
  return std::exchange(frames_, 0) / (now - std::exchange(began_, now));
}

}  // namespace tern
