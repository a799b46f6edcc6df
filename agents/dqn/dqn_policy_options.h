#pragma once
// What DQN's policy is made of, from its hyper-parameters.

#include "agents/dqn/dqn_config.h"
#include "agents/policy/q_policy.h"
#include "envs/env.h"

namespace tern {

/// Throws Error if the encoder does not fit the observations.
QPolicyOptions dqn_policy_options(const DqnConfig& config, const EnvSpec& spec);

}  // namespace tern
