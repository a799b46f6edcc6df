// What a step of LunarLander costs beyond Box2D's own: the env's step() beside a bare loop that
// steps the same bodies on the same ground, with the same iterations, and does nothing
// else. Both fall without engines, start anew after 50 steps and stand in one list, so that a busy
// machine slows both: compare CPU times.

#include <benchmark/benchmark.h>

#include <vector>

#include "envs/physics/lander_bodies.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

constexpr int kFall = 50;  // steps, before most landers touch the ground

void bare_bodies(benchmark::State& state) {
  LanderBodies bodies;
  std::uint64_t level = 0;
  int left = 0;
  for (auto _ : state) {
    if (left-- == 0) {
      bodies.start(moon_ground(level++ % 100), -10);
      left = kFall;
    }
    bodies.advance();
  }
  state.SetItemsProcessed(state.iterations());
}

void env_step(benchmark::State& state) {
  const auto env = registry().find("LunarLander-v3").make({});
  std::vector<float> obs(8);
  Rng rng(0, "lander bench");
  const std::int32_t none = 0;
  std::uint64_t level = 0;
  int left = 0;
  for (auto _ : state) {
    if (left-- == 0) {
      ResetContext ctx{rng, level++ % 100};
      env->reset(ctx, ObsRow(FloatRow(obs)));  // takes the first step
      left = kFall;
      continue;
    }
    benchmark::DoNotOptimize(
        env->step(ActionRow(Row<const std::int32_t>(&none, 1)), rng, ObsRow(FloatRow(obs))));
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(bare_bodies);
BENCHMARK(env_step);

}  // namespace
}  // namespace tern

BENCHMARK_MAIN();
