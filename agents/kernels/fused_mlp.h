#pragma once
// Forward and backward of an MLP on flat buffers, without a tape, on one thread or several. Std
// only.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "agents/kernels/dense_kernels.h"
#include "agents/kernels/mlp_layout.h"
#include "core/threads/task_pool.h"

namespace tern {

/// Row i of a batch is row index[i] of `data`, or row i without an index; rows are dense.
struct BatchInputs {
  const float* data = nullptr;
  std::size_t rows = 0;
  const std::int32_t* index = nullptr;
  /// Which row of `data`.
  std::size_t place(std::size_t i) const {
    return index == nullptr ? i : static_cast<std::size_t>(index[i]);
  }
  const float* row(std::size_t i, std::size_t columns) const { return data + place(i) * columns; }
};

/// Rows [begin, end) of a batch: what one thread does at a time. Which chunks there are depends on
/// the network and the size of the batch alone.
struct Chunk {
  std::size_t index = 0, begin = 0, end = 0;
  std::size_t rows() const { return end - begin; }
};
/// A batch is cut into at most so many chunks.
inline constexpr std::size_t kMaxChunks = 8;

/// The outputs of a chunk, or their gradient: a matrix for each head, row 0 is the chunk's first.
struct HeadRows {
  float* data = nullptr;
  std::size_t stride = 0;
  const std::size_t* offsets = nullptr;
  Rows<float> operator[](std::size_t head) const { return {data + offsets[head], stride}; }
};

/// Refers to a function that computes a loss: given the outputs of a chunk it writes all of d loss
/// / d outputs, [rows, head size] for each head. Called on several threads at once for different
/// chunks. Does not own the function, unlike std::function, which may allocate.
class ChunkLoss {
 public:
  template <class Function>
  ChunkLoss(const Function& function)  // NOLINT: converts, as std::function does
      : function_(&function),
        call_([](const void* f, const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          (*static_cast<const Function*>(f))(chunk, outputs, gradient);
        }) {}
  void operator()(const Chunk& chunk, HeadRows outputs, HeadRows gradient) const {
    call_(function_, chunk, outputs, gradient);
  }

 private:
  const void* function_;
  void (*call_)(const void*, const Chunk&, HeadRows, HeadRows);
};

/// An MLP over parameters that somebody else owns. After the first call with a batch of some size
/// nothing is allocated. Not thread-safe.
///
/// Results do not depend on the number of threads: chunks are fixed, and their gradients are added
/// in the order of their rows. The outputs of a row are the same bits in every batch.
class FusedMlp {
 public:
  explicit FusedMlp(const MlpSpec& spec);

  /// Shares chunks out to these threads from now on; null: the caller's alone.
  void use_threads(TaskPool* pool);
  std::vector<Chunk> chunks(std::size_t rows) const;

  /// outputs: [rows, sum of head sizes], dense.
  void infer(const float* parameters, const BatchInputs& inputs, float* outputs);
  /// The same within a task of the pool, on its given thread: several may infer at once.
  void infer_on(std::size_t thread, const float* parameters, const BatchInputs& inputs,
                float* outputs);
  /// Forward, loss and backward, chunk by chunk; adds d loss / d parameters to `gradients`.
  /// Both buffers: [P + kBufferSlack]. input_gradient: d loss / d inputs, [rows, inputs], dense,
  /// written over. Either may be null: that gradient is not computed. trunks: the first so many
  /// alone; outputs of the others are left as they were.
  void accumulate_gradient(const float* parameters, const BatchInputs& inputs, ChunkLoss loss,
                           float* gradients, float* input_gradient = nullptr,
                           std::size_t trunks = static_cast<std::size_t>(-1));
  /// The same in two steps, for losses that need all outputs first. forward() is infer() and keeps
  /// what backward() needs of the same inputs and parameters; with_inputs: input_gradient, too.
  /// output_gradient: [rows, sum of head sizes], dense.
  void forward(const float* parameters, const BatchInputs& inputs, float* outputs,
               bool with_inputs = false);
  void backward(const float* parameters, const BatchInputs& inputs, const float* output_gradient,
                float* gradients, float* input_gradient = nullptr);

