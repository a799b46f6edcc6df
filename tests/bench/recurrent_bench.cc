// Kernel benchmarks of a gated recurrent unit alone, on one thread; 'tern bench train' measures
// training. Sequences of 32 steps of 8 features, one head of 2 outputs on the state.
//   learn: forward and backward through time; learn_libtorch: the same by LibTorch's gru layer (all
//   steps in one call) and tape; act: one step of so many envs; act_libtorch: LibTorch's gru_cell.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/gru.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "agents/nn/network.h"
#include "agents/training/platform.h"

namespace tern {
namespace {

constexpr std::int64_t kFeatures = 8, kSteps = 32;

at::Tensor normals(std::vector<std::int64_t> shape) {
  at::Tensor tensor = at::zeros(shape);
  Rng rng(1, "recurrent bench");
  std::generate_n(tensor.data_ptr<float>(), tensor.numel(),
                  [&] { return static_cast<float>(rng.normal() * 0.1); });
  return tensor;
}

std::unique_ptr<Network> network_of(std::int64_t size) {
  NetworkSpec spec;
  spec.features = kFeatures;
  spec.memory = MemorySpec{"gru", static_cast<int>(size)};
  spec.dense.heads = {{"policy", 2, 0.01}};
  Rng rng(2, "recurrent bench");
  return make_network(spec, rng);
}

void learn(benchmark::State& state) {
  const auto network = network_of(state.range(0));
  const auto rows = static_cast<std::size_t>(state.range(1) * kSteps);
  const at::Tensor inputs = normals({state.range(1) * kSteps, kFeatures + state.range(0)});
  for (auto _ : state) {
    network->zero_gradients();
    network->accumulate_sequence_gradient({{inputs.data_ptr<float>(), rows}, kSteps, nullptr},
                                          [](const Chunk& chunk, HeadRows, HeadRows dy) {
                                            for (std::size_t r = 0; r < chunk.rows(); ++r) {
                                              std::fill_n(dy[0].data + r * dy[0].stride, 2, 1.0f);
                                            }
                                          });
  }
}

struct LibTorchGru {
  explicit LibTorchGru(std::int64_t size)
      : parameters{normals({3 * size, kFeatures}), normals({3 * size, size}), normals({3 * size}),
                   normals({3 * size})},
        head(normals({size, 2})),
        bias(normals({2})) {}
  std::vector<at::Tensor> parameters;
  at::Tensor head, bias;
};

void learn_libtorch(benchmark::State& state) {
  LibTorchGru gru(state.range(0));
  for (at::Tensor& each : gru.parameters) each.set_requires_grad(true);
  gru.head.set_requires_grad(true);
  gru.bias.set_requires_grad(true);
  const at::Tensor inputs = normals({kSteps, state.range(1), kFeatures});
  const at::Tensor first = normals({1, state.range(1), state.range(0)});
  for (auto _ : state) {
    const auto result = at::gru(inputs, first, gru.parameters, /*has_biases=*/true, 1, 0.0, true,
                                false, /*batch_first=*/false);
    const at::Tensor y = at::addmm(gru.bias, std::get<0>(result).flatten(0, 1), gru.head);
    y.backward(at::ones_like(y));
  }
}

void act(benchmark::State& state) {
  const auto network = network_of(state.range(0));
  const auto rows = static_cast<std::size_t>(state.range(1));
  const at::Tensor inputs = normals({state.range(1), kFeatures + state.range(0)});
  std::vector<float> outputs(rows * static_cast<std::size_t>(2 + state.range(0)));
  for (auto _ : state) network->infer({inputs.data_ptr<float>(), rows}, outputs.data());
}

void act_libtorch(benchmark::State& state) {
  const at::NoGradGuard no_grad;
  const LibTorchGru gru(state.range(0));
  const at::Tensor x = normals({state.range(1), kFeatures}),
                   h = normals({state.range(1), state.range(0)});
  for (auto _ : state) {
    const at::Tensor next = at::gru_cell(x, h, gru.parameters[0], gru.parameters[1],
                                         gru.parameters[2], gru.parameters[3]);
    benchmark::DoNotOptimize(at::addmm(gru.bias, next, gru.head));
  }
}

void sequences(benchmark::internal::Benchmark* benchmark) {
  for (const int size : {64, 256}) {
    for (const int count : {4, 8, 16, 32}) benchmark->Args({size, count});
  }
  benchmark->ArgNames({"H", "sequences"})->Unit(benchmark::kMicrosecond);
}
void rows(benchmark::internal::Benchmark* benchmark) {
  for (const int size : {64, 256}) {
    for (const int count : {1, 8}) benchmark->Args({size, count});
  }
  benchmark->ArgNames({"H", "B"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK(learn)->Apply(sequences);
BENCHMARK(learn_libtorch)->Apply(sequences);
BENCHMARK(act)->Apply(rows);
BENCHMARK(act_libtorch)->Apply(rows);

}  // namespace
}  // namespace tern

int main(int argc, char** argv) {
  tern::set_up_platform();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
