#pragma once
// pi(a | s) for Box actions that are squashed into their bounds, and the critics Q(s, a) that it
// learns from: the policy of SAC, TD3 and agents like them. Other policies stand beside it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/policy/critic_memory.h"
#include "agents/policy/distributions/squashed_gaussian.h"
#include "agents/policy/feature_attribution.h"
#include "agents/policy/gaussian_outputs.h"
#include "agents/policy/policy_network.h"
#include "core/policy.h"
#include "envs/action_units.h"
#include "envs/env.h"

namespace tern {

struct ContinuousPolicyOptions {
  std::string agent;  // "sac"
  PolicyNetworkOptions actor;
  NetworkSpec critic;  // what is below its heads; features, late inputs and heads are set here
  int critics = 2;     // networks of their own, side by side
  int quantiles = 1;   // columns of each: of the distribution of returns, or 1: its mean
  /// True: a squashed Gaussian. False: deterministic, and samples have Gaussian noise of `noise`.
  bool is_stochastic = true;
  double noise = 0;
  /// A stochastic policy's deviations follow from the last hidden layer, as StateDependentNoise has
  /// it.
  bool has_sde = false;
  double sde_log_std = -3;  // log sigma_ij at the start
};

/// Actions are tanh of what the network gives, in the policy's units, so that -1 and 1 are the
/// bounds. The algorithm trains it in place. Copies share nothing. Throws Error unless actions are
/// a Box.
class ContinuousPolicy final : public Policy {
 public:
  ContinuousPolicy(const ContinuousPolicyOptions& options, const EnvSpec& spec, Rng init_rng);
  ContinuousPolicy(const ContinuousPolicy& other);

  using Policy::act;
  /// The actor's, then the critics'.
  std::size_t state_size() const override { return net.state_size() + critic->state_size(); }
  /// deterministic: tanh of the mean.
  void act(Row<const ActRow> rows, bool deterministic) override;
  /// mean, standard_deviation: of the action, in the env's units. entropy: in the policy's units,
  /// nats. value: of the deterministic action, the smallest of the critics (of each its mean).
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override;
  std::int64_t step() const override { return net.trained_steps; }
  std::string agent() const override { return options_.agent; }
  /// The mean of each component, and Q(s, a), the smallest of the critics, of the action as it is.
  std::vector<std::string> attributable_outputs() const override;
  Attribution attribute(const AttributionQuestion& question) override;

  std::size_t num_actions() const { return distribution.components(); }  // A
  /// Columns of a row that the critics read: features, an action in the policy's units, their
  /// state.
  std::size_t critic_row_size() const { return critic->row_size(); }
  /// Columns of a row that they give: quantiles of each critic.
  std::size_t critic_columns() const {
    return static_cast<std::size_t>(options_.critics * options_.quantiles);
  }
  std::size_t critics() const { return static_cast<std::size_t>(options_.critics); }
  std::size_t quantiles() const { return static_cast<std::size_t>(options_.quantiles); }

  void save(StateWriter& out) const;
  void load(StateReader& in);

  SquashedGaussian distribution;
  ActionUnits units;
  PolicyNetwork net;         // the actor: A means and, where it is stochastic, their deviations
  GaussianOutputs gaussian;  // from its outputs
  std::unique_ptr<Network> critic;  // reads rows of features and an action

 private:
  struct CriticMean {
    std::size_t critic = 0;
    double value = 0;
  };

  double value_of(Row<const float> action);
  /// Of the means of all critics. outputs: [critic_columns()].
  CriticMean smallest_mean(Row<const float> outputs) const;
  FeatureOutput mean_output(std::size_t component, Row<const float> state);
  FeatureOutput q_output(const AttributionQuestion& question);

  ContinuousPolicyOptions options_;
  ActionSpace space_;
  CriticMemory critic_memory_;
  std::vector<float> critic_row_, critic_outputs_, noise_;  // of one row
};

/// What agents of this kind say in the same words: encoders, layers, device. Weights and biases
/// start uniform, within 1 / sqrt(fan in). agent: "sac".
template <class Config>
ContinuousPolicyOptions continuous_policy_options(const std::string& agent, const Config& config,
                                                  const EnvSpec& spec) {
  ContinuousPolicyOptions options;
  options.agent = agent;
  set_networks(config, spec, options.actor, options.critic);
  return options;
}

/// The policy of a checkpoint, without its trainer, on the CPU: `state` is AgentState::policy.
std::unique_ptr<Policy> load_continuous_policy(ContinuousPolicyOptions options, const EnvSpec& spec,
                                               Row<const std::uint8_t> state);

}  // namespace tern