 private:
  /// One layer of a trunk or one head, without its pointers.
  struct Layer {
    std::size_t inputs = 0, outputs = 0, weights = 0, bias = 0;  // the last two: offsets
    Activation activation = Activation::kIdentity;
    bool has_norm = false;
    std::size_t gain = 0, shift = 0;  // of the norm: offsets
  };
  /// A stack of hidden layers on the inputs, and the heads on top.
  struct Trunk {
    std::vector<std::size_t> hidden, heads;  // layers; kHidden: a head that gives hidden units
  };
  static constexpr std::size_t kHidden = static_cast<std::size_t>(-1);
  /// What one thread computes a chunk in.
  struct Workspace {
    std::vector<float> inputs, outputs, output_gradient, delta[3], scratch;
    // One for each layer; the last three only where it needs them: f'(..), what the norm makes of
    // the layer's sums, and one number for each row.
    std::vector<std::vector<float>> activations, transposed, slopes, normalized, inverse_deviation;
    bool is_prepared = false;  // in the present pass
  };
  enum class Transposes { kForInference, kForTraining, kForInputs };

  std::size_t base_rows() const { return widest_ < 128 ? 64 : 128; }
  std::size_t chunk_rows(std::size_t rows) const;
  std::size_t chunk_count(std::size_t rows) const {
    return (rows + chunk_rows(rows) - 1) / chunk_rows(rows);
  }
  Chunk chunk(std::size_t rows, std::size_t index) const;
  std::size_t threads() const { return pool_ == nullptr ? 1 : pool_->threads(); }
  void reserve(std::size_t rows, Workspace& w) const;
  void reserve(std::size_t thread, std::size_t rows) { reserve(rows, workspaces_[thread]); }
  void transpose(const float* parameters, Transposes which, Workspace& w) const;
  DenseLayer dense(const float* parameters, std::size_t layer, const Workspace& w) const;
  HeadRows heads(std::vector<float>& rows) const {
    return {rows.data(), head_stride_, head_offsets_.data()};
  }
  /// A layer's own matrix of a workspace.
  Rows<float> rows_of(std::vector<std::vector<float>>& matrices, std::size_t layer) const {
    return {matrices[layer].data(), padded(layers_[layer].outputs)};
  }
  /// Product, norm and activation of a hidden layer; returns its outputs.
  Rows<float> forward_hidden(const float* parameters, std::size_t layer, std::size_t rows,
                             Rows<float> features, Workspace& w) const;
  void forward(const float* parameters, const BatchInputs& inputs, const Chunk& chunk,
               std::size_t trunks, Workspace& w) const;
  void copy_outputs(const Chunk& chunk, const Workspace& w, float* outputs) const;
  /// Inference goes in chunks of base_rows() rows.
  void infer_chunk(const float* parameters, const BatchInputs& inputs, std::size_t index,
                   float* outputs, Workspace& w) const;
  /// Transposes weights the first time in a pass.
  void prepare(const float* parameters, Transposes which, Workspace& w) const;
  /// add: to what is in `gradients`, else over it. Null: not that gradient.
  void backward(const float* parameters, const Chunk& chunk, std::size_t trunks, bool add,
                float* gradients, float* input_gradient, Workspace& w) const;
  /// compute(chunk, add, gradients, thread) for each chunk, whose gradients are added in their
  /// order.
  template <class Compute>
  void run_chunks(std::size_t count, float* gradients, const Compute& compute);

  std::vector<Layer> layers_;
  std::vector<Trunk> trunks_;
  std::vector<std::size_t> head_offsets_;  // in a row of a chunk's outputs
  std::vector<std::size_t> head_sizes_;
  std::size_t inputs_ = 0, output_columns_ = 0, head_stride_ = 0, widest_ = 0;
  std::size_t first_free_ = 0;  // free parameters, which no chunk touches, start here
  TaskPool* pool_ = nullptr;
  std::vector<Workspace> workspaces_;        // one for each part
  std::vector<Workspace> kept_;              // one for each chunk of the last forward()
  std::vector<std::vector<float>> partial_;  // gradients of chunks that other threads did
};

}  // namespace tern
