#pragma once
// Networks and optimisers of agents with an actor and critics that learn from a replay buffer. Std
// only.

#include "agents/config/network_config.h"

namespace tern {

/// Defaults are Stable-Baselines3's for SAC.
struct ActorCriticConfig : OptimizerConfig, NetworkConfig {
  ActorCriticConfig() { hidden_sizes = {256, 256}; }

  /// sizes: what hidden_sizes is about.
  template <class V>
  void visit(V& v, const char* sizes = "units of each hidden layer of actor and critics") {
    OptimizerConfig::visit(v);
    NetworkConfig::visit(v, sizes);
  }
};

}  // namespace tern
