#pragma once
// Hyper-parameters of A2C. Std only. Names where Tern has them, defaults are Stable-Baselines3's.

#include <string>
#include <vector>

#include "agents/config/encoder_config.h"
#include "core/params.h"

namespace tern {

struct A2cConfig {
  Schedule learning_rate = Schedule::constant(7e-4);
  int rollout_steps = 5;
  double gamma = 0.99;
  double gae_lambda = 1;
  bool normalize_advantage = false;
  double entropy_coef = 0;
  double value_coef = 0.5;
  double max_grad_norm = 0.5;
  std::string optimizer = "rmsprop";
  double adam_epsilon = 1e-5;
  double weight_decay = 0;
  std::string device = "cpu";
  EncoderConfig encoder;
  std::vector<int> hidden_sizes = {64, 64};
  std::string activation = "tanh";
  bool layer_norm = false;
  bool share_trunk = false;
  double log_std_init = 0;
  bool normalize_obs = false;

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimiser", above(0));
    v("rollout_steps", rollout_steps, "steps of each env between updates", at_least(1));
    v("gamma", gamma, "discount factor", in_range(0, 1));
    v("gae_lambda", gae_lambda, "generalised advantage estimation: 0 one-step, 1 n-step returns",
      in_range(0, 1));
    v("normalize_advantage", normalize_advantage,
      "scale advantages to mean 0, deviation 1 in each rollout");
    v("entropy_coef", entropy_coef, "weight of the entropy bonus", at_least(0));
    v("value_coef", value_coef, "weight of the value loss", at_least(0));
    v("max_grad_norm", max_grad_norm, "gradients are scaled down to this norm; 0: never",
      at_least(0));
    v("optimizer", optimizer, "what takes the gradient steps",
      one_of({"adam", "adamw", "rmsprop"}));
    v("adam_epsilon", adam_epsilon, "added to the denominator of a step, rmsprop's as well",
      above(0));
    v("weight_decay", weight_decay,
      "adamw: share of a parameter that a step takes away, times the learning rate", at_least(0));
    v("device", device,
      "where networks compute: cpu, by fused kernels; cuda, by LibTorch's layers (no such machine "
      "was at hand to test it)",
      one_of({"cpu", "cuda"}));
    encoder.visit(v);
    v("hidden_sizes", hidden_sizes, "units of each hidden layer", in_range(1, 65536));
    v("activation", activation, "of the hidden layers", one_of({"tanh", "relu", "elu", "silu"}));
    v("layer_norm", layer_norm, "normalise hidden layers, before their activation");
    v("share_trunk", share_trunk, "actor and critic share the hidden layers");
    v("log_std_init", log_std_init,
      "Box actions: first log standard deviation, 1 being half the range", in_range(-20, 2));
    v("normalize_obs", normalize_obs, "scale observations by running mean and deviation");
  }
};

}  // namespace tern
