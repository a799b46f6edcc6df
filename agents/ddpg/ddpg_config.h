#pragma once
// Hyper-parameters of DDPG. Std only.

#include "agents/td3/td3_config.h"

namespace tern {

/// Defaults are TD3's: Stable-Baselines3 does the same.
struct DdpgConfig : DeterministicActorConfig {};

/// DDPG is TD3 without what TD3 adds: one critic, an actor that follows every update, and targets at
/// the very actions of the target actor.
inline Td3Config td3_config(const DdpgConfig& config) {
  Td3Config same;
  static_cast<DeterministicActorConfig&>(same) = config;
  same.critics = 1;
  same.policy_delay = 1;
  same.target_noise = 0;
  return same;
}

}  // namespace tern
