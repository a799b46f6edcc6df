#pragma once
// Hyper-parameters of SAC. Std only. Names and defaults as Stable-Baselines3's where it has them.

#include "agents/config/actor_critic_config.h"
#include "agents/config/off_policy_config.h"
#include "core/params.h"

namespace tern {

struct SacConfig : ActorCriticConfig {
  Schedule learning_rate = Schedule::constant(3e-4);
  OffPolicyConfig replay;
  double tau = 0.005;
  double entropy_coef = 1.0;
  bool learn_entropy_coef = true;
  double target_entropy = -1;
  double target_entropy_share = 0.3;
  bool use_sde = false;
  int sde_sample_freq = 64;
  double sde_log_std = -3;

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimisers of actor, critics and entropy weight",
      above(0));
    replay.visit(v);
    replay.memory.visit(v);
    v("tau", tau, "share of the critics in each update of their targets; 1: a copy", in_range(0, 1));
    v("entropy_coef", entropy_coef, "weight of the entropy; the first one where it is learned", above(0));
    v("learn_entropy_coef", learn_entropy_coef,
      "adjust the weight so that the policy keeps its target entropy");
    v("target_entropy", target_entropy,
      "nats for each component of the action, in units in which its bounds are -1 and 1",
      in_range(-20, 0.69));
    v("target_entropy_share", target_entropy_share,
      "Discrete actions: target entropy as a share of the largest, log of the number of allowed ones",
      in_range(0, 1));
    v("use_sde", use_sde,
      "state-dependent exploration (gSDE): noise that is a function of the state, kept for many steps");
    v("sde_sample_freq", sde_sample_freq,
      "use_sde: environment steps until the function is drawn anew; 0: only with each episode",
      at_least(0));
    v("sde_log_std", sde_log_std, "use_sde: log deviation of each of its numbers at the start",
      in_range(-20, 2));
    ActorCriticConfig::visit(v);
  }
};

}  // namespace tern
