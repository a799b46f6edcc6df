#pragma once
// pi(a | s) and V(s) from one network: the policy of PPO and of agents like it. Policies of other
// shapes stand beside it: q_policy.h; one that is deterministic (TD3) or squashed (SAC) comes as a
// file of its own here, a PolicyNetwork and one of distributions/.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/policy/distributions/action_distribution.h"
#include "agents/policy/feature_attribution.h"
#include "agents/policy/policy_network.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

struct ActorCriticOptions {
  std::string agent;  // "ppo"
  PolicyNetworkOptions network;
  double policy_gain = 1, value_gain = 1;  // of the start of the two heads, where it is orthogonal
  double log_std_init = 0;                 // Box actions: first log sigma of each component
  bool scales_rewards = false;             // the critic learns from rewards in units of reward_unit
};

/// Discrete, MultiDiscrete and Box actions. The algorithm trains it in place. Copies share nothing.
class ActorCriticPolicy final : public Policy {
 public:
  ActorCriticPolicy(const ActorCriticOptions& options, const EnvSpec& spec, Rng init_rng,
                    NetworkMaker make = make_network);

  using Policy::act;
  std::size_t state_size() const override { return net.state_size(); }
  void act(Row<const ActRow> rows, bool deterministic) override;
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override;
  std::int64_t step() const override { return net.trained_steps; }
  std::string agent() const override { return agent_; }
  /// The mean of each Box component, log pi(a | s), V(s).
  std::vector<std::string> attributable_outputs() const override;
  Attribution attribute(const AttributionQuestion& question) override;

  // Columns of a row of the network's outputs: the policy's, V(s), the next state.
  std::size_t value_column() const { return distribution.num_outputs(); }
  /// log sigma of each Box component, [A]; empty for discrete actions. A view of the parameters.
  Row<const float> log_std() const;
  /// The same of the network's gradients.
  Row<float> log_std_gradient();
  /// Mean of sigma over components; Box only.
  double mean_std() const;

  void save(StateWriter& out) const;
  void load(StateReader& in);

  ActionDistribution distribution;
  PolicyNetwork net;
  /// The reward that the critic counts as 1: what rewards were divided by when it last learned. inspect
  /// multiplies by it.
  double reward_unit = 1;

 private:
  HeadOutput head_output(const AttributionQuestion& question) const;

  std::string agent_;
  bool scales_rewards_;
  std::size_t log_std_offset_ = 0;  // in the flat buffers
};

/// The policy of a checkpoint, without its trainer, on the CPU: `state` is AgentState::policy.
std::unique_ptr<Policy> load_actor_critic_policy(ActorCriticOptions options, const EnvSpec& spec,
                                                 Row<const std::uint8_t> state);

}  // namespace tern
