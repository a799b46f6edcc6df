#pragma once
// pi(a | s) for Discrete actions, and the critics Q(s, .) that it learns from: the policy of
// discrete SAC.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/policy/critic_memory.h"
#include "agents/policy/distributions/action_distribution.h"
#include "agents/policy/feature_attribution.h"
#include "agents/policy/policy_network.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

struct DiscretePolicyOptions {
  std::string agent;  // "sac"
  PolicyNetworkOptions actor;
  NetworkSpec critic;  // what is below its heads; features and heads are set here
  int critics = 2;     // networks of their own, side by side, with a column for each action
};

/// A categorical policy over the allowed actions. The algorithm trains it in place. Copies share
/// nothing. Throws Error unless actions are Discrete.
class DiscretePolicy final : public Policy {
 public:
  DiscretePolicy(const DiscretePolicyOptions& options, const EnvSpec& spec, Rng init_rng);
  DiscretePolicy(const DiscretePolicy& other);

  using Policy::act;
  /// The actor's, then the critics'.
  std::size_t state_size() const override { return net.state_size() + critic->state_size(); }
  /// deterministic: the most likely allowed action.
  void act(Row<const ActRow> rows, bool deterministic) override;
  /// probabilities, entropy; action_values: the smallest of the critics, also of actions that are
  /// not allowed; value: their mean under the policy.
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override;
  std::int64_t step() const override { return net.trained_steps; }
  std::string agent() const override { return options_.agent; }
  /// log pi(a | s); Q(s, a), the smallest of the critics; V(s), its mean under the policy.
  std::vector<std::string> attributable_outputs() const override {
    return {"log pi(a | s)", "Q(s, a)", "V(s)"};
  }
  Attribution attribute(const AttributionQuestion& question) override;

  std::size_t num_actions() const { return num_actions_; }  // M
  std::size_t critics() const { return static_cast<std::size_t>(options_.critics); }

  void save(StateWriter& out) const;
  void load(StateReader& in);

  PolicyNetwork net;                // the actor: M logits
  std::unique_ptr<Network> critic;  // reads features

 private:
  /// Q(s, a) by the smallest of the critics, and which column of theirs it is, [rows, M].
  struct SmallestQ {
    std::vector<float> q;
    std::vector<std::size_t> columns;
  };

  /// state: of the critics.
  SmallestQ smallest_q(std::size_t rows, const float* features, const std::vector<float>& state);
  FeatureOutput log_probability_output(const AttributionQuestion& question);
  FeatureOutput q_output(const AttributionQuestion& question);
  FeatureOutput value_output(const AttributionQuestion& question);
  /// The critics' part of an episode's state; empty is the start of an episode.
  std::vector<float> critic_state(Row<const float> state) const;
  /// Of Q(s, a) by the critics.
  std::size_t smallest_critic(Row<const float> q, std::size_t action) const;

  DiscretePolicyOptions options_;
  CriticMemory critic_memory_;
  ActionDistribution distribution_;
  std::size_t num_actions_;
};

/// What agents of this kind say in the same words: encoders, layers, device. Weights and biases
/// start uniform, within 1 / sqrt(fan in). agent: "sac".
template <class Config>
DiscretePolicyOptions discrete_policy_options(const std::string& agent, const Config& config,
                                              const EnvSpec& spec) {
  DiscretePolicyOptions options;
  options.agent = agent;
  set_networks(config, spec, options.actor, options.critic);
  return options;
}

/// The policy of a checkpoint, without its trainer, on the CPU: `state` is AgentState::policy.
std::unique_ptr<Policy> load_discrete_policy(DiscretePolicyOptions options, const EnvSpec& spec,
                                             Row<const std::uint8_t> state);

}  // namespace tern
