// The plain path of Network: LibTorch's operators and tape on the flat buffers, which stay in host
// memory; what is computed elsewhere is copied there and back by the tape.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include "agents/kernels/layer_norm.h"
#include "agents/nn/conv_layout.h"
#include "agents/nn/network.h"
#include "core/error.h"

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

std::vector<ParameterInfo> layout_below(const std::optional<ConvSpec>& convolutions) {
  return convolutions ? conv_layout(*convolutions) : std::vector<ParameterInfo>();
}

MlpSpec spec_above(const std::optional<ConvSpec>& convolutions, MlpSpec spec) {
  if (convolutions) spec.inputs = joined_features(*convolutions);
  return spec;
}

class PlainNetwork final : public Network {
 public:
  PlainNetwork(const std::optional<ConvSpec>& convolutions, const MlpSpec& spec, at::Device device)
      : Network(spec_above(convolutions, spec), layout_below(convolutions)),
        convolutions_(convolutions),
        device_(device) {
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
    const at::Tensor result = outputs(gathered(inputs)).cpu().contiguous();
    std::copy_n(result.data_ptr<float>(), result.numel(), to);
  }

  void infer_on(std::size_t, const BatchInputs& inputs, float* to) override { infer(inputs, to); }

  /// The whole batch is one chunk.
  void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) override {
    const at::AutoGradMode with_grad(true);
    const at::Tensor taped = outputs(gathered(inputs)).cpu().contiguous();
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
    outputs(leaf).cpu().backward(weights);
    gradients_.copy_(kept);
    return leaf.grad();
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<PlainNetwork>(convolutions_, spec_, device_);
    copy->parameters_.copy_(parameters_);
    return copy;
  }

 private:
  at::Tensor gathered(const BatchInputs& inputs) const {
    const auto rows = static_cast<std::int64_t>(inputs.rows);
    const int features = convolutions_ ? convolutions_->features : spec_.inputs;
    const at::Tensor batch = at::empty({rows, features});
    const auto columns = static_cast<std::size_t>(features);
    for (std::size_t i = 0; i < inputs.rows; ++i) {
      std::copy_n(inputs.row(i, columns), columns, batch.data_ptr<float>() + i * columns);
    }
    return batch;
  }

  /// On the device, of rows in host memory.
  at::Tensor outputs(const at::Tensor& rows) const {
    std::size_t next = 0;  // leaf
    at::Tensor inputs = rows.to(device_);
    if (convolutions_) inputs = joined(inputs, next);
    at::Tensor shared = inputs;
    if (spec_.share_trunk) shared = trunk(inputs, next);
    std::vector<at::Tensor> columns;
    for (std::size_t i = 0; i < spec_.heads.size(); ++i) {
      const at::Tensor features = spec_.share_trunk ? shared : trunk(inputs, next);
      columns.push_back(linear(features, next));
    }
    return columns.size() == 1 ? columns[0] : at::cat(columns, /*dim=*/1);
  }

  /// What the convolutions make of the image, then the row's other features.
  at::Tensor joined(const at::Tensor& rows, std::size_t& next) const {
    const ImageShape& image = convolutions_->image;
    const std::int64_t begin = convolutions_->offset, end = begin + image.size();
    at::Tensor x = rows.narrow(1, begin, image.size())
                       .view({rows.size(0), image.height, image.width, image.channels})
                       .permute({0, 3, 1, 2});
    for (const ConvLayer& layer : convolutions_->layers) {
      const at::Tensor weight = leaf(next++).permute({0, 3, 1, 2});
      const at::Tensor bias = leaf(next++);
      x = at::relu(at::conv2d(x, weight, bias, layer.stride));
    }
    return at::cat({x.permute({0, 2, 3, 1}).flatten(1), rows.narrow(1, 0, begin),
                    rows.narrow(1, end, rows.size(1) - end)},
                   /*dim=*/1);
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
    const at::Tensor weight = leaf(next++), bias = leaf(next++);
    return at::addmm(bias, x, weight);
  }

  at::Tensor normalized(const at::Tensor& x, std::size_t& next) const {
    const at::Tensor gain = leaf(next++), shift = leaf(next++);
    return at::layer_norm(x, {x.size(1)}, gain, shift, kLayerNormEpsilon);
  }

  /// A parameter on the device; its gradient finds its way back.
  at::Tensor leaf(std::size_t i) const { return leaves_[i].to(device_); }

  std::optional<ConvSpec> convolutions_;
  at::Device device_;
  std::vector<at::Tensor> leaves_;  // views of the flat buffers, in the order of the layout
  std::vector<std::size_t> head_offsets_;
};

}  // namespace

std::unique_ptr<Network> make_plain_network(const NetworkSpec& spec, Rng& rng, at::Device device) {
  const std::optional<ConvSpec>& convolutions = spec.convolutions;
  if (spec.memory || spec.late_inputs > 0) {
    throw Error("agent.device: memory has kernels for the CPU only; write device: cpu");
  }
  auto network = std::make_unique<PlainNetwork>(convolutions, dense_layers(spec), device);
  float* parameters = network->parameter_row().data();
  if (convolutions) initialize_convolutions(*convolutions, rng, parameters);
  initialize_mlp(network->spec(), mlp_layout(network->spec()), rng,
                 parameters + parameter_count(layout_below(convolutions)));
  return network;
}

}  // namespace tern
