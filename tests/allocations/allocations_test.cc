// Law: stepping allocates nothing, in any thread. This file replaces operator new for its own
// executable, to count.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "envs/random_action.h"
#include "tests/envs/worlds_for_tests.h"

namespace {

std::atomic<long> allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

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
