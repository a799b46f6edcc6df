#pragma once
// A wrapper that gives an env another time limit.

#include <memory>
#include <utility>

#include "envs/wrappers/env_wrapper.h"

namespace tern {

/// The max_episode_steps wrapper: EnvSpec::max_episode_steps is `steps`, 0 for none. VecEnv applies
/// it as any other, so that an episode which it ends is truncated.
class TimeLimit final : public EnvWrapper {
 public:
  TimeLimit(std::unique_ptr<Env> inner, int steps) : EnvWrapper(std::move(inner)) {
    spec_.max_episode_steps = steps;
  }
};

}  // namespace tern
