// Proof: law. Several writers and samplers at once: no transition is ever torn or lost. Built with
// the thread sanitizer it also shows that there is no data race.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "replay/replay_buffer.h"
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
    }
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
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

TEST(ReplayThreads, NoTransitionIsTornAndEachWriterKeepsItsOrder) {
  ReplayBuffer replay(wide_env(), kCapacity);
  write_steps(replay, 0);  // samplers must find something
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
      HandRows drawn(wide_env(), 16);
      do {
        replay.sample(rng, drawn.rows);
        torn += torn_rows(drawn.rows);
        StateWriter out;
        replay.save(out);  // checkpoints are taken while actors write
      } while (writing > 0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(torn, 0);
  ASSERT_EQ(replay.size(), kCapacity);

  // Each env's numbers in the ring are its newest ones, without a gap.
  HandRows all(wide_env(), kCapacity);
  for (std::size_t k = 0; k < kCapacity; ++k) all.rows.index[k] = static_cast<std::int64_t>(k);
  replay.gather(all.rows);
  EXPECT_EQ(torn_rows(all.rows), 0);
  std::vector<std::vector<bool>> seen(kWriters * kEnvs, std::vector<bool>(kSteps, false));
  for (const float number : all.rows.reward) {
    seen[static_cast<std::size_t>(number) / 10'000][static_cast<std::size_t>(number) % 10'000] =
        true;
  }
  for (const std::vector<bool>& env : seen) {
    bool has_begun = false;
    for (const bool is_there : env) {
      EXPECT_TRUE(is_there || !has_begun) << "a transition was lost";
      has_begun = has_begun || is_there;
    }
  }
}

}  // namespace
}  // namespace tern
