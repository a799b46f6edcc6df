#pragma once
// The actor-critic policy of PPO: observation encoder, network, action distribution.

#include <cstdint>
#include <memory>
#include <vector>

#include "agents/nn/network.h"
#include "agents/policy/action_distribution.h"
#include "agents/policy/observation_encoder.h"
#include "agents/ppo/ppo_config.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

/// Everything that acting needs; the algorithm trains it in place. Copies share nothing.
class PpoPolicy final : public Policy {
 public:
  PpoPolicy(const PpoConfig& config, const EnvSpec& spec, Rng init_rng,
            NetworkMaker make = make_network);
  PpoPolicy(const PpoPolicy& other);

  using Policy::act;
  std::size_t state_size() const override { return network->state_size(); }
  void act(Row<const ActRow> rows, bool deterministic) override;
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float> state) override;
  std::int64_t step() const override { return trained_steps; }
  std::string agent() const override { return "ppo"; }

  /// Numbers of a row that the network reads: features, then the state of a recurrent one.
  std::size_t row_size() const { return encoder.size() + network->state_size(); }
  /// Columns of a row of the network's outputs: the policy's, V(s), the next state.
  std::size_t output_columns() const { return state_column() + network->state_size(); }
  std::size_t state_column() const { return distribution.num_outputs() + 1; }
  std::size_t value_column() const { return distribution.num_outputs(); }
  /// Rows that the network reads: encoded observations, each with its state of `states`, [N, size].
  void encode(const ObsRows& obs, const float* states, float* rows) const;
  /// log sigma of each Box component in the policy's own units, [A]; empty for discrete actions. A
  /// view of the parameters.
  Row<const float> log_std() const;
  /// The same of the network's gradients.
  Row<float> log_std_gradient();
  /// Mean of sigma over components; Box only.
  double mean_std() const;

  void save(StateWriter& out) const;
  void load(StateReader& in);

  ActionDistribution distribution;
  ObservationEncoder encoder;
  std::unique_ptr<Network> network;
  std::int64_t trained_steps = 0;
  /// The reward that the critic counts as 1: what rewards were divided by when it last learned. inspect
  /// multiplies by it.
  double reward_unit = 1;

 private:
  void read(std::size_t row, ConstObsRow obs, Row<const float> state);
  /// What the network makes of the rows that were read.
  Row<const float> outputs_of(std::size_t rows);

  bool scales_rewards_;
  std::size_t log_std_offset_ = 0;  // in the flat buffers
  std::vector<float> features_, outputs_;  // of rows
};

/// The policy of a checkpoint, without the rest, on the CPU: `state` is AgentState::policy.
std::unique_ptr<Policy> load_ppo_policy(const PpoConfig& config, const EnvSpec& spec,
                                        Row<const std::uint8_t> state);

}  // namespace tern
