// The fused kernels as a Network: LibTorch owns the flat buffers, FusedMlp computes on them.

#include <ATen/ops/empty.h>

#include "agents/nn/network.h"

namespace tern {
namespace {

class FusedNetwork final : public Network {
 public:
  explicit FusedNetwork(const MlpSpec& spec) : Network(spec), mlp_(spec) {}

  using Network::accumulate_gradient;
  using Network::infer;

  void infer(const BatchInputs& inputs, float* outputs) override {
    mlp_.infer(parameter_row().data(), inputs, outputs);
  }

  void infer_on(std::size_t thread, const BatchInputs& inputs, float* outputs) override {
    mlp_.infer_on(thread, parameter_row().data(), inputs, outputs);
  }

  void accumulate_gradient(const BatchInputs& inputs, ChunkLoss loss) override {
    mlp_.accumulate_gradient(parameter_row().data(), inputs, loss, gradient_row().data());
  }

  void use_threads(TaskPool* pool) override { mlp_.use_threads(pool); }

  at::Tensor input_gradient(const at::Tensor& inputs, const at::Tensor& weights) override {
    const at::Tensor gradient = at::empty(inputs.sizes());
    const at::Tensor rows = weights.contiguous();
    mlp_.input_gradient(
        parameter_row().data(),
        {inputs.data_ptr<float>(), static_cast<std::size_t>(inputs.size(0))},
        [&](const Chunk& chunk, HeadRows, HeadRows out) {
          copy_to_heads(spec_, rows.data_ptr<float>(), chunk, out);
        },
        gradient.data_ptr<float>());
    return gradient;
  }

  std::unique_ptr<Network> clone() const override {
    auto copy = std::make_unique<FusedNetwork>(spec_);
    copy->parameters_.copy_(parameters_);
    return copy;
  }

 private:
  FusedMlp mlp_;
};

}  // namespace

std::unique_ptr<Network> make_mlp(const MlpSpec& spec, Rng& rng) {
  auto network = std::make_unique<FusedNetwork>(spec);
  initialize_mlp(spec, network->layout(), rng, network->parameter_row().data());
  return network;
}

}  // namespace tern
