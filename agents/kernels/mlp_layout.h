#pragma once
// What an MLP looks like, where its parameters lie in one flat buffer, and how they start. Std
// only.

#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.h"

namespace tern {

/// How weights start.
enum class Init {
  kOrthogonal,  // Saxe et al. 2014; hidden layers with gain sqrt(2), heads with their own; biases 0
  kUniform,     // U(-1/sqrt(fan_in), 1/sqrt(fan_in)), weights and biases; LibTorch's Linear
};

/// One group of output columns.
struct Head {
  std::string name;  // "policy"
  int size = 0;
  double gain = 1;  // of an orthogonal start
  /// No layer: the units of the last hidden layer themselves, `size` of them. What a loss says of them
  /// is not followed.
  bool gives_hidden = false;
};

/// Parameters that are no layer's: "log_std".
struct FreeParameter {
  std::string name;
  int size = 0;
  double value = 0;
};

struct MlpSpec {
  int inputs = 0;
  std::vector<int> hidden_sizes;
  std::string activation = "tanh";  // tanh, relu, elu, silu
  bool layer_norm = false;          // of hidden layers, before the activation
  bool share_trunk = false;         // one trunk for all heads, else one for each
  std::vector<Head> heads;          // outputs are their columns, in this order
  std::vector<FreeParameter> free;
  Init init = Init::kOrthogonal;
};

/// Columns of all heads together.
inline std::size_t output_columns(const MlpSpec& spec) {
  std::size_t columns = 0;
  for (const Head& head : spec.heads) columns += static_cast<std::size_t>(head.size);
  return columns;
}

/// Where a tensor lies in the flat buffers. Weights are [inputs, outputs], row-major.
struct ParameterInfo {
  std::string name;  // "policy.0.weight"
  std::vector<std::int64_t> shape;
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

/// The layout of an MLP: for each trunk its layers, then each head, then the free parameters. A layer
/// is its weights and its bias, with layer_norm also "policy.0.norm.gain" and "policy.0.norm.shift".
std::vector<ParameterInfo> mlp_layout(const MlpSpec& spec);

/// Floats in the flat buffers.
inline std::size_t parameter_count(const std::vector<ParameterInfo>& layout) {
  return layout.empty() ? 0 : static_cast<std::size_t>(layout.back().offset + layout.back().size);
}

/// Fills `parameters` ([P], laid out by mlp_layout) from `rng`.
void initialize_mlp(const MlpSpec& spec, const std::vector<ParameterInfo>& layout, Rng& rng,
                    float* parameters);

}  // namespace tern
