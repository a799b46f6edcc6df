#pragma once
// Hyper-parameters of SAC. Std only. Names and defaults as Stable-Baselines3's where it has them.

#include <string>
#include <vector>

#include "agents/config/encoder_config.h"
#include "agents/config/off_policy_config.h"
#include "core/params.h"

namespace tern {

struct SacConfig {
  Schedule learning_rate = Schedule::constant(3e-4);
  OffPolicyConfig replay;
  double tau = 0.005;
  double entropy_coef = 1.0;
  bool learn_entropy_coef = true;
  double target_entropy = -1;
  double target_entropy_share = 0.3;
  double max_grad_norm = 0;
  std::string optimizer = "adam";
  double adam_epsilon = 1e-8;
  double weight_decay = 0;
  std::string device = "cpu";
  EncoderConfig encoder;
  std::vector<int> hidden_sizes = {256, 256};
  std::string activation = "relu";
  bool layer_norm = false;
  bool normalize_obs = false;

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimisers of actor, critics and entropy weight",
      above(0));
    replay.visit(v);
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
    v("max_grad_norm", max_grad_norm, "gradients are scaled down to this norm; 0: never",
      at_least(0));
    v("optimizer", optimizer, "what takes the gradient steps",
      one_of({"adam", "adamw", "rmsprop"}));
    v("adam_epsilon", adam_epsilon, "added to the denominator of a step, rmsprop's as well",
      above(0));
    v("weight_decay", weight_decay,
      "adamw: share of a parameter that a step takes away, times the learning rate", at_least(0));
    v("device", device,
      "where networks compute: cpu, by fused kernels; cuda, by LibTorch's layers (no such machine was "
      "at hand to test it)",
      one_of({"cpu", "cuda"}));
    encoder.visit(v);
    v("hidden_sizes", hidden_sizes, "units of each hidden layer of actor and critics",
      in_range(1, 65536));
    v("activation", activation, "of the hidden layers", one_of({"tanh", "relu", "elu", "silu"}));
    v("layer_norm", layer_norm, "normalise hidden layers, before their activation");
    v("normalize_obs", normalize_obs, "scale observations by running mean and deviation");
  }
};

}  // namespace tern
