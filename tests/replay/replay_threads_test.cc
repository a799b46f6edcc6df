// Proof: law. Several writers and samplers at once: no transition is ever torn or lost. Built with
// the thread sanitizer it also shows that there is no data race.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "replay/replay_buffer.h"
#include "replay/uniform_sampler.h"
#include "tests/memory_stream.h"
#include "tests/replay/replay_steps.h"

namespace tern {
namespace {

constexpr int kWriters = 3, kEnvs = 2, kSteps = 500;
constexpr std::size_t kCapacity = 101;  // not a multiple of the envs: the seam moves

/// Wide enough that copying it is no single instruction; all of a row is one number.
EnvSpec wide_env() {
  EnvSpec spec;
  spec.id = "Wide-v0";
  spec.obs.vector("x", 64, 0, 1e9);
  spec.action = ActionSpace::discrete({"a", "b", "c"});
  return spec;
}

/// Writer w's transitions: s is a number of its own, s' the next one, r the same as s.
void write_steps(ReplayBuffer& replay, int w) {
  HandStep step(wide_env(), kEnvs);
  for (int t = 0; t < kSteps; ++t) {
    for (std::size_t i = 0; i < kEnvs; ++i) {
      const auto number = static_cast<float>((w * kEnvs + static_cast<int>(i)) * 10'000 + t);
      for (float& x : step.from.batch.obs[i].floats()) x = number;
      for (float& x : step.to.batch.obs[i].floats()) x = number + 1;
      step.from.actions[i].discrete() = w;
      step.to.batch.reward[i] = number;
      for (float& x : step.to.batch.final_obs[i].floats()) x = number + 1;
      step.to.batch.terminated[i] = t == kSteps - 1;  // what is written next is another episode
    }
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch,
               /*first=*/static_cast<std::size_t>(w) * kEnvs);
  }
}

int torn_rows(const ReplayRows& rows) {
  int torn = 0;
  for (std::size_t k = 0; k < rows.index.size(); ++k) {
    const float number = rows.reward[k];
    bool is_whole = rows.actions[k].discrete() == static_cast<int>(number) / (10'000 * kEnvs);
    for (const float x : rows.obs[k].floats()) is_whole = is_whole && x == number;
    for (const float x : rows.next_obs[k].floats()) is_whole = is_whole && x == number + 1;
    torn += is_whole ? 0 : 1;
  }
  return torn;
}

std::vector<std::uint8_t> saved(const ReplayBuffer& replay) {
  return bytes_of([&](ByteSink& out) { replay.save(out); });
}

TEST(ReplayThreads, NoTransitionIsTornAndSeveralWritersLeaveWhatOneLeaves) {
  const ReplaySchema schema = room(kCapacity, kWriters * kEnvs);
  ReplayBuffer replay(wide_env(), schema);
  for (int w = 0; w < kWriters; ++w) write_steps(replay, w);  // samplers must find something
  std::atomic<int> writing{kWriters};
  std::atomic<int> torn{0};
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      write_steps(replay, w);
      --writing;
    });
  }
  for (std::uint64_t reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&, reader] {
      Rng rng(reader, "samples");
      ReplayBatch drawn(wide_env(), 16);
      do {
        UniformSampler().sample(replay, rng, drawn.rows());
        torn += torn_rows(drawn.rows());
        saved(replay);  // checkpoints are taken while actors write
      } while (writing > 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);

  ReplayBuffer by_one(wide_env(), schema);
  for (int round = 0; round < 2; ++round) {
    for (int w = 0; w < kWriters; ++w) write_steps(by_one, w);
  }
  EXPECT_EQ(saved(replay), saved(by_one));
}

}  // namespace
}  // namespace tern
