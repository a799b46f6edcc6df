#pragma once
// Hyper-parameters of PPO. Std only. Defaults are Stable-Baselines3's but for rollout_steps and
// minibatch_size, which suit a few cheap environments.

#include <cstddef>
#include <string>
#include <vector>

#include "agents/config/encoder_config.h"
#include "core/params.h"

namespace tern {

struct PpoConfig {
  Schedule learning_rate = Schedule::constant(3e-4);
  int rollout_steps = 256;
  int minibatch_size = 256;
  int epochs = 10;
  double gamma = 0.99;
  double gae_lambda = 0.95;
  Schedule clip_range = Schedule::constant(0.2);
  double value_clip_range = 0;
  bool normalize_advantage = true;
  double entropy_coef = 0.0;
  double value_coef = 0.5;
  double max_grad_norm = 0.5;
  double target_kl = 0;
  std::string optimizer = "adam";
  double adam_epsilon = 1e-5;
  double weight_decay = 0;
  std::string device = "cpu";
  EncoderConfig encoder;
  std::string recurrent = "none";
  int recurrent_size = 64;
  std::vector<int> hidden_sizes = {64, 64};
  std::string activation = "tanh";
  bool layer_norm = false;
  bool share_trunk = false;
  double log_std_init = 0.0;
  bool normalize_obs = false;
  bool normalize_reward = false;

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimiser", above(0));
    v("rollout_steps", rollout_steps, "steps of each env between updates", at_least(1));
    v("minibatch_size", minibatch_size,
      "samples in a gradient step; divides num_envs * rollout_steps", at_least(2));
    v("epochs", epochs, "passes over each rollout", at_least(1));
    v("gamma", gamma, "discount factor", in_range(0, 1));
    v("gae_lambda", gae_lambda, "generalised advantage estimation: 0 one-step, 1 Monte Carlo",
      in_range(0, 1));
    v("clip_range", clip_range, "how far the probability ratio may leave 1", above(0));
    v("value_clip_range", value_clip_range,
      "how far a value may move from its old one in an update; 0: no clipping", at_least(0));
    v("normalize_advantage", normalize_advantage,
      "scale advantages to mean 0, deviation 1 in each minibatch");
    v("entropy_coef", entropy_coef, "weight of the entropy bonus", at_least(0));
    v("value_coef", value_coef, "weight of the value loss", at_least(0));
    v("max_grad_norm", max_grad_norm, "gradients are scaled down to this norm; 0: never",
      at_least(0));
    v("target_kl", target_kl,
      "ends an update early once the mean KL estimate passes 1.5 times this; 0: never", at_least(0));
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
    v("recurrent", recurrent,
      "memory below the hidden layers: gru, a gated recurrent unit. minibatch_size is then a multiple"
      " of rollout_steps",
      one_of({"none", "gru"}));
    v("recurrent_size", recurrent_size, "numbers that the memory holds", in_range(8, 4096));
    v("hidden_sizes", hidden_sizes, "units of each hidden layer", in_range(1, 65536));
    v("activation", activation, "of the hidden layers", one_of({"tanh", "relu", "elu", "silu"}));
    v("layer_norm", layer_norm, "normalise hidden layers, before their activation");
    v("share_trunk", share_trunk, "actor and critic share the hidden layers");
    v("log_std_init", log_std_init, "Box actions: first log standard deviation, 1 being half the range",
      in_range(-20, 2));
    v("normalize_obs", normalize_obs, "scale observations by running mean and deviation");
    v("normalize_reward", normalize_reward,
      "scale rewards by the running deviation of discounted returns");
  }
};

/// Throws Error unless minibatches divide a rollout of num_envs * rollout_steps samples, with memory
/// into whole rollouts of envs. place: where the values come from, "configs/a.yaml:7: ".
void check_minibatch(const PpoConfig& config, std::size_t num_envs, const std::string& place = "");

}  // namespace tern
