#pragma once
// Forward and backward of an MLP with batch normalisation on flat buffers, without a tape. Std only.

#include <cstddef>
#include <vector>

#include "agents/kernels/fused_mlp.h"
#include "agents/kernels/mlp_layout.h"
#include "core/threads/task_pool.h"

namespace tern {

/// An MLP with MlpSpec::batch_norm over parameters and running moments that somebody else owns, with the
/// calls of FusedMlp. A pass that asks for the gradient of parameters normalises by the moments of its
/// batch, and moves the running ones; its loss is called once, with one chunk that holds all rows. All
/// other passes normalise by the running moments: there a row's bits do not depend on the others.
///
/// After the first call with a batch of some size nothing is allocated. Threads share trunks out, of
/// which no sum depends on another's, so results do not depend on them. Not thread-safe.
class BatchNormMlp {
 public:
  /// statistics: laid out by statistics_layout, with kBufferSlack floats behind; must stay in place.
  BatchNormMlp(const MlpSpec& spec, float* statistics);

  /// Shares trunks out to these threads from now on; null: the caller's alone.
  void use_threads(TaskPool* pool);

  /// outputs: [rows, sum of head sizes], dense.
  void infer(const float* parameters, const BatchInputs& inputs, float* outputs);
  /// The same within a task of the pool, on its given thread: several may infer at once.
  void infer_on(std::size_t thread, const float* parameters, const BatchInputs& inputs,
                float* outputs);
  /// Forward, loss and backward; adds d loss / d parameters to `gradients`. Both buffers: [P +
  /// kBufferSlack]. input_gradient: d loss / d inputs, [rows, inputs], dense, written over. Either may be
  /// null: that gradient is not computed. Batch moments need gradients, and at least one row.
  void accumulate_gradient(const float* parameters, const BatchInputs& inputs, ChunkLoss loss,
                           float* gradients, float* input_gradient = nullptr);

 private:
  struct Layer {
    std::size_t inputs = 0, outputs = 0, weights = 0, bias = 0;  // the last two: offsets
    Activation activation = Activation::kIdentity;
  };
  struct Norm {
    std::size_t columns = 0;
    std::size_t gain = 0, shift = 0;      // offsets in the parameters
    std::size_t mean = 0, variance = 0;  // offsets in the statistics
  };
  /// norms[i] stands before hidden[i]; the last one before the heads.
  struct Trunk {
    std::vector<Norm> norms;
    std::vector<Layer> hidden, heads;
    std::size_t first_head = 0;  // of all heads
  };
  /// What a norm does in the present pass, [padded(columns)] each:
  /// y = scale (x - mean) + shift, scale = gain r inverse_deviation.
  struct Factors {
    std::vector<float> mean, inverse_deviation, scale, shift;
    std::vector<float> variance, r, d, sum_dy, sum_dy_n;  // of passes by the batch's moments
  };
  /// What a trunk computes a batch in; rows are padded.
  struct Workspace {
    std::vector<float> inputs, delta[2], scratch;
    std::vector<Factors> factors;                                // one for each norm
    std::vector<std::vector<float>> normalized;                  // one for each norm
    std::vector<std::vector<float>> activations, slopes;         // one for each hidden layer
    std::vector<std::vector<float>> transposed, of_heads;        // weights of hidden layers, heads
  };

  std::size_t threads() const { return pool_ == nullptr ? 1 : pool_->threads(); }
  void reserve(const Trunk& trunk, std::size_t rows, Workspace& w) const;
  void gather(const BatchInputs& inputs, std::size_t begin, std::size_t rows, Workspace& w) const;
  void transpose(const float* parameters, const Trunk& trunk, bool all, Workspace& w) const;
  DenseLayer dense(const float* parameters, const Layer& layer, const float* transposed) const;
  HeadRows heads(std::vector<float>& rows) const {
    return {rows.data(), head_stride_, head_offsets_.data()};
  }
  /// What norm `i` reads.
  Rows<float> below(const Trunk& trunk, std::size_t i, Workspace& w) const;

  void use_running_moments(const float* parameters, const Norm& norm, Factors& f) const;
  void use_batch_moments(const float* parameters, const Norm& norm, std::size_t rows,
                         Rows<const float> x, Factors& f) const;
  void move_running_moments(const Norm& norm, const Factors& f);
  void forward(const float* parameters, const Trunk& trunk, std::size_t rows, bool by_batch,
               HeadRows outputs, Workspace& w) const;
  void backward(const float* parameters, const Trunk& trunk, std::size_t rows, float* gradients,
                HeadRows output_gradient, Workspace& w) const;
  void infer_trunk(const float* parameters, std::size_t trunk, const BatchInputs& inputs,
                   std::size_t thread, float* outputs);

  BatchNormSpec spec_;
  float* statistics_;
  std::size_t batches_ = 0;  // offset in the statistics
  std::vector<Trunk> trunks_;
  std::vector<std::size_t> head_offsets_;  // in a row of outputs
  std::size_t inputs_ = 0, output_columns_ = 0, head_stride_ = 0;
  TaskPool* pool_ = nullptr;
  std::vector<Workspace> learning_;             // one for each trunk
  std::vector<std::vector<Workspace>> acting_;  // one for each thread and trunk
  std::vector<std::vector<float>> acting_outputs_;  // one for each thread, [kBlock, head stride]
  std::vector<float> outputs_, output_gradient_;
};

}  // namespace tern
