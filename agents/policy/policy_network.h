#pragma once
// Observation encoder and network: what every kind of policy is made of.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/config/network_config.h"
#include "agents/config/recurrent_config.h"
#include "agents/nn/network.h"
#include "agents/policy/observation_encoder.h"
#include "core/policy.h"
#include "core/state_io.h"
#include "envs/env.h"

namespace tern {

/// What is below the heads of a policy's network. The policy itself sets features and heads.
struct PolicyNetworkOptions {
  bool normalize_obs = false;
  NetworkSpec network;
  std::string device = "cpu";  // where it learns; loaded policies act on the CPU
};

/// Sets encoders and hidden layers of a network to those of a configuration. network.dense.init is
/// set before.
inline void set_layers(const NetworkConfig& config, const ObsSpace& space, NetworkSpec& network) {
  choose_encoders(config.encoder, space, network);
  network.dense.hidden_sizes = config.hidden_sizes;
  network.dense.activation = config.activation;
  network.dense.layer_norm = config.layer_norm;
}

/// The same of a policy's network, and its device and normalisation.
inline void set_network(const NetworkConfig& config, const ObsSpace& space,
                        PolicyNetworkOptions& options) {
  options.normalize_obs = config.normalize_obs;
  options.device = config.device;
  set_layers(config, space, options.network);
}

/// The same of an actor and of its critics, each with memory of its own if a configuration asks for
/// one. Weights and biases start uniform, within 1 / sqrt(fan in).
template <class Config>
void set_networks(const Config& config, const EnvSpec& spec, PolicyNetworkOptions& actor,
                  NetworkSpec& critic) {
  actor.network.dense.init = critic.dense.init = Init::kUniform;
  set_network(config, spec.obs, actor);
  set_layers(config, spec.obs, critic);
  if constexpr (requires { config.replay.memory; }) {
    const RecurrentConfig& memory = config.replay.memory;
    if (!memory.is_on()) return;
    actor.network.memory = critic.memory = MemorySpec{memory.recurrent, memory.recurrent_size};
  }
}

/// From raw observations and the state of an episode to rows of outputs and the next state. The
/// algorithm trains it in place. Copies share nothing.
class PolicyNetwork {
 public:
  /// heads and free parameters: what the kind of policy reads. make: other networks, for tests.
  PolicyNetwork(const PolicyNetworkOptions& options, const ObsSpace& space, std::vector<Head> heads,
                std::vector<FreeParameter> free, Rng init_rng, NetworkMaker make);
  PolicyNetwork(const PolicyNetwork& other);
  /// Takes over parameters and moments of one that was made alike.
  void copy_from(const PolicyNetwork& other);

  std::size_t state_size() const { return network->state_size(); }
  /// Numbers of a row that the network reads: features, then the state of a recurrent one.
  std::size_t row_size() const { return encoder.size() + state_size(); }
  /// Numbers of a row that it gives: the heads', then the next state.
  std::size_t output_columns() const { return state_column() + state_size(); }
  std::size_t state_column() const { return state_column_; }

  /// Rows that the network reads, each with its state of `states`, [N, state_size].
  void encode(const ObsRows& obs, const float* states, float* rows) const;
  /// Outputs for each row's observation and state, [rows, output_columns]; valid until the next
  /// call. others: numbers of a row's state behind this network's, which other networks of the
  /// policy remember. Throws Error for a row without room for the state, or without a stream to
  /// sample with.
  Row<const float> outputs_of(Row<const ActRow> rows, bool deterministic, std::size_t others = 0);
  /// The same for one. state: empty is the start of an episode.
  Row<const float> outputs_of(ConstObsRow obs, Row<const float> state);
  /// This network's part of an episode's state; empty is the start of an episode, all zeros.
  std::vector<float> own_state(Row<const float> state) const;
  /// Copies row i's next state, of the outputs of all rows, to where `state` begins.
  void copy_state(Row<const float> outputs, std::size_t i, Row<float> state) const;

  void save(StateWriter& out) const;
  void load(StateReader& in);

  ObservationEncoder encoder;
  std::unique_ptr<Network> network;
  std::int64_t trained_steps = 0;

 private:
  void read(std::size_t row, ConstObsRow obs, Row<const float> state);
  Row<const float> infer(std::size_t rows);

  std::size_t state_column_;
  std::vector<float> rows_, outputs_;  // of outputs_of
};

}  // namespace tern
