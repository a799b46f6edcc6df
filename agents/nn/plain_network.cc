// The plain path of Network: LibTorch's operators and tape on the flat buffers, which stay in host
// memory; what is computed elsewhere is copied there and back by the tape.

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include <algorithm>

#include "agents/kernels/batch_norm.h"
#include "agents/kernels/layer_norm.h"
#include "agents/nn/encoder.h"
#include "agents/nn/network.h"
#include "agents/nn/taped_batch.h"

namespace tern {
namespace {

at::Tensor activated(Activation f, const at::Tensor& x) {
  switch (f) {
    case Activation::kTanh:
      return at::tanh(x);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kElu:
      return at::elu(x);
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kIdentity:
      break;
  }
  return x;
}

class PlainNetwork final : public Network {
 public:
  PlainNetwork(const NetworkSpec& spec, ComputeDevice device)
      : Network(spec),
        where_(device),
        device_(device == ComputeDevice::kCuda ? at::kCUDA : at::kCPU) {
    for (const ParameterInfo& info : layout_) {
      at::Tensor leaf = parameters().narrow(0, info.offset, info.size).view(info.shape).detach();
      leaf.set_requires_grad(true);
      leaf.mutable_grad() = gradients().narrow(0, info.offset, info.size).view(info.shape);
      leaves_.push_back(std::move(leaf));
    }
    std::size_t offset = 0;
    for (const Head& head : spec_.dense.heads) {
      head_offsets_.push_back(offset);
      offset += static_cast<std::size_t>(head.size);
    }
  }

  using Network::infer;

  /// LibTorch takes other code for other numbers of rows.
  bool rows_are_independent() const override { return false; }

  void infer(const BatchInputs& inputs, float* to) override {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> columns;
    at::Tensor heads = outputs({gathered(inputs), {}, 1, {}}, &columns);
    columns.insert(columns.begin(), std::move(heads));
    const at::Tensor result = at::cat(columns, /*dim=*/1).cpu().contiguous();
    std::copy_n(result.data_ptr<float>(), result.numel(), to);
  }

  void infer_on(std::size_t, const BatchInputs& inputs, float* to) override { infer(inputs, to); }

  void remember(const SequenceInputs& batch, float* to) override {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> states;
    outputs({gathered(batch.inputs), {}, batch.steps, keeps(batch)}, &states);
    const at::Tensor result = at::cat(states, /*dim=*/1).cpu().contiguous();
    std::copy_n(result.data_ptr<float>(), result.numel(), to);
  }

  /// The whole batch is one chunk.
  void backpropagate(const SequenceInputs& batch, ChunkLoss loss,
                     const GradientTargets& to) override {
    const at::AutoGradMode with_grad(true);
    at::Tensor rows = gathered(batch.inputs);
    const bool of_inputs = to.inputs != nullptr || to.late_inputs != nullptr;
    if (of_inputs) rows.set_requires_grad(true);
    std::vector<at::Tensor> next_states;
    const at::Tensor taped =
        outputs({rows, {}, batch.steps, keeps(batch)}, &next_states, to.parameters)
            .cpu()
            .contiguous();
    const at::Tensor values = taped.detach(), gradient = at::empty_like(values);
    const std::size_t stride = output_columns(spec_.dense);
    loss({0, 0, batch.inputs.rows}, {values.data_ptr<float>(), stride, head_offsets_.data()},
         {gradient.data_ptr<float>(), stride, head_offsets_.data()});
    const at::Tensor kept = to.parameters ? at::Tensor() : gradients().clone();
    taped.backward(gradient);
    if (!to.parameters) gradients().copy_(kept);
    if (!of_inputs) return;
    const at::Tensor of_rows = rows.grad().contiguous();
    if (to.inputs != nullptr) {
      std::copy_n(of_rows.data_ptr<float>(), of_rows.numel(), to.inputs);
    }
    if (to.late_inputs != nullptr) {
      const at::Tensor late = of_rows.narrow(1, spec_.features, spec_.late_inputs).contiguous();
      std::copy_n(late.data_ptr<float>(), late.numel(), to.late_inputs);
    }
  }

  void use_threads(TaskPool*) override {}

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<PlainNetwork>(spec_, where_);
    copy->copy_state(*this);
    return copy;
  }

 private:
  /// The parameters on their way up: a pass takes them in the order of the layout, and running
  /// moments in that of theirs.
  struct Leaves {
    PlainNetwork& network;
    bool by_batch = false;
    std::size_t next = 0, next_statistic = 0;
    /// On the device; its gradient finds its way back.
    at::Tensor take() { return network.leaves_[next++].to(network.device_); }
  };

  at::Tensor gathered(const BatchInputs& inputs) const {
    const at::Tensor batch =
        at::empty({static_cast<std::int64_t>(inputs.rows), static_cast<std::int64_t>(row_size())});
    for (std::size_t i = 0; i < inputs.rows; ++i) {
      std::copy_n(inputs.row(i, row_size()), row_size(), batch.data_ptr<float>() + i * row_size());
    }
    return batch;
  }

  /// [rows]: 0 where a state is reset, else 1.
  static at::Tensor keeps(const SequenceInputs& batch) {
    if (batch.resets == nullptr) return {};
    const at::Tensor keeps = at::ones({static_cast<std::int64_t>(batch.inputs.rows)});
    for (std::size_t i = 0; i < batch.inputs.rows; ++i) {
      if (batch.resets[batch.inputs.place(i)]) keeps.data_ptr<float>()[i] = 0;
    }
    return keeps;
  }

