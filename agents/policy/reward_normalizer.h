#pragma once
// Scales rewards so that discounted returns have a deviation of about 1. Std only.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "agents/policy/running_moments.h"
#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// r / sqrt(Var(R) + 1e-8), clipped to [-10, 10], where R is the running discounted return of each
/// env, R_t = gamma R_{t-1} + r_t, set back to 0 where an episode ends (as in OpenAI Baselines'
/// VecNormalize). The mean is not subtracted: that would change which policy is best.
class RewardNormalizer {
 public:
  RewardNormalizer(std::size_t num_envs, double gamma)
      : gamma_(gamma), returns_(num_envs, 0.0), moments_(1) {}

  /// Takes a rollout into the statistics. rewards, ended: [T, N].
  void update(Row<const float> rewards, Row<const std::uint8_t> ended) {
    const std::size_t num_envs = returns_.size();
    seen_.resize(rewards.size());
    for (std::size_t k = 0; k < rewards.size(); ++k) {
      double& running = returns_[k % num_envs];
      running = gamma_ * running + rewards[k];
      seen_[k] = running;
      if (ended[k]) running = 0;
    }
    moments_.add(seen_.data(), seen_.size());
  }

  /// What rewards are divided by: the deviation of R.
  double unit() const { return std::sqrt(moments_.variance() + 1e-8); }

  float operator()(float reward) const {
    const double scaled = reward / unit();
    return static_cast<float>(std::clamp(scaled, -10.0, 10.0));
  }

  void save(StateWriter& out) const {
    out.write(returns_);
    moments_.save(out);
  }
  void load(StateReader& in) {
    in.read(Row<double>(returns_));
    moments_.load(in);
  }

 private:
  double gamma_;
  std::vector<double> returns_;  // R of each env
  std::vector<double> seen_;     // of update
  RunningMoments moments_;
};

}  // namespace tern
