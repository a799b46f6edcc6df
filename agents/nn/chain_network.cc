// The network that trains on the CPU: encoders, each over the whole batch, and the dense layers
// above them, fused or with batch normalisation. LibTorch owns the flat buffers; what computes on
// them needs no tape.

#include <algorithm>
#include <variant>

#include "agents/kernels/batch_norm_mlp.h"
#include "agents/nn/encoder.h"
#include "agents/nn/network.h"

namespace tern {
namespace {

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size, 0.0f);
}

class ChainNetwork final : public Network {
 public:
  explicit ChainNetwork(const NetworkSpec& spec)
      : Network(spec),
        mlp_(spec_.dense.batch_norm
                 ? DenseLayers(std::in_place_type<BatchNormMlp>, spec_.dense, statistics_.data())
                 : DenseLayers(std::in_place_type<FusedMlp>, spec_.dense)),
        dense_inputs_(static_cast<std::size_t>(spec_.dense.inputs)) {
    levels_.resize(encoders_.size());
    use_threads(nullptr);
  }

  using Network::infer;

  bool rows_are_independent() const override {
    return std::all_of(encoders_.begin(), encoders_.end(),
                       [](const auto& encoder) { return encoder->rows_are_independent(); });
  }

  void infer(const BatchInputs& inputs, float* outputs) override {
    if (encoders_.empty()) {
      with_mlp([&](auto& mlp) { mlp.infer(dense_parameters(), inputs, outputs); });
      return;
    }
    const std::size_t blocks = (inputs.rows + Encoder::kMostRows - 1) / Encoder::kMostRows;
    if (pool_ == nullptr || blocks <= 1) {
      infer_on(0, inputs, outputs);
      return;
    }
    pool_->run(blocks, [&](std::size_t i, std::size_t thread) {
      infer_block(thread, inputs, i * Encoder::kMostRows, outputs);
    });
  }

  void infer_on(std::size_t thread, const BatchInputs& inputs, float* outputs) override {
    if (encoders_.empty()) {
      with_mlp([&](auto& mlp) { mlp.infer_on(thread, dense_parameters(), inputs, outputs); });
      return;
    }
    for (std::size_t begin = 0; begin < inputs.rows; begin += Encoder::kMostRows) {
      infer_block(thread, inputs, begin, outputs);
    }
  }

  /// Each encoder's forward pass over all rows, then all of the dense layers' pass, then each
  /// encoder's backward pass. Every one of them cuts the batch into chunks of its own, whose
  /// gradients are added in the order of their rows.
  void backpropagate(const SequenceInputs& batch, ChunkLoss loss,
                     const GradientTargets& to) override {
    const std::size_t rows = batch.inputs.rows;
    encode(batch);
    join_late(batch.inputs);
    const bool goes_below = !encoders_.empty() && (to.parameters || to.inputs != nullptr);
    float* dense_gradient = nullptr;
    if (encoders_.empty()) dense_gradient = to.inputs;  // its inputs are the rows
    if (goes_below || (to.late_inputs != nullptr && dense_gradient == nullptr)) {
      grow(dense_gradient_, rows * dense_inputs_);
      dense_gradient = dense_gradient_.data();
    }
    float* gradients = to.parameters ? gradients_of(encoders_.size()) : nullptr;
    if (FusedMlp* fused = std::get_if<FusedMlp>(&mlp_)) {
      fused->accumulate_gradient(dense_parameters(), dense_rows(batch.inputs), loss, gradients,
                                 dense_gradient, to.heads);
    } else {
      std::get<BatchNormMlp>(mlp_).accumulate_gradient(dense_parameters(), dense_rows(batch.inputs),
                                                       loss, gradients, dense_gradient);
    }
    if (to.late_inputs != nullptr) {
      copy_late(rows, dense_gradient, {to.late_inputs, late_inputs()});
    }
    if (goes_below) backward_below(rows, to);
  }