  /// Heads and next states on the device, of whole rows in host memory. by_batch: normalises by the
  /// moments of the batch, and moves the running ones.
  at::Tensor outputs(const TapedBatch& rows, std::vector<at::Tensor>* next_states,
                     bool by_batch = false) {
    Leaves leaves{*this, by_batch};
    const at::Tensor all = rows.inputs.to(device_);
    TapedBatch batch{all.narrow(1, 0, spec_.features),
                     {},
                     rows.steps,
                     rows.keeps.defined() ? rows.keeps.to(device_) : at::Tensor()};
    auto state = static_cast<std::int64_t>(state_column());
    for (const auto& encoder : encoders_) {
      std::vector<at::Tensor> parameters;
      for (std::size_t i = encoder->layout().size(); i > 0; --i)
        parameters.push_back(leaves.take());
      const auto size = static_cast<std::int64_t>(encoder->state_size());
      batch.states = all.narrow(1, state, size);
      at::Tensor next;
      batch.inputs = encoder->on_tape(parameters, batch, &next);
      if (size > 0) next_states->push_back(next);
      state += size;
    }
    const at::Tensor heads =
        dense(at::cat({batch.inputs, all.narrow(1, spec_.features, spec_.late_inputs)}, 1), leaves);
    if (by_batch && spec_.dense.batch_norm) statistics_row()[statistics_row().size() - 1] += 1;
    return heads;
  }

  at::Tensor dense(const at::Tensor& inputs, Leaves& leaves) const {
    at::Tensor shared = inputs;
    if (spec_.dense.share_trunk) shared = trunk(inputs, leaves);
    std::vector<at::Tensor> columns;
    for (std::size_t i = 0; i < spec_.dense.heads.size(); ++i) {
      const at::Tensor features = spec_.dense.share_trunk ? shared : trunk(inputs, leaves);
      columns.push_back(spec_.dense.heads[i].gives_hidden ? features.detach()
                                                          : linear(features, leaves));
    }
    return columns.size() == 1 ? columns[0] : at::cat(columns, /*dim=*/1);
  }

  at::Tensor trunk(at::Tensor x, Leaves& leaves) const {
    if (spec_.dense.batch_norm) x = batch_normalized(x, leaves);
    for (std::size_t i = 0; i < spec_.dense.hidden_sizes.size(); ++i) {
      x = linear(x, leaves);
      if (spec_.dense.layer_norm) x = normalized(x, leaves);
      x = activated(activation_of(spec_.dense.activation), x);
      if (spec_.dense.batch_norm) x = batch_normalized(x, leaves);
    }
    return x;
  }

  static at::Tensor linear(const at::Tensor& x, Leaves& leaves) {
    const at::Tensor weight = leaves.take(), bias = leaves.take();
    return at::addmm(bias, x, weight);
  }

  static at::Tensor normalized(const at::Tensor& x, Leaves& leaves) {
    const at::Tensor gain = leaves.take(), shift = leaves.take();
    return at::layer_norm(x, {x.size(1)}, gain, shift, kLayerNormEpsilon);
  }

  /// The equations of BatchNormSpec.
  at::Tensor batch_normalized(const at::Tensor& x, Leaves& leaves) const {
    const BatchNormSpec& norm = *spec_.dense.batch_norm;
    const at::Tensor gain = leaves.take(), shift = leaves.take();
    const Row<float> statistics = leaves.network.statistics_row();
    const auto running_row = [&] {
      float* const data = statistics.data() + leaves.next_statistic;
      leaves.next_statistic += static_cast<std::size_t>(x.size(1));
      return at::from_blob(data, {x.size(1)});
    };
    at::Tensor running_mean = running_row(), running_variance = running_row();
    const at::Tensor was = running_mean.to(device_);
    const at::Tensor deviation_was = (running_variance.to(device_) + kBatchNormEpsilon).sqrt();
    if (!leaves.by_batch) return gain * ((x - was) / deviation_was) + shift;
    const at::Tensor mean = x.mean(0), centred = x - mean, variance = (centred * centred).mean(0);
    const at::Tensor deviation = (variance + kBatchNormEpsilon).sqrt();
    at::Tensor n = centred / deviation;
    if (statistics[statistics.size() - 1] >= static_cast<float>(norm.warmup)) {
      const at::Tensor r = (deviation / deviation_was).detach();
      const at::Tensor d = ((mean - was) / deviation_was).detach();
      n = n * r.clamp(1 / norm.max_scale, norm.max_scale) +
          d.clamp(-norm.max_shift, norm.max_shift);
    }
    const double share = 1 - norm.momentum;
    running_mean += share * (mean.detach().cpu() - running_mean);
    running_variance += share * (variance.detach().cpu() - running_variance);
    return gain * n + shift;
  }

  ComputeDevice where_;
  at::Device device_;
  std::vector<at::Tensor> leaves_;  // views of the flat buffers, in the order of the layout
  std::vector<std::size_t> head_offsets_;
};

}  // namespace

std::unique_ptr<Network> make_plain_network(const NetworkSpec& spec, Rng& rng,
                                            ComputeDevice device) {
  auto network = std::make_unique<PlainNetwork>(spec, device);
  network->initialize(rng);
  return network;
}

}  // namespace tern
