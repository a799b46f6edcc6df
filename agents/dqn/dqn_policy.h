#pragma once
// The policy of DQN: observation encoder and Q-network.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/dqn/dqn_config.h"
#include "agents/nn/network.h"
#include "agents/policy/observation_encoder.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

/// argmax of q over the allowed actions, the first of equals. mask: [M]. Throws Error::failure if
/// nothing is allowed.
std::int32_t greedy_action(Row<const float> q, ConstMaskRow mask);
/// A uniformly drawn allowed action; one draw. Throws as above.
std::int32_t random_action(ConstMaskRow mask, Rng& rng);

/// Everything that acting needs; the algorithm trains it in place. Copies share nothing.
class DqnPolicy final : public Policy {
 public:
  DqnPolicy(const DqnConfig& config, const EnvSpec& spec, Rng init_rng);
  DqnPolicy(const DqnPolicy& other);

  /// deterministic: greedy. Otherwise epsilon-greedy with the epsilon that training ends with, as
  /// Mnih et al. 2015 evaluate.
  using Policy::act;
  void act(Row<const ActRow> rows, bool deterministic) override;
  /// action_values: Q(s, a), also of actions that are not allowed. value: the largest allowed one.
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override;
  std::int64_t step() const override { return trained_steps; }
  std::string agent() const override { return "dqn"; }

  void save(StateWriter& out) const;
  void load(StateReader& in);

  ObservationEncoder encoder;
  std::unique_ptr<Network> network;  // Q(s, .), one column for each action
  std::int64_t trained_steps = 0;

 private:
  void read(std::size_t row, ConstObsRow obs);
  /// What the network makes of the rows that were read.
  Row<const float> outputs_of(std::size_t rows);

  std::vector<float> features_, outputs_;  // of rows
  std::size_t num_actions_;
  double epsilon_;
};

/// The policy of a checkpoint, without the rest, on the CPU: `state` is AgentState::policy.
std::unique_ptr<Policy> load_dqn_policy(const DqnConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state);

}  // namespace tern
