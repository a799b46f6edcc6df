// A recurrent unit below an MLP as a Network, all of it in the fused kernels.

#include <algorithm>

#include "agents/kernels/gru.h"
#include "agents/nn/network.h"
#include "core/error.h"

namespace tern {
namespace {

// Each step of a chunk reads all weights once, so a chunk has at least so many sequences.
constexpr std::size_t kLeastSequences = 4;

// Inference goes in blocks of so many rows.
constexpr std::size_t kBlockRows = 64;

MlpSpec with_inputs(MlpSpec spec, int inputs) {
  spec.inputs = inputs;
  return spec;
}

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size, 0.0f);
}

class RecurrentNetwork final : public Network {
 public:
  RecurrentNetwork(const GruSpec& gru, const MlpSpec& spec)
      : Network(with_inputs(spec, gru.size), gru_layout(gru)),
        gru_(gru),
        mlp_(spec_),
        gru_size_(parameter_count(gru_layout(gru))) {
    use_threads(nullptr);
  }

  using Network::accumulate_gradient;
  using Network::infer;

  std::size_t state_size() const override { return static_cast<std::size_t>(gru_.size); }

  void infer(const BatchInputs& inputs, float* outputs) override { infer_on(0, inputs, outputs); }

  void infer_on(std::size_t thread, const BatchInputs& inputs, float* outputs) override {
    Acting& acting = acting_[thread];
    const std::size_t heads = output_columns(spec_), row_size = features() + state_size();
    for (std::size_t begin = 0; begin < inputs.rows; begin += kBlockRows) {
      const std::size_t rows = std::min(kBlockRows, inputs.rows - begin);
      float* row = acting.rows.data();
      for (std::size_t i = 0; i < rows; ++i) {
        row = std::copy_n(inputs.row(begin + i, row_size), row_size, row);
      }
      const float* x = acting.rows.data();
      acting.gru.step(parameter_row().data(), rows, {x, row_size}, {x + features(), row_size},
                      acting.states.data());
      mlp_.infer_on(thread, mlp_parameters(), {acting.states.data(), rows}, acting.outputs.data());
      for (std::size_t i = 0; i < rows; ++i) {
        outputs = std::copy_n(acting.outputs.data() + i * heads, heads, outputs);
        outputs = std::copy_n(acting.states.data() + i * state_size(), state_size(), outputs);
      }
    }
  }

