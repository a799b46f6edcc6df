#pragma once
// What an MLP looks like, where its parameters lie in one flat buffer, and how they start. Std
// only.

#include <cstdint>
#include <optional>
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

/// Batch normalisation of all that the layers of a trunk and its heads read: of the inputs, and of what
/// each hidden layer's activation gives. A batch that is learned from is normalised by its own moments,
/// and moves running ones, by which everything else is:
///   n = (x - mean) / sqrt(variance + 1e-3),   y = gain (r n + d) + shift
///   running = momentum running + (1 - momentum) batch
/// In the first `warmup` batches r = 1 and d = 0 (Ioffe and Szegedy 2015). After them the batch is pulled
/// to the running moments, with r and d constants for the gradient (Ioffe 2017, "Batch renormalization"):
///   r = clamp(deviation / running deviation, 1 / max_scale, max_scale)
///   d = clamp((mean - running mean) / running deviation, -max_shift, max_shift)
struct BatchNormSpec {
  double momentum = 0.99;
  int warmup = 100'000;
  double max_scale = 3, max_shift = 5;
};

struct MlpSpec {
  int inputs = 0;
  std::vector<int> hidden_sizes;
  std::string activation = "tanh";  // tanh, relu, elu, silu
  bool layer_norm = false;          // of hidden layers, before the activation
  std::optional<BatchNormSpec> batch_norm;  // not together with layer_norm
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
/// is its weights and its bias, with a norm also "policy.0.norm.gain" and "policy.0.norm.shift"; with
/// batch_norm a trunk begins with that of its inputs, "policy.norm.gain" and "policy.norm.shift".
std::vector<ParameterInfo> mlp_layout(const MlpSpec& spec);

/// The layout of what batches leave behind, which is no parameter: for each norm, in the order of
/// mlp_layout, the running "policy.norm.mean" and "policy.norm.variance", then how many batches there
/// were, "batches", counted up to 2^24. Empty without batch_norm.
std::vector<ParameterInfo> statistics_layout(const MlpSpec& spec);

/// Floats in the flat buffers.
inline std::size_t parameter_count(const std::vector<ParameterInfo>& layout) {
  return layout.empty() ? 0 : static_cast<std::size_t>(layout.back().offset + layout.back().size);
}

/// Fills `parameters` ([P], laid out by mlp_layout) from `rng`.
void initialize_mlp(const MlpSpec& spec, const std::vector<ParameterInfo>& layout, Rng& rng,
                    float* parameters);
/// Fills `statistics`, laid out by statistics_layout: mean 0, variance 1, no batches.
void initialize_statistics(const std::vector<ParameterInfo>& layout, float* statistics);

}  // namespace tern