  void remember(const SequenceInputs& batch, float* states) override {
    encode(batch);
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      const std::size_t size = encoders_[i]->state_size(), columns = encoders_[i]->outputs();
      for (std::size_t r = 0; size > 0 && r < batch.inputs.rows; ++r) {
        std::copy_n(levels_[i].outputs.data() + r * columns, size, states + r * state_size());
      }
      states += size;
    }
  }

  void forward(const SequenceInputs& batch, float* heads) override {
    FusedMlp* fused = std::get_if<FusedMlp>(&mlp_);
    if (fused == nullptr) return Network::forward(batch, heads);
    encode(batch);
    join_late(batch.inputs);
    fused->forward(dense_parameters(), dense_rows(batch.inputs), heads, !encoders_.empty());
  }
  void backward(const SequenceInputs& batch, const float* head_gradient) override {
    FusedMlp* fused = std::get_if<FusedMlp>(&mlp_);
    if (fused == nullptr) return Network::backward(batch, head_gradient);
    const std::size_t rows = batch.inputs.rows;
    if (!encoders_.empty()) grow(dense_gradient_, rows * dense_inputs_);
    fused->backward(dense_parameters(), dense_rows(batch.inputs), head_gradient,
                    gradients_of(encoders_.size()),
                    encoders_.empty() ? nullptr : dense_gradient_.data());
    if (!encoders_.empty()) backward_below(rows, {});
  }

  void use_threads(TaskPool* pool) override {
    pool_ = pool;
    with_mlp([&](auto& mlp) { mlp.use_threads(pool); });
    for (const auto& encoder : encoders_) encoder->use_threads(pool);
    if (encoders_.empty()) return;
    acting_.resize(pool == nullptr ? 1 : pool->threads());
    for (Acting& acting : acting_) {
      acting.levels.resize(encoders_.size());
      for (std::size_t i = 0; i < encoders_.size(); ++i) {
        grow(acting.levels[i], Encoder::kMostRows * encoders_[i]->outputs());
      }
      if (late_inputs() > 0) grow(acting.joined, Encoder::kMostRows * dense_inputs_);
      grow(acting.heads, Encoder::kMostRows * output_columns(spec_.dense));
    }
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<ChainNetwork>(spec_);
    copy->copy_state(*this);
    return copy;
  }

 private:
  /// What a thread acts in: a block of rows above each encoder, with the late inputs, and the
  /// heads.
  struct Acting {
    std::vector<std::vector<float>> levels;
    std::vector<float> joined, heads;
  };
  /// What an encoder reads and gives while a batch is learned from.
  struct Level {
    EncoderBatch batch;
    std::vector<float> outputs, gradient;  // [rows, outputs]
  };

  using DenseLayers = std::variant<FusedMlp, BatchNormMlp>;
  template <class Call>
  void with_mlp(const Call& call) {
    std::visit(call, mlp_);
  }

  const float* parameters_of(std::size_t encoder) const {
    return parameter_row().data() + parameters_begin_[encoder];
  }
  float* gradients_of(std::size_t encoder) {
    return gradient_row().data() + parameters_begin_[encoder];
  }
  const float* dense_parameters() const { return parameters_of(encoders_.size()); }
  StridedRows strided(const BatchInputs& inputs, std::size_t column) const {
    return {inputs.data + column, row_size(), inputs.index};
  }

  /// Rows [begin, begin + kMostRows) of a batch, or what there is of them.
  void infer_block(std::size_t thread, const BatchInputs& inputs, std::size_t begin,
                   float* outputs) {
    Acting& acting = acting_[thread];
    const std::size_t rows = std::min(Encoder::kMostRows, inputs.rows - begin);
    const std::size_t heads = output_columns(spec_.dense);
    outputs += begin * output_size();
    StridedRows below = strided(inputs, 0).from(begin);
    std::size_t state = 0;  // columns of the states so far
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      Encoder& encoder = *encoders_[i];
      encoder.infer_on(
          thread, parameters_of(i),
          {rows, below, strided(inputs, state_column() + state).from(begin), 1, nullptr},
          acting.levels[i].data(), {outputs + heads + state, output_size()});
      below = {acting.levels[i].data(), encoder.outputs(), nullptr};
      state += encoder.state_size();
    }
    const float* dense = below.data;
    if (late_inputs() > 0) {
      join(rows, below, strided(inputs, features()).from(begin), acting.joined.data());
      dense = acting.joined.data();
    }
    with_mlp([&](auto& mlp) {
      mlp.infer_on(thread, dense_parameters(), {dense, rows}, acting.heads.data());
    });
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(acting.heads.data() + r * heads, heads, outputs + r * output_size());
    }
  }

  /// [rows, dense inputs]: what the encoders gave, then the late inputs.
  void join(std::size_t rows, const StridedRows& encoded, const StridedRows& late,
            float* joined) const {
    for (std::size_t r = 0; r < rows; ++r) {
      joined = std::copy_n(encoded[r], encoded.stride, joined);
      joined = std::copy_n(late[r], late_inputs(), joined);
    }
  }

  /// Forward through the encoders.
  void encode(const SequenceInputs& batch) {
    if (encoders_.empty()) return;
    const std::size_t rows = batch.inputs.rows;
    const std::uint8_t* resets = batch.resets;
    if (resets != nullptr && batch.inputs.index != nullptr) {
      resets_.resize(rows);
      for (std::size_t r = 0; r < rows; ++r) {
        resets_[r] = resets[batch.inputs.place(r)];
      }
      resets = resets_.data();
    }
    StridedRows below = strided(batch.inputs, 0);
    std::size_t state = 0;
    for (std::size_t i = 0; i < encoders_.size(); ++i) {
      Level& level = levels_[i];
      level.batch = {rows, below, strided(batch.inputs, state_column() + state), batch.steps,
                     resets};
      grow(level.outputs, rows * encoders_[i]->outputs());
      encoders_[i]->forward(parameters_of(i), level.batch, level.outputs.data());
      below = {level.outputs.data(), encoders_[i]->outputs(), nullptr};
      state += encoders_[i]->state_size();
    }
  }

  /// Puts the late inputs behind what the encoders gave.
  void join_late(const BatchInputs& inputs) {
    if (encoders_.empty() || late_inputs() == 0) return;
    grow(joined_, inputs.rows * dense_inputs_);
    join(inputs.rows, {levels_.back().outputs.data(), encoders_.back()->outputs(), nullptr},
         strided(inputs, features()), joined_.data());
  }

  /// What the dense layers read, after that.
  BatchInputs dense_rows(const BatchInputs& inputs) const {
    if (encoders_.empty()) return inputs;
    return {late_inputs() > 0 ? joined_.data() : levels_.back().outputs.data(), inputs.rows};
  }

  /// The last columns of a gradient at the dense layers' inputs.
  void copy_late(std::size_t rows, const float* dense_gradient, Rows<float> out) const {
    for (std::size_t r = 0; r < rows; ++r) {
      std::copy_n(dense_gradient + (r + 1) * dense_inputs_ - late_inputs(), late_inputs(),
                  out.data + r * out.stride);
    }
  }

  /// From dense_gradient_ down through the encoders.
  void backward_below(std::size_t rows, const GradientTargets& to) {
    const float* gradient = dense_gradient_.data();
    if (to.inputs != nullptr) copy_late(rows, gradient, {to.inputs + features(), row_size()});
    if (late_inputs() > 0) {
      std::vector<float>& top = levels_.back().gradient;
      const std::size_t encoded = dense_inputs_ - late_inputs();
      grow(top, rows * encoded);
      for (std::size_t r = 0; r < rows; ++r) {
        std::copy_n(gradient + r * dense_inputs_, encoded, top.data() + r * encoded);
      }
      gradient = top.data();
    }
    std::size_t state = state_size();
    for (std::size_t i = encoders_.size(); i-- > 0;) {
      state -= encoders_[i]->state_size();
      EncoderGradients of;
      if (to.parameters) of.parameters = gradients_of(i);
      if (to.inputs != nullptr) of.states = {to.inputs + state_column() + state, row_size()};
      if (i > 0) {
        const std::size_t columns = encoders_[i - 1]->outputs();
        grow(levels_[i - 1].gradient, rows * columns);
        of.inputs = {levels_[i - 1].gradient.data(), columns};
      } else if (to.inputs != nullptr) {
        of.inputs = {to.inputs, row_size()};
      }
      encoders_[i]->backward(parameters_of(i), levels_[i].batch, gradient, of);
      if (i > 0) gradient = levels_[i - 1].gradient.data();
    }
  }

  DenseLayers mlp_;
  std::size_t dense_inputs_;
  TaskPool* pool_ = nullptr;
  std::vector<Acting> acting_;  // one for each thread
  std::vector<Level> levels_;   // one for each encoder
  std::vector<std::uint8_t> resets_;
  std::vector<float> joined_, dense_gradient_;  // [rows, dense inputs]
};

}  // namespace

std::unique_ptr<Network> make_network(const NetworkSpec& spec, Rng& rng, ComputeDevice device) {
  if (device != ComputeDevice::kCpu) return make_plain_network(spec, rng, device);
  auto network = std::make_unique<ChainNetwork>(spec);
  network->initialize(rng);
  return network;
}

}  // namespace tern
