#pragma once
// What A2C's actor-critic policy is made of, from its hyper-parameters.

#include "agents/a2c/a2c_config.h"
#include "agents/policy/actor_critic_policy.h"
#include "envs/env.h"

namespace tern {

/// Throws Error if the encoder does not fit the observations.
ActorCriticOptions a2c_policy_options(const A2cConfig& config, const EnvSpec& spec);

}  // namespace tern
