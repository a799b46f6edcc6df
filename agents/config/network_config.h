#pragma once
// Hyper-parameters of networks and of the optimiser that trains them, the same for every agent. Std
// only. An agent whose defaults are others sets them in its constructor.

#include <string>
#include <vector>

#include "agents/config/encoder_config.h"
#include "core/params.h"

namespace tern {

/// Defaults are PyTorch's Adam.
struct OptimizerConfig {
  double max_grad_norm = 0;
  std::string optimizer = "adam";
  double adam_epsilon = 1e-8;
  double weight_decay = 0;

  template <class V>
  void visit(V& v) {
    v("max_grad_norm", max_grad_norm, "gradients are scaled down to this norm; 0: never",
      at_least(0));
    v("optimizer", optimizer, "what takes the gradient steps",
      one_of({"adam", "adamw", "rmsprop"}));
    v("adam_epsilon", adam_epsilon, "added to the denominator of a step, rmsprop's as well",
      above(0));
    v("weight_decay", weight_decay,
      "adamw: share of a parameter that a step takes away, times the learning rate", at_least(0));
  }
};

struct NetworkConfig {
  std::string device = "cpu";
  EncoderConfig encoder;
  std::vector<int> hidden_sizes = {64, 64};
  std::string activation = "relu";
  bool layer_norm = false;
  bool normalize_obs = false;

  /// sizes: what hidden_sizes is about.
  template <class V>
  void visit(V& v, const char* sizes = "units of each hidden layer") {
    v("device", device,
      "where networks compute: cpu, by fused kernels; cuda, by LibTorch's layers (no such machine "
      "was at hand to test it)",
      one_of({"cpu", "cuda"}));
    encoder.visit(v);
    v("hidden_sizes", hidden_sizes, sizes, in_range(1, 65536));
    v("activation", activation, "of the hidden layers", one_of({"tanh", "relu", "elu", "silu"}));
    v("layer_norm", layer_norm, "normalise hidden layers, before their activation");
    v("normalize_obs", normalize_obs, "scale observations by running mean and deviation");
  }
};

}  // namespace tern
