#pragma once
// Greedy and epsilon-greedy actions by Q(s, a): the policy of DQN and of agents like it.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/policy/feature_attribution.h"
#include "agents/policy/policy_network.h"
#include "agents/policy/q_head.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

struct QPolicyOptions {
  std::string agent;  // "dqn"
  PolicyNetworkOptions network;
  double epsilon = 0;    // of actions that are not deterministic
  bool dueling = false;  // as QHead
  std::size_t quantiles = 0;
};

/// Discrete actions. The algorithm trains it in place. Copies share nothing.
class QPolicy final : public Policy {
 public:
  QPolicy(const QPolicyOptions& options, const EnvSpec& spec, Rng init_rng,
          NetworkMaker make = make_network);

  using Policy::act;
  std::size_t state_size() const override { return net.state_size(); }
  /// deterministic: greedy. Otherwise epsilon-greedy.
  void act(Row<const ActRow> rows, bool deterministic) override;
  /// action_values: Q(s, a), also of actions that are not allowed. value: the largest allowed one.
  /// quantiles: those that Q is the mean of, if they are learned (QHead).
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override;
  std::int64_t step() const override { return net.trained_steps; }
  std::string agent() const override { return agent_; }
  /// Q(s, a), and that of the best allowed action.
  std::vector<std::string> attributable_outputs() const override {
    return {"Q(s, a)", "best Q(s, a)"};
  }
  Attribution attribute(const AttributionQuestion& question) override;

  void save(StateWriter& out) const { net.save(out); }
  void load(StateReader& in) { net.load(in); }

  QHead head;
  PolicyNetwork net;  // rows of what the head reads, then the next state

 private:
  HeadOutput head_output(const AttributionQuestion& question) const;
  /// d Q(s, action) / d heads.
  void set_slope_of(std::size_t action, Row<float> gradient) const;
  /// [M, N] of a row of outputs; empty where there is Q alone.
  std::vector<double> quantiles_of(Row<const float> outputs) const;
  /// The outputs with Q(s, .) in the first columns of each row; valid until the next call.
  Row<const float> q_of(Row<const float> outputs, std::size_t rows);

  std::string agent_;
  ActionSpace space_;
  std::size_t num_actions_;
  double epsilon_;
  std::vector<float> q_;  // of the rows that are acted on, as the network gives them
};

/// The policy of a checkpoint, without its trainer, on the CPU: `state` is AgentState::policy.
std::unique_ptr<Policy> load_q_policy(QPolicyOptions options, const EnvSpec& spec,
                                      Row<const std::uint8_t> state);

}  // namespace tern
