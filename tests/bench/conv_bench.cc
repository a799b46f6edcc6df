// Kernel benchmarks of convolutions alone, on one thread; 'tern bench train' measures training.
//   layout: LibTorch's convolutions with images and weights contiguous (0) or channels last (1), by
//   oneDNN or (native) by LibTorch's own code; forward, or forward and backward.
//   network: forward, loss and backward of what agents train; infer: its forward pass.

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/zeros.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "agents/nn/network.h"
#include "agents/training/platform.h"

namespace tern {
namespace {

/// 0: a board of MinAtar's size with its paper's layer; 1: the screens and layers of Mnih et al.
/// 2015.
ConvSpec spec_of(std::int64_t kind) {
  ConvSpec spec;
  spec.image = kind == 0 ? ImageShape{10, 10, 4} : ImageShape{84, 84, 4};
  spec.features = spec.image.size();
  spec.layers = kind == 0 ? std::vector<ConvLayer>{{16, 3, 1}}
                          : std::vector<ConvLayer>{{32, 8, 4}, {64, 4, 2}, {64, 3, 1}};
  return spec;
}

at::Tensor normals(std::vector<std::int64_t> shape, at::MemoryFormat format) {
  at::Tensor tensor = at::zeros(shape);
  Rng rng(1, "conv bench");
  std::generate_n(tensor.data_ptr<float>(), tensor.numel(),
                  [&] { return static_cast<float>(rng.normal() * 0.1); });
  return tensor.contiguous(format);
}

void layout(benchmark::State& state, bool is_native, bool goes_back) {
  const at::NoGradGuard no_grad;
  at::globalContext().setUserEnabledMkldnn(!is_native);
  const ConvSpec spec = spec_of(state.range(0));
  const auto format =
      state.range(2) == 1 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  std::vector<at::Tensor> weights, biases;
  int below = spec.image.channels;
  for (const ConvLayer& layer : spec.layers) {
    weights.push_back(normals({layer.channels, below, layer.kernel, layer.kernel}, format));
    biases.push_back(at::zeros({layer.channels}));
    below = layer.channels;
  }
  const at::Tensor images =
      normals({state.range(1), spec.image.channels, spec.image.height, spec.image.width}, format);
  const at::DimVector no_padding(2, 0), dense(2, 1);
  for (auto _ : state) {
    std::vector<at::Tensor> passed = {images};
    for (std::size_t i = 0; i < weights.size(); ++i) {
      at::Tensor y = at::convolution(passed.back(), weights[i], biases[i],
                                     at::DimVector(2, spec.layers[i].stride), no_padding, dense,
                                     false, no_padding, 1);
      passed.push_back(at::relu_(y));
    }
    at::Tensor dy = at::ones_like(passed.back());
    for (std::size_t i = weights.size(); goes_back && i-- > 0;) {
      const std::int64_t size = spec.layers[i].channels;
      dy = at::threshold_backward(dy, passed[i + 1], 0);
      auto gradients = at::convolution_backward(dy, passed[i], weights[i], at::IntArrayRef(size),
                                                at::DimVector(2, spec.layers[i].stride), no_padding,
                                                dense, false, no_padding, 1, {i > 0, true, true});
      dy = std::get<0>(gradients);
    }
  }
  at::globalContext().setUserEnabledMkldnn(true);
}

std::unique_ptr<Network> network_of(std::int64_t kind) {
  NetworkSpec spec;
  spec.convolutions = {spec_of(kind)};
  spec.features = spec.convolutions[0].features;
  spec.dense.hidden_sizes = {kind == 0 ? 128 : 512};
  spec.dense.activation = "relu";
  spec.dense.share_trunk = true;
  spec.dense.heads = {{"policy", 6, 0.01}, {"value", 1, 1.0}};
  Rng rng(2, "conv bench");
  return make_network(spec, rng);
}

void network(benchmark::State& state) {
  const auto trained = network_of(state.range(0));
  const auto rows = static_cast<std::size_t>(state.range(1));
  const at::Tensor inputs =
      normals({state.range(1), spec_of(state.range(0)).features}, at::MemoryFormat::Contiguous);
  for (auto _ : state) {
    trained->zero_gradients();
    trained->accumulate_gradient({inputs.data_ptr<float>(), rows},
                                 [&](const Chunk& chunk, HeadRows, HeadRows dy) {
                                   for (std::size_t r = 0; r < chunk.rows(); ++r) {
                                     std::fill_n(dy[0].data + r * dy[0].stride, 6, 1e-3f);
                                     dy[1].data[r * dy[1].stride] = 1e-3f;
                                   }
                                 });
  }
}

void infer(benchmark::State& state) {
  const auto frozen = network_of(state.range(0));
  const auto rows = static_cast<std::size_t>(state.range(1));
  const at::Tensor inputs =
      normals({state.range(1), spec_of(state.range(0)).features}, at::MemoryFormat::Contiguous);
  std::vector<float> outputs(rows * 7);
  for (auto _ : state) frozen->infer({inputs.data_ptr<float>(), rows}, outputs.data());
}

void layouts(benchmark::internal::Benchmark* benchmark) {
  for (const int channels_last : {0, 1}) {
    for (const int rows : {8, 64, 256}) benchmark->Args({0, rows, channels_last});
    for (const int rows : {8, 64}) benchmark->Args({1, rows, channels_last});
  }
  benchmark->ArgNames({"kind", "B", "channels_last"})->Unit(benchmark::kMicrosecond);
}
void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int rows : {1, 8, 64, 256}) benchmark->Args({0, rows});
  for (const int rows : {1, 8, 64}) benchmark->Args({1, rows});
  benchmark->ArgNames({"kind", "B"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK_CAPTURE(layout, forward, false, false)->Apply(layouts);
BENCHMARK_CAPTURE(layout, both, false, true)->Apply(layouts);
BENCHMARK_CAPTURE(layout, both_native, true, true)->Apply(layouts);
BENCHMARK(network)->Apply(sizes);
BENCHMARK(infer)->Apply(sizes);

}  // namespace
}  // namespace tern

int main(int argc, char** argv) {
  tern::set_up_platform();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
