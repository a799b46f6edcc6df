// A gated recurrent unit as a link: on the CPU by agents/kernels/gru.h, on the tape by LibTorch's
// cell.

#include <ATen/core/TensorBody.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/stack.h>

#include <algorithm>

#include "agents/kernels/gru.h"
#include "agents/nn/encoder.h"
#include "agents/nn/taped_batch.h"
#include "core/error.h"

namespace tern {
namespace {

// Each step of a chunk reads all weights once, so a chunk has at least so many sequences.
constexpr std::size_t kLeastSequences = 4;

class GruEncoder final : public Encoder {
 public:
  explicit GruEncoder(const GruSpec& spec)
      : spec_(spec),
        inputs_(static_cast<std::size_t>(spec.inputs)),
        size_(static_cast<std::size_t>(spec.size)),
        parameters_(parameter_count(gru_layout(spec))) {
    use_threads(nullptr);
  }

  std::size_t outputs() const override { return size_; }
  std::size_t state_size() const override { return size_; }
  std::vector<ParameterInfo> layout() const override { return gru_layout(spec_); }
  void initialize(Rng& rng, float* parameters) const override {
    initialize_gru(spec_, rng, parameters);
  }

  void use_threads(TaskPool* pool) override {
    pool_ = pool;
    acting_.resize(pool == nullptr ? 1 : pool->threads(), Gru(spec_));
    // All of it now: which thread acts first, and when, is chance.
    for (Gru& gru : acting_) gru.reserve({kMostRows, 1});
  }

  void infer_on(std::size_t thread, const float* parameters, const EncoderBatch& batch,
                float* outputs, Rows<float> next_states) override {
    Gru& gru = acting_[thread];
    const GruSequences shape{batch.rows, 1};
    fill(batch, shape, gru);
    gru.forward(parameters, shape, nullptr, outputs);
    for (std::size_t i = 0; i < batch.rows; ++i) {
      std::copy_n(outputs + i * size_, size_, next_states.data + i * next_states.stride);
    }
  }

  /// In at most kMaxChunks chunks of whole sequences, whose gradients are added in their order.
  void forward(const float* parameters, const EncoderBatch& batch, float* outputs) override {
    const Cut cut = cut_of(batch);
    if (chunks_.size() < cut.chunks) chunks_.resize(cut.chunks, Learning(spec_));
    for_chunks(cut.chunks, [&](std::size_t i) {
      fill(part_of(batch, cut, i), cut.shape(i), chunks_[i].gru);
      chunks_[i].gru.forward(parameters, cut.shape(i), part_of(batch, cut, i).resets,
                             outputs + cut.first_row(i) * size_);
    });
  }

  void backward(const float* parameters, const EncoderBatch& batch, const float* output_gradient,
                const EncoderGradients& to) override {
    const Cut cut = cut_of(batch);
    for_chunks(cut.chunks, [&](std::size_t i) {
      Learning& chunk = chunks_[i];
      const auto rows_of_chunk = [&](Rows<float> rows) {
        if (rows.data != nullptr) rows.data += cut.first_row(i) * rows.stride;
        return rows;
      };
      if (to.parameters != nullptr) chunk.gradient.resize(parameters_ + kBufferSlack);
      chunk.gru.backward(parameters, cut.shape(i), part_of(batch, cut, i).resets,
                         output_gradient + cut.first_row(i) * size_,
                         to.parameters == nullptr ? nullptr : chunk.gradient.data(),
                         rows_of_chunk(to.inputs), rows_of_chunk(to.states));
    });
    for (std::size_t i = 0; to.parameters != nullptr && i < cut.chunks; ++i) {
      add_floats(chunks_[i].gradient.data(), parameters_, to.parameters);
    }
  }

  at::Tensor on_tape(const std::vector<at::Tensor>& parameters, const TapedBatch& batch,
                     at::Tensor* next_states) const override {
    const auto steps = static_cast<std::int64_t>(batch.steps);
    const std::int64_t sequences = batch.inputs.size(0) / steps;
    const at::Tensor x = batch.inputs.reshape({sequences, steps, -1});
    at::Tensor h = batch.states.reshape({sequences, steps, -1}).select(1, 0);
    std::vector<at::Tensor> states;
    for (std::int64_t t = 0; t < steps; ++t) {
      if (t > 0 && batch.keeps.defined()) {
        h = h.mul(batch.keeps.view({sequences, steps, 1}).select(1, t));
      }
      h = at::gru_cell(x.select(1, t), h, parameters[0].t(), parameters[2].t(), parameters[1],
                       parameters[3]);
      states.push_back(h);
    }
    *next_states = at::stack(states, /*dim=*/1).view({batch.inputs.size(0), -1});
    return *next_states;
  }

 private:
  /// What a chunk of sequences is learned in.
  struct Learning {
    explicit Learning(const GruSpec& spec) : gru(spec) {}
    Gru gru;
    std::vector<float> gradient;
  };
  /// A batch in chunks of `each` sequences, the last with what is left.
  struct Cut {
    std::size_t sequences, steps, each, chunks;
    std::size_t first_row(std::size_t i) const { return i * each * steps; }
    GruSequences shape(std::size_t i) const {
      return {std::min(each, sequences - i * each), steps};
    }
  };

  static Cut cut_of(const EncoderBatch& batch) {
    const std::size_t sequences = batch.rows / batch.steps;
    const std::size_t each =
        std::max(std::min(kLeastSequences, sequences), (sequences + kMaxChunks - 1) / kMaxChunks);
    return {sequences, batch.steps, each, (sequences + each - 1) / each};
  }

  static EncoderBatch part_of(const EncoderBatch& batch, const Cut& cut, std::size_t i) {
    const std::size_t begin = cut.first_row(i);
    return {cut.shape(i).rows(), batch.inputs.from(begin), batch.states.from(begin), batch.steps,
            batch.resets == nullptr ? nullptr : batch.resets + begin};
  }

  void fill(const EncoderBatch& batch, const GruSequences& shape, Gru& gru) const {
    gru.reserve(shape);
    for (std::size_t row = 0; row < shape.rows(); ++row) {
      const std::size_t sequence = row / shape.steps, t = row % shape.steps;
      std::copy_n(batch.inputs[row], inputs_, gru.x(shape, sequence, t));
      if (t == 0) std::copy_n(batch.states[row], size_, gru.first_state(sequence));
    }
  }

  template <class Task>
  void for_chunks(std::size_t count, const Task& task) {
    if (pool_ == nullptr || count <= 1) {
      for (std::size_t i = 0; i < count; ++i) task(i);
      return;
    }
    pool_->run(count, [&](std::size_t i, std::size_t) { task(i); });
  }

  GruSpec spec_;
  std::size_t inputs_, size_, parameters_;
  TaskPool* pool_ = nullptr;
  std::vector<Gru> acting_;  // one for each thread
  std::vector<Learning> chunks_;
};

}  // namespace

std::unique_ptr<Encoder> make_memory_encoder(const MemorySpec& spec, std::size_t inputs) {
  if (spec.kind != "gru") throw Error::failure("there is no memory '" + spec.kind + "'");
  return std::make_unique<GruEncoder>(GruSpec{static_cast<int>(inputs), spec.size});
}

}  // namespace tern
