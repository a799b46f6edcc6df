// Kernel benchmark: VecEnv stepping envs with fixed actions, auto-reset included, on one thread.
// 'tern bench envs' is its front for people, with every env and any number of threads.

#include <benchmark/benchmark.h>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

void step_envs(benchmark::State& state, const char* id) {
  VecEnvOptions options;
  options.num_envs = static_cast<std::size_t>(state.range(0));
  VecEnv envs(registry().find(id), {}, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), options.num_envs);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  for (auto _ : state) envs.step(buffers.actions, buffers.batch);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(step_envs, CartPole, "CartPole-v1")->ArgName("N")->Arg(8)->Arg(64);
BENCHMARK_CAPTURE(step_envs, Pendulum, "Pendulum-v1")->ArgName("N")->Arg(8)->Arg(64);

}  // namespace
}  // namespace tern

BENCHMARK_MAIN();
