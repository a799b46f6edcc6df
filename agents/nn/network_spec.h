#pragma once
// What a network is made of, from the rows that it reads up to its heads. Std only.

#include <optional>
#include <string>

#include "agents/config/conv_spec.h"
#include "agents/kernels/mlp_layout.h"

namespace tern {

/// A recurrent unit. Its state is carried from step to step by whoever owns the rows.
struct MemorySpec {
  std::string kind = "gru";  // gru
  int size = 0;              // numbers that it gives to the layers above
};

/// A network is a chain. It reads rows of [features, late inputs, state of the memory] and gives rows
/// of [heads, next state]:
///   features -> convolutions -> memory -> with the late inputs behind them: dense layers -> heads
/// Links that are not asked for are left out.
struct NetworkSpec {
  int features = 0;                      // an encoded observation
  std::optional<ConvSpec> convolutions;  // of the image among the features
  std::optional<MemorySpec> memory;
  int late_inputs = 0;  // join below the dense layers: an action, noise, quantile fractions
  MlpSpec dense;        // its `inputs` follow from the rest and need not be set
};

/// The dense layers of `spec`, with their inputs.
inline MlpSpec dense_layers(const NetworkSpec& spec) {
  MlpSpec dense = spec.dense;
  dense.inputs = spec.features;
  if (spec.convolutions) dense.inputs = joined_features(*spec.convolutions);
  if (spec.memory) dense.inputs = spec.memory->size;
  dense.inputs += spec.late_inputs;
  return dense;
}

}  // namespace tern
