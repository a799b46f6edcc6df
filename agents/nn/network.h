#pragma once
// A network over one flat parameter buffer and one flat gradient buffer.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agents/kernels/fused_mlp.h"
#include "agents/kernels/mlp_layout.h"
#include "agents/nn/network_spec.h"
#include "core/rng.h"
#include "core/state_io.h"

namespace at {
class Tensor;
}

namespace tern {

class Encoder;
struct FlatTensors;  // agents/nn/flat_tensors.h

/// Where a network computes. Its buffers are in host memory all the same.
enum class ComputeDevice : std::uint8_t { kCpu, kCuda };

/// Rows in sequences of `steps`: row s * steps + t of `inputs` is step t of sequence s. Each row
/// ends with a state, of which only the first row's of a sequence is read.
struct SequenceInputs {
  BatchInputs inputs;
  std::size_t steps = 1;
  const std::uint8_t* resets = nullptr;  // by the rows of inputs.data: whether the state is 0 there
};

/// What a backward pass computes; matrices are dense, written over, and may be left out.
struct GradientTargets {
  bool parameters = true;   // d loss / d parameters, added to Network::gradients()
  float* inputs = nullptr;  // d loss / d inputs, [rows, row_size()]; 0 where a state is not read
  float* late_inputs = nullptr;  // d loss / d late inputs, [rows, late_inputs]
  std::size_t heads =
      static_cast<std::size_t>(-1);  // of networks side by side, the first so many alone
};

/// The seam between algorithms and kernels: an algorithm hands over a loss that gives d loss / d
/// outputs in closed form, without a tape. The parameters are tensors all the same, so that saving,
/// looking at them and computing with LibTorch stay ordinary. Not thread-safe.
class Network {
 public:
  virtual ~Network();

  /// What it was made of, with the inputs of its dense layers.
  const NetworkSpec& spec() const { return spec_; }
  /// Numbers of the state that a recurrent network carries from step to step, else 0. Rows of
  /// inputs then end with it, and so do rows of what infer() gives, with that of the next step.
  std::size_t state_size() const { return state_size_; }
  /// Columns of a row of inputs: features, late inputs, state.
  std::size_t row_size() const { return state_column() + state_size_; }
  /// Columns of a row of outputs: heads, next state.
  std::size_t output_size() const { return output_columns(spec_.dense) + state_size_; }

  /// Whether infer() promises that the bits of a row do not depend on the others in its batch, so
  /// that episodes side by side go as one by one, and that learning recomputes what acting gave.
  virtual bool rows_are_independent() const = 0;
  /// outputs: [rows, output_size()], dense.
  virtual void infer(const BatchInputs& inputs, float* outputs) = 0;
  /// The same within a task of the pool of use_threads, on its given thread: several may infer at
  /// once.
  virtual void infer_on(std::size_t thread, const BatchInputs& inputs, float* outputs) = 0;
  /// infer() without the next states. heads: [rows, sum of heads], dense.
  void infer_heads(const BatchInputs& inputs, float* heads);
  /// The memory alone, through time. states: [rows, state_size()], dense, what follows each row.
  virtual void remember(const SequenceInputs& batch, float* states) = 0;
  /// Forward, through time where there is memory, loss and backward to what `to` asks for. With
  /// batch normalisation (BatchNormSpec) a pass to the parameters goes by the moments of its batch,
  /// whose rows the loss is then handed in one chunk, and moves the running ones, by which all
  /// other passes go.
  virtual void backpropagate(const SequenceInputs& batch, ChunkLoss loss,
                             const GradientTargets& to) = 0;
  /// Lends threads for chunks of a batch; results do not depend on them. Null: none.
  virtual void use_threads(TaskPool* pool) = 0;
  /// A copy with buffers of its own, on the caller's thread.
  virtual std::unique_ptr<Network> clone() const = 0;

  /// In two steps, for losses that need the heads of all rows: forward() writes them, [rows, sum of
  /// heads], dense, and where it can keeps what backward() needs of the same batch and parameters,
  /// which adds d loss / d parameters to gradients(), through time where there is memory.
  /// head_gradient: d loss / d heads, as they.
  virtual void forward(const SequenceInputs& batch, float* heads);
  virtual void backward(const SequenceInputs& batch, const float* head_gradient);

