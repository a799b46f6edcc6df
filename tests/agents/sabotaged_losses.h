#pragma once
// Broken twins of PPO's policy loss: an agent that has one of them must not learn.

#include <algorithm>
#include <vector>

#include "agents/losses/ppo_closed_form.h"

namespace tern {

inline double flipped_policy_loss(Row<const float> log_prob, Row<const float> old_log_prob,
                           Row<const float> advantages, double clip_range, Row<float> gradient) {
  std::vector<float> flipped(advantages.begin(), advantages.end());
  for (float& advantage : flipped) advantage = -advantage;
  return clipped_surrogate_closed_form(log_prob, old_log_prob, Row<const float>(flipped), clip_range,
                                gradient);
}

inline double no_policy_loss(Row<const float>, Row<const float>, Row<const float>, double,
                      Row<float> gradient) {
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  return 0;
}

}  // namespace tern
