#pragma once
// REINFORCE with a baseline (Williams 1992): hyper-parameters, equations and the entry in the table
// of agents.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "agents/algorithm/agent.h"
#include "agents/algorithm/agent_maker.h"
#include "agents/config/agent_info.h"
#include "core/params.h"
#include "envs/env.h"

namespace custom_agent {

struct ReinforceConfig {
  tern::Schedule learning_rate = tern::Schedule::constant(3e-3);
  int rollout_steps = 64;
  double gamma = 0.99;
  double value_coef = 0.5;
  double max_grad_norm = 1;
  std::vector<int> hidden_sizes = {64, 64};

  template <class V>
  void visit(V& v) {
    v("learning_rate", learning_rate, "step size of Adam", tern::above(0));
    v("rollout_steps", rollout_steps, "steps of each env between updates", tern::at_least(1));
    v("gamma", gamma, "discount factor", tern::in_range(0, 1));
    v("value_coef", value_coef, "weight of the baseline's loss", tern::at_least(0));
    v("max_grad_norm", max_grad_norm, "gradients are scaled down to this norm; 0: never",
      tern::at_least(0));
    v("hidden_sizes", hidden_sizes, "units of each hidden layer", tern::in_range(1, 65536));
  }
};

/// One sample's term of a loss, and its derivative.
struct Term {
  float loss = 0, gradient = 0;
};

/// -A log pi(a | s), and its derivative by log pi(a | s): what raises the reward on average.
inline Term policy_term(float log_prob, float advantage) {
  return {-advantage * log_prob, -advantage};
}

/// (V(s) - G)^2, and its derivative by V(s).
inline Term value_term(float value, float target) {
  const float error = value - target;
  return {error * error, 2 * error};
}

/// G_t = r_t + gamma G_{t+1}, and V(s'_t) in place of G_{t+1} where the rollout ends or a time
/// limit cut the episode; 0 where the env ended it.
inline float discounted_return(float reward, bool terminated, float after, double gamma) {
  return terminated ? reward : reward + static_cast<float>(gamma) * after;
}

/// The equations of the agent. A test puts a wrong one in place of a right one, and must see it.
struct ReinforceEquations {
  decltype(&policy_term) policy = policy_term;
  decltype(&value_term) value = value_term;
  decltype(&discounted_return) discounted = discounted_return;
};

/// seed: of the run; all random streams derive from it.
std::unique_ptr<tern::Agent> make_reinforce(const ReinforceConfig& config,
                                            const tern::EnvSpec& spec, std::size_t num_envs,
                                            std::uint64_t seed,
                                            const ReinforceEquations& equations = {});

/// The two parts of its entry in the table of agents.
tern::AgentInfo reinforce_info();
tern::AgentMaker reinforce_maker();

}  // namespace custom_agent