  /// Adds d loss / d parameters to gradients(); each row by itself, with the state that it holds.
  void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) {
    backpropagate({inputs, 1, nullptr}, loss, {});
  }
  /// The same through time.
  void accumulate_sequence_gradient(const SequenceInputs& batch, ChunkLoss loss) {
    backpropagate(batch, loss, {});
  }
  /// d loss / d inputs alone, [rows, row_size()].
  void input_gradient(const BatchInputs& inputs, ChunkLoss loss, float* gradient) {
    backpropagate({inputs, 1, nullptr}, loss, {/*parameters=*/false, gradient});
  }
  /// d loss / d late inputs alone, [rows, late_inputs]: of Q(s, a) by its action.
  /// heads: of critics side by side, the first so many; the loss finds nothing in the others.
  void late_input_gradient(const SequenceInputs& batch, ChunkLoss loss, float* gradient,
                           std::size_t heads = static_cast<std::size_t>(-1)) {
    backpropagate(batch, loss, {/*parameters=*/false, nullptr, gradient, heads});
  }

  /// The same for tensors, [B, row_size] float32 on the CPU, contiguous; include
  /// <ATen/core/Tensor.h> to call them. Their results carry no tape; agents/nn/network_function.h
  /// has one that does.
  at::Tensor infer(const at::Tensor& inputs);
  /// Adds d (sum of outputs * weights) / d parameters to gradients(). weights: [B, sum of heads].
  void accumulate_gradient(const at::Tensor& inputs, const at::Tensor& weights);
  /// d (sum of outputs * weights) / d inputs, [B, row_size]; for saliency.
  at::Tensor input_gradient(const at::Tensor& inputs, const at::Tensor& weights);

  /// All parameters, [P] float32; writing to it changes the network.
  at::Tensor& parameters();
  const at::Tensor& parameters() const;
  /// d loss / d parameters, [P] float32.
  at::Tensor& gradients();
  Row<float> parameter_row() { return parameter_row_; }
  Row<const float> parameter_row() const { return parameter_row_; }
  Row<float> gradient_row() { return gradient_row_; }
  /// Those of the encoders from the features up, then those of the dense layers.
  const std::vector<ParameterInfo>& layout() const { return layout_; }
  /// The flat range of one named parameter.
  const ParameterInfo& find(const std::string& name) const;
  /// Running moments of batch normalisation, laid out by statistics_layout(spec().dense); else
  /// empty. They are part of the state, but no parameters: no optimiser sees them.
  Row<float> statistics_row() { return {statistics_.data(), statistics_size_}; }
  Row<const float> statistics_row() const { return {statistics_.data(), statistics_size_}; }
  void zero_gradients();
  /// Draws all parameters, in the order of the layout.
  void initialize(Rng& rng);

  /// Takes over parameters and statistics of a network that was made alike.
  void copy_state(const Network& from);
  /// Parameters, and statistics where there are some.
  void save(StateWriter& out) const;
  void load(StateReader& in);

 protected:
  /// Allocates the buffers, zero, with room behind them for whole vectors.
  explicit Network(const NetworkSpec& spec);

  std::size_t features() const { return static_cast<std::size_t>(spec_.features); }
  std::size_t late_inputs() const { return static_cast<std::size_t>(spec_.late_inputs); }
  std::size_t state_column() const { return features() + late_inputs(); }
  NetworkSpec spec_;
  std::vector<std::unique_ptr<Encoder>> encoders_;
  // Where the parameters of each encoder begin, then those of the dense layers.
  std::vector<std::size_t> parameters_begin_;
  std::size_t state_size_ = 0;
  std::vector<ParameterInfo> layout_;
  std::vector<float> statistics_;  // with kBufferSlack floats behind them

 private:
  std::unique_ptr<FlatTensors> tensors_;
  Row<float> parameter_row_, gradient_row_;  // of the tensors
  std::vector<float> with_states_;           // of infer_heads, [rows, output_size()]
  std::size_t statistics_size_ = 0;
};

/// What trains and acts: on the CPU closed forms (agents/kernels, convolutions of oneDNN), on other
/// devices the plain network.
std::unique_ptr<Network> make_network(const NetworkSpec& spec, Rng& rng,
                                      ComputeDevice device = ComputeDevice::kCpu);

/// LibTorch's own layers and tape on the same buffers: what other devices than the CPU compute
/// with, and the reference that tests compare the closed forms with. Starts with the same
/// parameters. A row's bits depend on its batch.
std::unique_ptr<Network> make_plain_network(const NetworkSpec& spec, Rng& rng,
                                            ComputeDevice device = ComputeDevice::kCpu);

using NetworkMaker = std::unique_ptr<Network> (*)(const NetworkSpec& spec, Rng& rng,
                                                  ComputeDevice device);

/// "cpu" or "cuda". Throws Error if LibTorch has no such device here.
ComputeDevice device_named(const std::string& name);

/// A loss whose gradient is known beforehand: `weights`, [rows, sum of heads], dense.
void copy_to_heads(const MlpSpec& spec, const float* weights, const Chunk& chunk,
                   HeadRows gradient);
/// The way back: a chunk's outputs to where they belong among those of the batch.
void copy_from_heads(const MlpSpec& spec, HeadRows outputs, const Chunk& chunk, float* all);

}  // namespace tern
