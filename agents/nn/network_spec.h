#pragma once
// What a network is made of, from the rows that it reads up to its heads. Std only.

#include <optional>
#include <string>
#include <vector>

#include "agents/config/conv_spec.h"
#include "agents/config/encoder_config.h"
#include "agents/kernels/mlp_layout.h"
#include "core/space.h"

namespace tern {

/// Sines and cosines of each feature, beside it.
struct FourierSpec {
  int octaves = 0;  // frequencies, each twice the one before
};

/// A recurrent unit. Its state is carried from step to step by whoever owns the rows.
struct MemorySpec {
  std::string kind = "gru";  // gru
  int size = 0;              // numbers that it gives to the layers above
};

/// A network is a chain. It reads rows of [features, late inputs, state of the memory] and gives
/// rows of [heads, next state]:
///   features -> convolutions -> Fourier features -> memory -> with the late inputs behind them:
///   dense layers -> heads
/// Links that are not asked for are left out.
struct NetworkSpec {
  int features = 0;                    // an encoded observation
  std::vector<ConvSpec> convolutions;  // of images among the features, each above the one before
  std::optional<MemorySpec> memory;
  int late_inputs = 0;  // join below the dense layers: an action, noise, quantile fractions
  MlpSpec dense;        // its `inputs` follow from the rest and need not be set
  std::optional<FourierSpec> fourier;
};

/// The links that read observations of `space`, as a configuration asks for them; call it after
/// spec.dense.init is set. Throws as chosen_convolutions.
inline void choose_encoders(const EncoderConfig& config, const ObsSpace& space, NetworkSpec& spec) {
  spec.convolutions = chosen_convolutions(config, space, spec.dense.init);
  if (config.encoder == "fourier") spec.fourier = FourierSpec{config.fourier_octaves};
}

}  // namespace tern
