// The plain path of Network: LibTorch's operators and tape on the flat buffers.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "agents/nn/network.h"

namespace tern {
namespace {

class PlainMlp final : public Network {
 public:
  explicit PlainMlp(const MlpSpec& spec) : Network(spec) {
    layout_ = mlp_layout(spec);
    const ParameterInfo& last = layout_.back();
    parameters_ = at::zeros({last.offset + last.size});
    gradients_ = at::zeros_like(parameters_);
    for (const ParameterInfo& info : layout_) {
      at::Tensor leaf = parameters_.narrow(0, info.offset, info.size).view(info.shape).detach();
      leaf.set_requires_grad(true);
      leaf.mutable_grad() = gradients_.narrow(0, info.offset, info.size).view(info.shape);
      leaves_.push_back(std::move(leaf));
    }
  }

  at::Tensor infer(const at::Tensor& inputs) override {
    const at::NoGradGuard no_grad;
    return outputs(inputs);
  }

  at::Tensor forward(const at::Tensor& inputs) override {
    const at::AutoGradMode with_grad(true);
    taped_outputs_ = outputs(inputs);
    return taped_outputs_.detach();
  }

  void backward(const at::Tensor& output_gradient) override {
    taped_outputs_.backward(output_gradient);
    taped_outputs_.reset();
  }

  at::Tensor input_gradient(const at::Tensor& inputs,
                            const at::Tensor& output_gradient) override {
    const at::AutoGradMode with_grad(true);
    const at::Tensor leaf = inputs.detach().clone().set_requires_grad(true);
    const at::Tensor kept = gradients_.clone();
    outputs(leaf).backward(output_gradient);
    gradients_.copy_(kept);
    return leaf.grad();
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<PlainMlp>(spec_);
    copy->parameters_.copy_(parameters_);
    return copy;
  }

 private:
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
      const at::Tensor sum = linear(x, next);
      x = spec_.activation == "relu" ? at::relu(sum) : at::tanh(sum);
    }
    return x;
  }

  at::Tensor linear(const at::Tensor& x, std::size_t& next) const {
    const at::Tensor& weight = leaves_[next++];
    const at::Tensor& bias = leaves_[next++];
    return at::addmm(bias, x, weight);
  }

  std::vector<at::Tensor> leaves_;  // views of the flat buffers, in the order of the layout
  at::Tensor taped_outputs_;
};

}  // namespace

std::unique_ptr<Network> make_mlp(const MlpSpec& spec, Rng& rng) {
  auto network = std::make_unique<PlainMlp>(spec);
  initialize_mlp(spec, network->layout(), rng, network->parameters());
  return network;
}

}  // namespace tern