  /// Each row by itself, with the state that it holds.
  void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) override {
    accumulate_sequence_gradient({inputs, 1, nullptr}, loss);
  }

  /// Forward through time, then all of the MLP's pass, then back through time. At most kMaxChunks
  /// chunks of whole sequences, whose gradients are added in their order.
  void accumulate_sequence_gradient(const SequenceInputs& batch, ChunkLoss loss) override {
    const std::size_t sequences = batch.inputs.rows / batch.steps, size = state_size();
    const std::size_t each =
        std::max(std::min(kLeastSequences, sequences), (sequences + kMaxChunks - 1) / kMaxChunks);
    const std::size_t chunks = (sequences + each - 1) / each;
    if (chunks_.size() < chunks) chunks_.resize(chunks, Learning(gru_));
    grow(states_, batch.inputs.rows * size);
    grow(state_gradient_, batch.inputs.rows * size);
    const auto first_row = [&](std::size_t i) { return i * each * batch.steps; };
    const auto shape = [&](std::size_t i) {
      return GruSequences{std::min(each, sequences - i * each), batch.steps};
    };
    for_chunks(chunks, [&](std::size_t i) {
      Learning& chunk = chunks_[i];
      fill(batch, first_row(i), shape(i), chunk);
      chunk.gru.forward(parameter_row().data(), shape(i), chunk.resets.data(),
                        states_.data() + first_row(i) * size);
    });
    mlp_.accumulate_gradient(mlp_parameters(), {states_.data(), batch.inputs.rows}, loss,
                             gradient_row().data() + gru_size_, state_gradient_.data());
    for_chunks(chunks, [&](std::size_t i) {
      Learning& chunk = chunks_[i];
      grow(chunk.gradient, gru_size_ + kBufferSlack);
      chunk.gru.backward(parameter_row().data(), shape(i), chunk.resets.data(),
                         state_gradient_.data() + first_row(i) * size, chunk.gradient.data());
    });
    for (std::size_t i = 0; i < chunks; ++i) {
      add_floats(chunks_[i].gradient.data(), gru_size_, gradient_row().data());
    }
  }

  void use_threads(TaskPool* pool) override {
    pool_ = pool;
    mlp_.use_threads(pool);
    acting_.resize(pool == nullptr ? 1 : pool->threads(), Acting(gru_));
    // All of it now: which thread acts first, and when, is chance.
    for (Acting& acting : acting_) {
      acting.gru.reserve({kBlockRows, 1});
      grow(acting.rows, kBlockRows * (features() + state_size()));
      grow(acting.states, kBlockRows * state_size());
      grow(acting.outputs, kBlockRows * output_columns(spec_));
    }
  }

  at::Tensor input_gradient(const at::Tensor&, const at::Tensor&) override {
    throw Error::failure(
        "there is no saliency for recurrent networks: what they say depends on earlier inputs too");
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<RecurrentNetwork>(gru_, spec_);
    copy->parameters_.copy_(parameters_);
    return copy;
  }

 private:
  /// What a thread acts in.
  struct Acting {
    explicit Acting(const GruSpec& spec) : gru(spec) {}
    Gru gru;
    std::vector<float> rows, states, outputs;
  };
  /// What a chunk of sequences is learned in.
  struct Learning {
    explicit Learning(const GruSpec& spec) : gru(spec) {}
    Gru gru;
    std::vector<std::uint8_t> resets;
    std::vector<float> gradient;
  };

  template <class Task>
  void for_chunks(std::size_t count, const Task& task) {
    if (pool_ == nullptr || count <= 1) {
      for (std::size_t i = 0; i < count; ++i) task(i);
      return;
    }
    pool_->run(count, [&](std::size_t i, std::size_t) { task(i); });
  }

  /// Features, first states and resets of the rows from `begin` on.
  void fill(const SequenceInputs& batch, std::size_t begin, const GruSequences& shape,
            Learning& chunk) const {
    chunk.gru.reserve(shape);
    chunk.resets.assign(shape.rows(), 0);
    for (std::size_t row = 0; row < shape.rows(); ++row) {
      const std::size_t i = begin + row;
      const float* from = batch.inputs.row(i, features() + state_size());
      const std::size_t sequence = row / shape.steps, t = row % shape.steps;
      std::copy_n(from, features(), chunk.gru.x(shape, sequence, t));
      if (t == 0) std::copy_n(from + features(), state_size(), chunk.gru.first_state(sequence));
      if (batch.resets == nullptr) continue;
      const std::int32_t* index = batch.inputs.index;
      chunk.resets[row] = batch.resets[index == nullptr ? i : static_cast<std::size_t>(index[i])];
    }
  }

  const float* mlp_parameters() { return parameter_row().data() + gru_size_; }
  std::size_t features() const { return static_cast<std::size_t>(gru_.inputs); }

  GruSpec gru_;
  FusedMlp mlp_;
  std::size_t gru_size_;  // its parameters, the first of all
  TaskPool* pool_ = nullptr;
  std::vector<Acting> acting_;  // one for each thread
  std::vector<Learning> chunks_;
  std::vector<float> states_, state_gradient_;  // [rows, size] of a batch
};

}  // namespace

std::unique_ptr<Network> make_recurrent_network(const GruSpec& gru, MlpSpec spec, Rng& rng) {
  auto network = std::make_unique<RecurrentNetwork>(gru, spec);
  float* parameters = network->parameter_row().data();
  initialize_gru(gru, rng, parameters);
  initialize_mlp(network->spec(), mlp_layout(network->spec()), rng,
                 parameters + parameter_count(gru_layout(gru)));
  return network;
}

}  // namespace tern
