// What watching the steps of a plugin costs (envs/vector/step_watch.h): 8 envs in a VecEnv with and
// without it, in turn. One line for each pair: ns of a step of one env without, with, their ratio.
//   step_checks PLUGIN [ROUNDS] [STEPS]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

double ns_a_step(const EnvEntry& entry, bool watches, int steps) {
  using Clock = std::chrono::steady_clock;
  VecEnvOptions options;
  options.num_envs = 8;
  options.watch_steps = watches;
  VecEnv envs(entry, {}, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), options.num_envs);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  const Clock::time_point begin = Clock::now();
  for (int done = 0; done < steps; done += 8) envs.step(buffers.actions, buffers.batch);
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / steps;
}

void compare_pairs(const char* plugin, int rounds, int steps) {
  const EnvEntry& entry = registry().find(plugin);
  ns_a_step(entry, false, steps / 4);  // warm
  for (int round = 0; round < rounds; ++round) {
    const bool watched_first = round % 2 == 1;
    const double first = ns_a_step(entry, watched_first, steps);
    const double second = ns_a_step(entry, !watched_first, steps);
    const double plain = watched_first ? second : first, watched = watched_first ? first : second;
    std::printf("%.2f %.2f %.4f\n", plain, watched, watched / plain);
  }
}

}  // namespace
}  // namespace tern

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: step_checks PLUGIN [ROUNDS] [STEPS]\n");
    return 2;
  }
  try {
    tern::compare_pairs(argv[1], argc > 2 ? std::atoi(argv[2]) : 9,
                        argc > 3 ? std::atoi(argv[3]) : 2'400'000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "step_checks: %s\n", error.what());
    return 1;
  }
}
