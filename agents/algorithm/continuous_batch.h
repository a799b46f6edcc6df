#pragma once
// A batch of transitions as actors and critics of Box actions read it.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "agents/algorithm/finite_check.h"
#include "agents/policy/continuous_policy.h"
#include "replay/replay_batch.h"

namespace tern {

/// B drawn transitions (s, a, r, s'), and the rows that networks read of them. Allocated once.
class ContinuousBatch {
 public:
  ContinuousBatch(const EnvSpec& spec, const ContinuousPolicy& policy, std::size_t size)
      : drawn_(spec, size),
        size_(size),
        features_(policy.net.encoder.size()),
        actions_(policy.num_actions()) {
    for (auto* each : {&obs, &next_obs}) each->resize(size * features_);
    for (auto* each : {&obs_actions, &next_obs_actions}) each->resize(size * (features_ + actions_));
  }

  std::size_t size() const { return size_; }
  const ReplayRows& rows() const { return drawn_.rows(); }
  /// Fills obs, next_obs, obs_actions with the actions that were taken, and next_obs_actions but for
  /// its actions.
  void encode(const ContinuousPolicy& policy) {
    policy.net.encoder.encode(rows().obs, obs.data());
    policy.net.encoder.encode(rows().next_obs, next_obs.data());
    for (std::size_t i = 0; i < size_; ++i) {
      std::copy_n(obs.data() + i * features_, features_, row(obs_actions, i));
      std::copy_n(next_obs.data() + i * features_, features_, row(next_obs_actions, i));
    }
    put(reinterpret_cast<const float*>(rows().actions.data()), obs_actions);
  }
  /// Writes actions, [B, A], into rows for a critic.
  void put(const float* actions, std::vector<float>& critic_rows) const {
    for (std::size_t i = 0; i < size_; ++i) {
      std::copy_n(actions + i * actions_, actions_, row(critic_rows, i) + features_);
    }
  }

  /// All that a loss was computed from, for whoever looks into a NaN. targets: [B] or more.
  std::vector<NamedArray> arrays(const EnvSpec& spec, const std::vector<float>& targets) const {
    return {named_matrix("features", obs.data(), size_, features_).from(shown_by(spec.id)),
            named_matrix("actions", reinterpret_cast<const float*>(rows().actions.data()), size_,
                         actions_),
            named_vector("rewards", Row<const float>(rows().reward)).from(paid_by(spec.id)),
            named_vector("terminated", Row<const std::uint8_t>(rows().terminated)),
            named_matrix("next_features", next_obs.data(), size_, features_)
                .from(shown_by(spec.id)),
            named_vector("targets", Row<const float>(targets))};
  }

  std::vector<float> obs, next_obs;                  // [B, F]
  std::vector<float> obs_actions, next_obs_actions;  // [B, F + A]

 private:
  float* row(std::vector<float>& critic_rows, std::size_t i) const {
    return critic_rows.data() + i * (features_ + actions_);
  }

  ReplayBatch drawn_;
  std::size_t size_, features_, actions_;
};

}  // namespace tern
