#pragma once
// Hyper-parameters of CrossQ. Std only. Names and defaults as those of SB3-Contrib's, in our words.

#include <vector>

#include "agents/config/actor_critic_config.h"
#include "agents/config/off_policy_config.h"
#include "core/params.h"

namespace tern {

struct CrossqConfig : ActorCriticConfig {
  Schedule learning_rate = Schedule::constant(1e-3);
  OffPolicyConfig replay;
  int policy_delay = 3;
  double entropy_coef = 1.0;
  bool learn_entropy_coef = true;
  double target_entropy = -1;
  std::vector<int> critic_hidden_sizes = {1024, 1024};
  double adam_beta1 = 0.5;
  double batch_norm_momentum = 0.99;
  int renorm_warmup = 100'000;

  /// Why `recurrent` is refused.
  static constexpr const char* kNoMemory =
      "normalises its layers over a batch of independent rows, which steps of a sequence are not";

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimisers of actor, critics and entropy weight",
      above(0));
    replay.visit(v);
    v("policy_delay", policy_delay, "updates of the critics for each of the actor and the entropy weight",
      at_least(1));
    v("entropy_coef", entropy_coef, "weight of the entropy; the first one where it is learned", above(0));
    v("learn_entropy_coef", learn_entropy_coef,
      "adjust the weight so that the policy keeps its target entropy");
    v("target_entropy", target_entropy,
      "nats for each component of the action, in units in which its bounds are -1 and 1",
      in_range(-20, 0.69));
    v("critic_hidden_sizes", critic_hidden_sizes,
      "units of each hidden layer of the critics; the time of an update goes with their square",
      in_range(1, 65536));
    v("adam_beta1", adam_beta1, "adam and adamw: share of the mean gradient that a step of actor and "
      "critics keeps", in_range(0, 0.9999));
    v("batch_norm_momentum", batch_norm_momentum,
      "share of the running moments of batch normalisation that an update keeps", in_range(0, 0.9999));
    v("renorm_warmup", renorm_warmup,
      "updates of a network that are normalised by their batch alone, before they are pulled to the "
      "running moments", in_range(0, 1e7));
    ActorCriticConfig::visit(v, "units of each hidden layer of the actor");
  }
};

}  // namespace tern
