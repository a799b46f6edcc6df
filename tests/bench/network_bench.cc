// Kernel benchmarks: update, inference and optimiser of dense networks alone, on one thread. They
// call Network and Adam, no agent: 'tern bench train' measures training.
//   update: forward, squared error, backward and Adam of 4-H-H-1 (ReLU), the recipe of
//   docs/performance.md; infer: one row or 8; adam: the clip, the norm and the step. twin_critics: the
//   gradient of 17-H-H-1 twice on the same rows, as one network of two heads; two_critics: as two.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "agents/kernels/optimizer.h"
#include "agents/kernels/simd_level.h"
#include "agents/nn/network.h"
#include "agents/training/platform.h"

namespace tern {
namespace {

NetworkSpec spec_of(std::int64_t hidden) {
  NetworkSpec spec;
  spec.features = 4;
  spec.dense.hidden_sizes = {static_cast<int>(hidden), static_cast<int>(hidden)};
  spec.dense.activation = "relu";
  spec.dense.heads = {{"y", 1, 1.0}};
  spec.dense.init = Init::kUniform;
  return spec;
}

std::vector<float> normals(std::size_t size) {
  Rng rng(1, "network bench");
  std::vector<float> values(size);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

void run_update(benchmark::State& state, Network& network) {
  const auto rows = static_cast<std::size_t>(state.range(1));
  const std::vector<float> inputs = normals(rows * 4), targets = normals(rows);
  Adam adam(network.parameter_row().size(), 1e-8);
  const float share = 2.0f / static_cast<float>(rows);
  for (auto _ : state) {
    network.zero_gradients();
    network.accumulate_gradient(
        {inputs.data(), rows}, [&](const Chunk& chunk, HeadRows y, HeadRows dy) {
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            dy[0].data[r * dy[0].stride] =
                share * (y[0].data[r * y[0].stride] - targets[chunk.begin + r]);
          }
        });
    adam.step(network.parameter_row(), network.gradient_row(), 1e-3);
  }
}

void update(benchmark::State& state) {
  Rng rng(2, "network bench");
  run_update(state, *make_network(spec_of(state.range(0)), rng));
}
void update_avx2(benchmark::State& state) {
  force_simd_level("AVX2");
  update(state);
  force_simd_level("");
}
void update_libtorch(benchmark::State& state) {
  Rng rng(2, "network bench");
  run_update(state, *make_plain_network(spec_of(state.range(0)), rng));
}

void infer(benchmark::State& state) {
  Rng rng(2, "network bench");
  const auto network = make_network(spec_of(state.range(0)), rng);
  const auto rows = static_cast<std::size_t>(state.range(1));
  const std::vector<float> inputs = normals(rows * 4);
  std::vector<float> outputs(rows);
  for (auto _ : state) {
    network->infer({inputs.data(), rows}, outputs.data());
    benchmark::DoNotOptimize(outputs.data());
    benchmark::ClobberMemory();
  }
}

/// Adds the gradient of squared outputs.
void accumulate_squares(Network& network, const BatchInputs& inputs) {
  const std::size_t heads = network.spec().dense.heads.size();
  network.accumulate_gradient(inputs, [&](const Chunk& chunk, HeadRows y, HeadRows dy) {
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t r = 0; r < chunk.rows(); ++r) {
        dy[h].data[r * dy[h].stride] = y[h].data[r * y[h].stride];
      }
    }
  });
}

NetworkSpec critic(std::int64_t hidden) {
  NetworkSpec spec = spec_of(hidden);
  spec.features = 11;
  spec.late_inputs = 6;
  return spec;
}

void twin_critics(benchmark::State& state) {
  NetworkSpec spec = critic(state.range(0));
  spec.dense.heads = {{"q1", 1, 1.0}, {"q2", 1, 1.0}};
  Rng rng(2, "network bench");
  const auto twins = make_network(spec, rng);
  const auto rows = static_cast<std::size_t>(state.range(1));
  const std::vector<float> inputs = normals(rows * 17);
  for (auto _ : state) accumulate_squares(*twins, {inputs.data(), rows});
}

void two_critics(benchmark::State& state) {
  Rng rng(2, "network bench");
  const auto first = make_network(critic(state.range(0)), rng);
  const auto second = make_network(critic(state.range(0)), rng);
  const auto rows = static_cast<std::size_t>(state.range(1));
  const std::vector<float> inputs = normals(rows * 17);
  for (auto _ : state) {
    accumulate_squares(*first, {inputs.data(), rows});
    accumulate_squares(*second, {inputs.data(), rows});
  }
}

void adam(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  std::vector<float> p = normals(size);
  const std::vector<float> g = normals(size);
  Adam optimizer(size, 1e-8);
  for (auto _ : state) {
    const double norm = gradient_norm(Row<const float>(g));
    optimizer.step(Row<float>(p), Row<const float>(g), 1e-6, clip_scale(norm, 0.5));
  }
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int hidden : {64, 256}) {
    for (const int batch : {100, 256}) benchmark->Args({hidden, batch});
  }
  benchmark->ArgNames({"H", "B"})->Unit(benchmark::kMicrosecond);
}
BENCHMARK(update)->Apply(sizes);
BENCHMARK(update_avx2)->Apply(sizes);
BENCHMARK(update_libtorch)->Apply(sizes);
BENCHMARK(infer)->ArgNames({"H", "B"})->Args({64, 1})->Args({64, 8})->Args({256, 1});
BENCHMARK(twin_critics)->Apply(sizes);
BENCHMARK(two_critics)->Apply(sizes);
BENCHMARK(adam)->ArgName("P")->Arg(4500)->Arg(9000)->Arg(70000);

}  // namespace
}  // namespace tern

int main(int argc, char** argv) {
  tern::set_up_platform();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
