#pragma once
// Hyper-parameters of DQN. Std only. Names and defaults as Stable-Baselines3's where it has them.

#include <cstdint>

#include "agents/config/network_config.h"
#include "agents/config/off_policy_config.h"
#include "core/params.h"

namespace tern {

struct DqnConfig : OptimizerConfig, NetworkConfig {
  Schedule learning_rate = Schedule::constant(1e-4);
  OffPolicyConfig replay;
  std::int64_t target_update_every = 10'000;
  double tau = 1.0;
  double epsilon_start = 1.0;
  double epsilon_end = 0.05;
  std::int64_t epsilon_steps = 0;
  int epsilon_duration = 1;
  double huber_threshold = 1.0;
  bool double_q = false;
  bool dueling = false;
  int quantiles = 0;

  DqnConfig() {
    replay.buffer_size = 100'000;
    replay.learning_starts = 1000;
    replay.batch_size = 32;
    replay.train_every = 4;
    max_grad_norm = 10;
  }

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of the optimiser", above(0));
    replay.visit(v);
    v("target_update_every", target_update_every,
      "environment steps between updates of the target network", at_least(1));
    v("tau", tau, "share of the online network in a target update; 1: a copy", in_range(0, 1));
    v("epsilon_start", epsilon_start, "first probability of a random action", in_range(0, 1));
    v("epsilon_end", epsilon_end, "last probability of a random action", in_range(0, 1));
    v("epsilon_steps", epsilon_steps,
      "environment steps from the first to the last; 0: a tenth of the run", at_least(0));
    v("epsilon_duration", epsilon_duration,
      "most steps that a random action is kept up, n of them with a chance as n^-2; 1: none is",
      in_range(1, 1000));
    v("huber_threshold", huber_threshold,
      "errors beyond it count by their size, not its square; above the largest value: squared "
      "error",
      above(0));
    v("double_q", double_q, "the online network picks the next action, the target one rates it");
    v("dueling", dueling, "V(s) and the advantages of the actions have hidden layers of their own");
    v("quantiles", quantiles,
      "quantiles of the return that are learned of each action (QR-DQN), Q being their mean; 0: Q "
      "alone",
      in_range(0, 1000));
    OptimizerConfig::visit(v);
    NetworkConfig::visit(v);
  }
};

}  // namespace tern
