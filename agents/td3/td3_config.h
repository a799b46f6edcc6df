#pragma once
// Hyper-parameters of TD3. Std only. Names and defaults as Stable-Baselines3's where it has them, but
// for the noise, which it leaves out and its zoo adds.

#include <string>

#include "agents/config/actor_critic_config.h"
#include "agents/config/off_policy_config.h"
#include "core/params.h"

namespace tern {

/// What TD3 and DDPG share.
struct DeterministicActorConfig : ActorCriticConfig {
  Schedule learning_rate = Schedule::constant(1e-3);
  OffPolicyConfig replay;
  double tau = 0.005;
  std::string noise = "gaussian";
  double noise_sigma = 0.1;
  double noise_theta = 0.15;

  DeterministicActorConfig() { hidden_sizes = {400, 300}; }

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimisers of actor and critics", above(0));
    replay.visit(v);
    replay.memory.visit(v);
    v("tau", tau, "share of the networks in each update of their targets; 1: a copy", in_range(0, 1));
    v("noise", noise, "what actions are explored with: independent, or with inertia",
      one_of({"gaussian", "ornstein_uhlenbeck"}));
    v("noise_sigma", noise_sigma,
      "its deviation (of a step of ornstein_uhlenbeck); bounds of actions are -1 and 1", in_range(0, 10));
    v("noise_theta", noise_theta, "ornstein_uhlenbeck: share of it that is lost in a step",
      in_range(0, 1));
    ActorCriticConfig::visit(v);
  }
};

struct Td3Config : DeterministicActorConfig {
  int policy_delay = 2;
  double target_noise = 0.2;
  double target_noise_clip = 0.5;
  int critics = 2;  // DDPG has one

  template <class V>
  void visit(V& v) {
    DeterministicActorConfig::visit(v);
    v("policy_delay", policy_delay, "updates of the critics for each of the actor and the targets",
      at_least(1));
    v("target_noise", target_noise, "deviation of the noise on the target's next actions",
      in_range(0, 10));
    v("target_noise_clip", target_noise_clip, "that noise is clamped to this size", in_range(0, 2));
  }
};

}  // namespace tern
