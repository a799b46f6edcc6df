#pragma once
// Where the parameters of convolutions lie in a flat buffer, and how they start. Std only.

#include <vector>

#include "agents/config/conv_spec.h"
#include "agents/kernels/mlp_layout.h"
#include "core/rng.h"

namespace tern {

/// "encoder.0.weight" [channels, kernel, kernel, channels below], "encoder.0.bias" and so on: for
/// LibTorch a weight of [channels, channels below, kernel, kernel], channels last.
std::vector<ParameterInfo> conv_layout(const ConvSpec& spec);

/// Fills `parameters`, laid out by conv_layout, from `rng`: orthogonal with gain sqrt(2) over
/// [channels, all that a kernel sees] and biases 0, or uniform within 1 / sqrt(fan in).
void initialize_convolutions(const ConvSpec& spec, Rng& rng, float* parameters);

}  // namespace tern
