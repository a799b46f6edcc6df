#pragma once
// A dense network over one flat parameter buffer and one flat gradient buffer.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
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
  double gain = 1;   // of an orthogonal start
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
  std::string activation = "tanh";  // tanh, relu
  bool share_trunk = false;         // one trunk for all heads, else one for each
  std::vector<Head> heads;          // outputs are their columns, in this order
  std::vector<FreeParameter> free;
  Init init = Init::kOrthogonal;
};

/// Where a tensor lies in the flat buffers. Weights are [inputs, outputs], row-major.
struct ParameterInfo {
  std::string name;  // "policy.0.weight"
  std::vector<std::int64_t> shape;
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

/// The seam between algorithms and kernels: an algorithm computes d loss / d outputs and calls
/// backward directly, without a tape over its own arithmetic. Not thread-safe.
class Network {
 public:
  virtual ~Network() = default;

  /// outputs [B, sum of head sizes] for inputs [B, inputs], float32. Keeps nothing.
  virtual at::Tensor infer(const at::Tensor& inputs) = 0;
  /// The same, keeping what backward needs. The result carries no tape.
  virtual at::Tensor forward(const at::Tensor& inputs) = 0;
  /// Adds the gradient of the last forward's parameters to gradients().
  /// output_gradient: d loss / d outputs, [B, sum of head sizes].
  virtual void backward(const at::Tensor& output_gradient) = 0;
  /// d (sum of the given outputs' weights) / d inputs of one forward, [B, inputs]; for saliency.
  virtual at::Tensor input_gradient(const at::Tensor& inputs,
                                    const at::Tensor& output_gradient) = 0;
  /// A copy with buffers of its own.
  virtual std::unique_ptr<Network> clone() const = 0;

  /// All parameters, [P] float32; writing to it changes the network.
  at::Tensor& parameters() { return parameters_; }
  const at::Tensor& parameters() const { return parameters_; }
  /// d loss / d parameters, [P] float32.
  at::Tensor& gradients() { return gradients_; }
  const std::vector<ParameterInfo>& layout() const { return layout_; }
  const MlpSpec& spec() const { return spec_; }
  /// The flat range of one named parameter.
  const ParameterInfo& find(const std::string& name) const;
  void zero_gradients() { gradients_.zero_(); }

 protected:
  explicit Network(MlpSpec spec) : spec_(std::move(spec)) {}

  MlpSpec spec_;
  std::vector<ParameterInfo> layout_;
  at::Tensor parameters_;
  at::Tensor gradients_;
};

/// The layout of an MLP: for each trunk its layers, then each head, then the free parameters.
std::vector<ParameterInfo> mlp_layout(const MlpSpec& spec);

/// Fills `parameters` ([P], laid out by mlp_layout) from `rng`.
void initialize_mlp(const MlpSpec& spec, const std::vector<ParameterInfo>& layout, Rng& rng,
                    at::Tensor& parameters);

/// The plain path: LibTorch's own layers on the flat buffers. Works on every device.
std::unique_ptr<Network> make_mlp(const MlpSpec& spec, Rng& rng);

}  // namespace tern
