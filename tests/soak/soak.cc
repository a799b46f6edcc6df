// soak [--steps N] [ENV ...]: N random steps (4.3 million unless told) of each named env, of all by
// default, with a save, a load into fresh envs and a picture now and then. Meant for sanitizer
// builds: it has no expectations but that nothing complains.
//
//   cmake --preset debug-asan && cmake --build build-asan --target soak && build-asan/bin/soak

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

namespace tern {
namespace {

constexpr std::size_t kEnvs = 16;
constexpr long kStepsBetweenSaves = 50'000;

void soak(const std::string& id, long steps) {
  const auto begin = std::chrono::steady_clock::now();
  VecEnv envs(registry().find(id), {}, {.num_envs = kEnvs});
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), kEnvs);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  Rng rng(0, "soak");
  long episodes = 0;
  for (long done = 0, next_save = 0; done < steps; done += kEnvs) {
    for (std::size_t i = 0; i < kEnvs; ++i) {
      random_action(spec.action, buffers.batch.mask[i], rng, buffers.actions[i]);
    }
    envs.step(buffers.actions, buffers.batch);
    for (std::size_t i = 0; i < kEnvs; ++i) {
      episodes += buffers.batch.terminated[i] || buffers.batch.truncated[i];
    }
    if (done < next_save) continue;
    next_save = done + kStepsBetweenSaves;
    StateWriter out;
    envs.save(out);
    StateReader in(out.bytes());
    envs.load(in);
    TextCanvas canvas(80, 40);
    envs.env(0).draw(canvas);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%-42s %9ld steps %8ld episodes %6.1f s\n", id.c_str(), steps, episodes,
              seconds.count());
  std::fflush(stdout);
}

}  // namespace
}  // namespace tern

int main(int argc, char** argv) {
  long steps = 4'300'000;
  std::vector<std::string> ids;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--steps") == 0 && i + 1 < argc) {
      steps = std::atol(argv[++i]);
    } else {
      ids.push_back(argv[i]);
    }
  }
  try {
    if (ids.empty()) ids = tern::registry().ids();
    for (const std::string& id : ids) tern::soak(id, steps);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soak: %s\n", error.what());
    return 1;
  }
  return 0;
}
