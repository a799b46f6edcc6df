#pragma once
// A network over one flat parameter buffer and one flat gradient buffer.

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agents/kernels/fused_mlp.h"
#include "agents/kernels/gru.h"
#include "agents/kernels/mlp_layout.h"
#include "agents/nn/network_spec.h"
#include "core/rng.h"

namespace tern {

/// Rows in sequences of `steps`: row s * steps + t of `inputs` is step t of sequence s. Each row ends
/// with a state, of which only the first row's of a sequence is read.
struct SequenceInputs {
  BatchInputs inputs;
  std::size_t steps = 1;
  const std::uint8_t* resets = nullptr;  // by the rows of inputs.data: whether the state is 0 there
};

/// The seam between algorithms and kernels: an algorithm hands over a loss that gives d loss / d
/// outputs in closed form, without a tape. The parameters are tensors all the same, so that saving,
/// looking at them and computing with LibTorch stay ordinary. Not thread-safe.
class Network {
 public:
  virtual ~Network() = default;

  /// Numbers of the state that a recurrent network carries from step to step, else 0. Rows of inputs
  /// then end with it, and so do rows of what infer() gives, with that of the next step.
  virtual std::size_t state_size() const { return 0; }

  /// outputs: [rows, sum of head sizes + state_size], dense. The bits of a row do not depend on the
  /// others.
  virtual void infer(const BatchInputs& inputs, float* outputs) = 0;
  /// The same within a task of the pool of use_threads, on its given thread: several may infer at
  /// once.
  virtual void infer_on(std::size_t thread, const BatchInputs& inputs, float* outputs) = 0;
  /// Forward, loss and backward; adds d loss / d parameters to gradients().
  virtual void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) = 0;
  /// The same through time; a network without a state takes each row by itself.
  virtual void accumulate_sequence_gradient(const SequenceInputs& batch, ChunkLoss loss);
  /// Lends threads for chunks of a batch; results do not depend on them. Null: none.
  virtual void use_threads(TaskPool* pool) = 0;
  /// A copy with buffers of its own, on the caller's thread.
  virtual std::unique_ptr<Network> clone() const = 0;

  /// The same for tensors, [B, inputs] float32 on the CPU, contiguous. Their results carry no tape;
  /// agents/nn/network_function.h has one that does.
  at::Tensor infer(const at::Tensor& inputs);
  /// Adds d (sum of outputs * weights) / d parameters to gradients(). weights: [B, sum of heads].
  void accumulate_gradient(const at::Tensor& inputs, const at::Tensor& weights);
  /// d (sum of outputs * weights) / d inputs, [B, inputs]; for saliency.
  virtual at::Tensor input_gradient(const at::Tensor& inputs, const at::Tensor& weights) = 0;

  /// All parameters, [P] float32; writing to it changes the network.
  at::Tensor& parameters() { return parameters_; }
  const at::Tensor& parameters() const { return parameters_; }
  /// d loss / d parameters, [P] float32.
  at::Tensor& gradients() { return gradients_; }
  Row<float> parameter_row() { return row_of(parameters_); }
  Row<const float> parameter_row() const { return row_of(parameters_); }
  Row<float> gradient_row() { return row_of(gradients_); }
  const std::vector<ParameterInfo>& layout() const { return layout_; }
  /// Of the dense layers.
  const MlpSpec& spec() const { return spec_; }
  /// The flat range of one named parameter.
  const ParameterInfo& find(const std::string& name) const;
  void zero_gradients();

 protected:
  /// Allocates the buffers, zero, with room behind them for whole vectors. `below`: parameters of
  /// other layers, which come first.
  explicit Network(MlpSpec spec, std::vector<ParameterInfo> below = {});

  MlpSpec spec_;
  std::vector<ParameterInfo> layout_;
  at::Tensor parameters_;
  at::Tensor gradients_;

 private:
  static Row<float> row_of(const at::Tensor& flat) {
    return {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())};
  }
};

/// The network that training uses: fused kernels on the CPU (agents/kernels).
std::unique_ptr<Network> make_mlp(const MlpSpec& spec, Rng& rng);

/// Convolutions below an MLP: LibTorch's (oneDNN's) on the same flat buffers, without a tape, and the
/// fused kernels above them. spec.inputs is set to what the convolutions leave.
std::unique_ptr<Network> make_conv_network(const ConvSpec& convolutions, MlpSpec spec, Rng& rng);

/// A gated recurrent unit below an MLP. spec.inputs is set to its size.
std::unique_ptr<Network> make_recurrent_network(const GruSpec& gru, MlpSpec spec, Rng& rng);

/// LibTorch's own layers and tape on the same buffers: what other devices than the CPU compute with,
/// and the reference that tests hold the kernels to. Starts with the same parameters as the above.
std::unique_ptr<Network> make_plain_network(const NetworkSpec& spec, Rng& rng,
                                            at::Device device = at::kCPU);

/// "cpu" or "cuda". Throws Error if LibTorch has no such device here.
at::Device device_named(const std::string& name);

/// What trains and acts: on the CPU the fused kernels, on other devices the plain network.
std::unique_ptr<Network> make_network(const NetworkSpec& spec, Rng& rng,
                                      at::Device device = at::kCPU);
using NetworkMaker = std::unique_ptr<Network> (*)(const NetworkSpec& spec, Rng& rng,
                                                  at::Device device);

/// A loss whose gradient is known beforehand: `weights`, [rows, sum of heads], dense.
void copy_to_heads(const MlpSpec& spec, const float* weights, const Chunk& chunk,
                   HeadRows gradient);

}  // namespace tern
