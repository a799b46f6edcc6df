// The plain path of Network: LibTorch's operators and tape on the flat buffers.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include "agents/kernels/layer_norm.h"
#include "agents/nn/network.h"

namespace tern {
namespace {

at::Tensor activated(Activation f, const at::Tensor& x) {
  switch (f) {
    case Activation::kTanh: return at::tanh(x);
    case Activation::kRelu: return at::relu(x);
    case Activation::kElu: return at::elu(x);
    case Activation::kSilu: return at::silu(x);
    case Activation::kIdentity: break;
  }
  return x;
}

class PlainNetwork final : public Network {
 public:
  explicit PlainNetwork(const MlpSpec& spec) : Network(spec) {
    for (const ParameterInfo& info : layout_) {
      at::Tensor leaf = parameters_.narrow(0, info.offset, info.size).view(info.shape).detach();
      leaf.set_requires_grad(true);
      leaf.mutable_grad() = gradients_.narrow(0, info.offset, info.size).view(info.shape);
      leaves_.push_back(std::move(leaf));
    }
    std::size_t offset = 0;
    for (const Head& head : spec_.heads) {
      head_offsets_.push_back(offset);
      offset += static_cast<std::size_t>(head.size);
    }
  }

  using Network::accumulate_gradient;
  using Network::infer;

  void infer(const BatchInputs& inputs, float* to) override {
    const at::NoGradGuard no_grad;
    const at::Tensor result = outputs(gathered(inputs)).contiguous();
    std::copy_n(result.data_ptr<float>(), result.numel(), to);
  }

  void infer_on(std::size_t, const BatchInputs& inputs, float* to) override { infer(inputs, to); }

  /// The whole batch is one chunk.
  void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) override {
    const at::AutoGradMode with_grad(true);
    const at::Tensor taped = outputs(gathered(inputs)).contiguous();
    const at::Tensor values = taped.detach(), gradient = at::empty_like(values);
    const std::size_t stride = output_columns(spec_);
    loss({0, 0, inputs.rows}, {values.data_ptr<float>(), stride, head_offsets_.data()},
         {gradient.data_ptr<float>(), stride, head_offsets_.data()});
    taped.backward(gradient);
  }

  void use_threads(TaskPool*) override {}

  at::Tensor input_gradient(const at::Tensor& inputs, const at::Tensor& weights) override {
    const at::AutoGradMode with_grad(true);
    const at::Tensor leaf = inputs.detach().clone().set_requires_grad(true);
    const at::Tensor kept = gradients_.clone();
    outputs(leaf).backward(weights);
    gradients_.copy_(kept);
    return leaf.grad();
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<PlainNetwork>(spec_);
    copy->parameters_.copy_(parameters_);
    return copy;
  }

 private:
  at::Tensor gathered(const BatchInputs& inputs) const {
    const auto rows = static_cast<std::int64_t>(inputs.rows);
    const at::Tensor batch = at::empty({rows, spec_.inputs});
    const auto columns = static_cast<std::size_t>(spec_.inputs);
    for (std::size_t i = 0; i < inputs.rows; ++i) {
      std::copy_n(inputs.row(i, columns), columns, batch.data_ptr<float>() + i * columns);
    }
    return batch;
  }

  at::Tensor outputs(const at::Tensor& inputs) const {
    std::size_t next = 0;  // leaf
    at::Tensor shared = inputs;
    if (spec_.share_trunk) shared = trunk(inputs, next);
    std::vector<at::Tensor> columns;
    for (std::size_t i = 0; i < spec_.heads.size(); ++i) {
      const at::Tensor features = spec_.share_trunk ? shared : trunk(inputs, next);
      columns.push_back(linear(features, next));
    }
    return columns.size() == 1 ? columns[0] : at::cat(columns, /*dim=*/1);
  }

  at::Tensor trunk(at::Tensor x, std::size_t& next) const {
    for (std::size_t i = 0; i < spec_.hidden_sizes.size(); ++i) {
      x = linear(x, next);
      if (spec_.layer_norm) x = normalized(x, next);
      x = activated(activation_of(spec_.activation), x);
    }
    return x;
  }

  at::Tensor linear(const at::Tensor& x, std::size_t& next) const {
    const at::Tensor& weight = leaves_[next++];
    const at::Tensor& bias = leaves_[next++];
    return at::addmm(bias, x, weight);
  }

  at::Tensor normalized(const at::Tensor& x, std::size_t& next) const {
    const at::Tensor& gain = leaves_[next++];
    const at::Tensor& shift = leaves_[next++];
    return at::layer_norm(x, {x.size(1)}, gain, shift, kLayerNormEpsilon);
  }

  std::vector<at::Tensor> leaves_;  // views of the flat buffers, in the order of the layout
  std::vector<std::size_t> head_offsets_;
};

}  // namespace

std::unique_ptr<Network> make_plain_mlp(const MlpSpec& spec, Rng& rng) {
  auto network = std::make_unique<PlainNetwork>(spec);
  initialize_mlp(spec, network->layout(), rng, network->parameter_row().data());
  return network;
}

}  // namespace tern
