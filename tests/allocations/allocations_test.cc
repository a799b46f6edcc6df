// Law: stepping allocates nothing, in any thread. (tests/agents/allocations_test.cc: nor does
// training.)

#include <gtest/gtest.h>

#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "tests/allocations/counting_new.h"
#include "tests/envs/envs_for_tests.h"

namespace tern {
namespace {

long allocations_of_steps(const EnvEntry& entry, std::size_t threads) {
  VecEnv envs(entry, {}, {.num_envs = 8, .threads = threads});
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 8);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  Rng rng(0, "actions");
  const auto steps = [&](int count) {
    for (int t = 0; t < count; ++t) {
      for (std::size_t i = 0; i < 8; ++i) {
        random_action(spec.action, buffers.batch.mask[i], rng, buffers.actions[i]);
      }
      envs.step(buffers.actions, buffers.batch);
    }
  };
  steps(1);
  const long before = allocations;
  steps(threads == 1 ? 1000 : 100);
  return allocations - before;
}

TEST(Allocations, AreCounted) {
  const long before = allocations;
  int* volatile kept = new int(1);  // volatile: else the compiler may leave the pair out
  delete kept;
  EXPECT_EQ(allocations - before, 1);
}

TEST(Allocations, SteppingMakesNone) {
  for (const EnvEntry* entry : registry().entries()) {
    for (const std::size_t threads : {1, 2}) {
      EXPECT_EQ(allocations_of_steps(*entry, threads), 0) << entry->spec.id;
    }
  }
}

TEST(Allocations, AnActionLogMakesNoneUpToTheTimeLimit) {
  EXPECT_EQ(allocations_of_steps(Batch<Forgetful>::entry(), 1), 0);
}

}  // namespace
}  // namespace tern
