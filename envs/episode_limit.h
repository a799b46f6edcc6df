#pragma once
// After how many steps episodes are cut in envs without a time limit.

#include "envs/env.h"

namespace tern {

/// An env may have no time limit and a policy walk against a wall for ever. eval, train's
/// evaluations, rollout, record and watch all cut such an episode after so many steps and say so.
constexpr int kLongestEpisode = 100'000;

/// Steps after which an episode is cut; 0: the env ends every episode itself, by its time limit.
inline int cut_after(const EnvSpec& spec) {
  return spec.max_episode_steps > 0 ? 0 : kLongestEpisode;
}

}  // namespace tern
