#pragma once
// The actor-critic policy of PPO: observation encoder, network, action distribution.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "agents/nn/action_distribution.h"
#include "agents/nn/network.h"
#include "agents/observation_encoder.h"
#include "agents/ppo/ppo_config.h"
#include "core/policy.h"
#include "envs/env.h"

namespace tern {

/// Everything that acting needs; the algorithm trains it in place. Copies share nothing.
class PpoPolicy final : public Policy {
 public:
  PpoPolicy(const PpoConfig& config, const EnvSpec& spec, Rng init_rng);
  PpoPolicy(const PpoPolicy& other);

  void act(ObsRow obs, MaskRow mask, bool deterministic, Rng& rng,
           MutableActionRow action) override;
  Inspection inspect(ObsRow obs, MaskRow mask) override;
  std::int64_t step() const override { return trained_steps; }
  std::string agent() const override { return "ppo"; }

  /// The policy's columns of the network's outputs, [B, A], and V(s), [B].
  at::Tensor policy_columns(const at::Tensor& outputs) const;
  at::Tensor value_column(const at::Tensor& outputs) const;
  /// log sigma of each Box component, [A]; undefined for discrete actions. A view of the parameters.
  at::Tensor log_std() const;
  Row<const float> log_std_row() const;

  void save(StateWriter& out) const;
  void load(StateReader& in);

  ActionSpace action_space;
  ActionDistribution distribution;
  ObservationEncoder encoder;
  std::unique_ptr<Network> network;
  std::int64_t trained_steps = 0;

 private:
  at::Tensor outputs_for(ObsRow obs);

  ObsSpace obs_space_;
};

}  // namespace tern
