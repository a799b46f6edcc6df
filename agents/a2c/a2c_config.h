#pragma once
// Hyper-parameters of A2C. Std only. Names where Tern has them, defaults are Stable-Baselines3's.

#include "agents/config/on_policy_config.h"

namespace tern {

struct A2cConfig : OnPolicyConfig {
  A2cConfig() {
    learning_rate = Schedule::constant(7e-4);
    rollout_steps = 5;
    gae_lambda = 1;
    normalize_advantage = false;
    optimizer = "rmsprop";
  }
};

}  // namespace tern
