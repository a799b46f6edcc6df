#pragma once
// Hyper-parameters of PPO. Std only. Defaults are Stable-Baselines3's but for rollout_steps and
// minibatch_size, which suit a few cheap environments.

#include <cstddef>
#include <string>

#include "agents/config/on_policy_config.h"

namespace tern {

struct PpoConfig : OnPolicyConfig {
  int minibatch_size = 256;
  int epochs = 10;
  Schedule clip_range = Schedule::constant(0.2);
  double value_clip_range = 0;
  double target_kl = 0;
  std::string recurrent = "none";
  int recurrent_size = 64;
  bool normalize_reward = false;

  template <class V>
  void visit(V& v) {
    visit_learning(v);
    v("minibatch_size", minibatch_size,
      "samples in a gradient step; divides num_envs * rollout_steps", at_least(2));
    v("epochs", epochs, "passes over each rollout", at_least(1));
    v("clip_range", clip_range, "how far the probability ratio may leave 1", above(0));
    v("value_clip_range", value_clip_range,
      "how far a value may move from its old one in an update; 0: no clipping", at_least(0));
    v("target_kl", target_kl,
      "ends an update early once the mean KL estimate passes 1.5 times this; 0: never", at_least(0));
    visit_networks(v);
    v("recurrent", recurrent,
      "memory below the hidden layers: gru, a gated recurrent unit. minibatch_size is then a multiple"
      " of rollout_steps",
      one_of({"none", "gru"}));
    v("recurrent_size", recurrent_size, "numbers that the memory holds", in_range(8, 4096));
    v("normalize_reward", normalize_reward,
      "scale rewards by the running deviation of discounted returns");
  }
};

/// Throws Error unless minibatches divide a rollout of num_envs * rollout_steps samples, with memory
/// into whole rollouts of envs. place: where the values come from, "configs/a.yaml:7: ".
void check_minibatch(const PpoConfig& config, std::size_t num_envs, const std::string& place = "");

}  // namespace tern
