#pragma once
// Hyper-parameters of learning from rollouts of the present policy, the same for every agent that
// does. Std only. Names where Tern has them, defaults are Stable-Baselines3's.

#include <string>

#include "agents/config/agent_info.h"
#include "agents/config/network_config.h"
#include "core/params.h"

namespace tern {

struct OnPolicyConfig : OptimizerConfig, NetworkConfig {
  Schedule learning_rate = Schedule::constant(3e-4);
  int rollout_steps = 256;
  double gamma = 0.99;
  double gae_lambda = 0.95;
  bool normalize_advantage = true;
  double entropy_coef = 0;
  double value_coef = 0.5;
  bool share_trunk = false;
  double log_std_init = 0;

  OnPolicyConfig() {
    max_grad_norm = 0.5;
    adam_epsilon = 1e-5;
    activation = "tanh";
  }

  template <class V>
  void visit(V& v) {
    visit_learning(v);
    visit_networks(v);
  }
  template <class V>
  void visit_learning(V& v) {
    v("learning_rate", learning_rate, "step size of the optimiser", above(0));
    v("rollout_steps", rollout_steps, "steps of each env between updates", at_least(1));
    v("gamma", gamma, "discount factor", in_range(0, 1));
    v("gae_lambda", gae_lambda,
      "generalised advantage estimation: 0 one-step, 1 all rewards of the rollout", in_range(0, 1));
    v("normalize_advantage", normalize_advantage,
      "scale the advantages of a gradient step to mean 0, deviation 1");
    v("entropy_coef", entropy_coef, "weight of the entropy bonus", at_least(0));
    v("value_coef", value_coef, "weight of the value loss", at_least(0));
  }
  template <class V>
  void visit_networks(V& v) {
    v("share_trunk", share_trunk, "actor and critic share the hidden layers");
    v("log_std_init", log_std_init,
      "Box actions: first log standard deviation, 1 being half the range", in_range(-20, 2));
    OptimizerConfig::visit(v);
    NetworkConfig::visit(v);
  }
};

/// "64 samples (run.num_envs 8 * agent.rollout_steps 8)"
std::string rollout_text(const OnPolicyConfig& config, std::int64_t num_envs);

/// Throws Error, naming the place of the option at fault, unless the options fit each other and the
/// run, which must be long enough for a rollout.
void check_on_policy(const AgentDemand& demand, const OnPolicyConfig& config);

}  // namespace tern
