#pragma once
// What PPO's actor-critic policy is made of, from its hyper-parameters.

#include "agents/policy/actor_critic_policy.h"
#include "agents/ppo/ppo_config.h"
#include "envs/env.h"

namespace tern {

/// Throws Error if the encoder does not fit the observations.
ActorCriticOptions ppo_policy_options(const PpoConfig& config, const EnvSpec& spec);

}  // namespace tern
