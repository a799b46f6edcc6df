#pragma once
// The links of a network below its dense layers: convolutions, Fourier features, memory.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "agents/kernels/fused_mlp.h"
#include "agents/kernels/mlp_layout.h"
#include "agents/nn/network_spec.h"
#include "core/rng.h"
#include "core/threads/task_pool.h"

namespace at {
class Tensor;
}

namespace tern {

struct TapedBatch;  // agents/nn/taped_batch.h

/// A matrix that somebody else owns: row i begins at data + i * stride, or with an index at data +
/// index[i] * stride.
struct StridedRows {
  const float* data = nullptr;
  std::size_t stride = 0;
  const std::int32_t* index = nullptr;

  const float* operator[](std::size_t i) const {
    return data + (index == nullptr ? i : static_cast<std::size_t>(index[i])) * stride;
  }
  StridedRows from(std::size_t begin) const {
    return index == nullptr ? StridedRows{data + begin * stride, stride, nullptr}
                            : StridedRows{data, stride, index + begin};
  }
};

/// A batch on its way up: `rows` rows in sequences of `steps`; row s * steps + t is step t of
/// sequence s.
struct EncoderBatch {
  std::size_t rows = 0;
  StridedRows inputs;  // of the encoder
  StridedRows states;  // of the encoder; of a sequence only the first row's is read
  std::size_t steps = 1;
  const std::uint8_t* resets =
      nullptr;  // [rows], whether the state is 0 before a row; null: nowhere
};

/// Where a backward pass writes; what is null is not asked for.
struct EncoderGradients {
  float* parameters = nullptr;  // d loss / d parameters, added to what is there
  Rows<float> inputs;           // d loss / d inputs, one row for each of the batch
  Rows<float> states;           // d loss / d states; 0 where a state was not read
};

/// A link: a differentiable function of rows, with its share of a network's flat parameters, that
/// may carry a state from step to step. The parameters that it is handed begin with its own. A link
/// says in one place what it computes twice: in closed form, which training and acting run, and
/// with LibTorch's operators, for other devices and as the reference of tests.
///
/// Sums have a fixed order that depends on the shape of a batch alone, not on threads.
class Encoder {
 public:
  /// infer_on() gets at most so many rows.
  static constexpr std::size_t kMostRows = 64;

  virtual ~Encoder() = default;

  /// Columns that it gives.
  virtual std::size_t outputs() const = 0;
  /// Where it has a state, what it gives begins with the next one.
  virtual std::size_t state_size() const { return 0; }
  /// Names, shapes and places of its parameters, from 0 on.
  virtual std::vector<ParameterInfo> layout() const = 0;
  virtual void initialize(Rng& rng, float* parameters) const = 0;
  /// Whether a row's bits are the same in every batch.
  virtual bool rows_are_independent() const { return true; }

  /// Lends threads to forward() and backward(); null: none. Makes room for infer_on() on each.
  virtual void use_threads(TaskPool* pool) = 0;

  /// One step of each row. outputs: [rows, outputs()], dense; next_states: not touched without
  /// memory. Several threads may infer at once.
  virtual void infer_on(std::size_t thread, const float* parameters, const EncoderBatch& batch,
                        float* outputs, Rows<float> next_states) = 0;
  /// outputs: [rows, outputs()], dense. Keeps what backward() needs.
  virtual void forward(const float* parameters, const EncoderBatch& batch, float* outputs) = 0;
  /// After forward() of the same batch, whose outputs are still there; output_gradient as
  /// `outputs`.
  virtual void backward(const float* parameters, const EncoderBatch& batch,
                        const float* output_gradient, const EncoderGradients& to) = 0;

  /// Outputs, [rows, outputs()], by LibTorch's operators. parameters: one tensor for each entry of
  /// layout(), in its shape. next_states, [rows, state_size()], is set where there is memory.
  virtual at::Tensor on_tape(const std::vector<at::Tensor>& parameters, const TapedBatch& batch,
                             at::Tensor* next_states) const = 0;
};

std::unique_ptr<Encoder> make_conv_encoder(const ConvSpec& spec);
/// Of so many inputs.
std::unique_ptr<Encoder> make_fourier_encoder(const FourierSpec& spec, std::size_t inputs);
std::unique_ptr<Encoder> make_memory_encoder(const MemorySpec& spec, std::size_t inputs);

/// The links that `spec` asks for, from the features up; none: the dense layers read the rows.
std::vector<std::unique_ptr<Encoder>> make_encoders(const NetworkSpec& spec);

}  // namespace tern
