// Proof: law. Several writers and learners that draw in every way at once: no transition is ever
// torn or lost. Built with the thread sanitizer it also shows that there is no data race.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "replay/prioritized_sampler.h"
#include "replay/replay_buffer.h"
#include "replay/sequence_sampler.h"
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

/// next: steps to s' where the episode does not end before.
int torn_rows(const ReplayRows& rows, int next) {
  int torn = 0;
  for (std::size_t k = 0; k < rows.index.size(); ++k) {
    const float number = rows.reward[k];
    bool is_whole = rows.actions[k].discrete() == static_cast<int>(number) / (10'000 * kEnvs);
    for (const float x : rows.obs[k].floats()) is_whole = is_whole && x == number;
    const float then = rows.next_obs[k].floats()[0];
    for (const float x : rows.next_obs[k].floats()) is_whole = is_whole && x == then;
    is_whole = is_whole && then > number && then <= number + static_cast<float>(next);
    torn += is_whole ? 0 : 1;
  }
  return torn;
}

/// A learner's draws while actors write, of every kind; how many rows were not what one of them
/// wrote.
class Learner {
 public:
  explicit Learner(const ReplayBuffer& replay)
      : replay_(replay), prioritized_(replay), rows_(wide_env(), kRows) {}

  int draw(Rng& rng) {
    UniformSampler({/*steps=*/3, /*gamma=*/0}).sample(replay_, rng, rows_.rows());
    int torn = torn_rows(rows_.rows(), /*next=*/3);
    prioritized_.sample(replay_, /*beta=*/0.5, rng, rows_.rows());
    torn += torn_rows(rows_.rows(), /*next=*/1);
    for (float& error : errors_) error = static_cast<float>(rng.uniform());
    prioritized_.update(rows_.rows().index, errors_);
    std::vector<std::uint8_t> begins(kRows);
    std::vector<std::int32_t> last(kRows);
    SequenceSampler(4, {}).sample(replay_, rng, rows_.rows(), {begins, last});
    torn += torn_rows(rows_.rows(), /*next=*/1);
    for (std::size_t k = 1; k < kRows; ++k) {
      const bool follows = rows_.rows().reward[k] == rows_.rows().reward[k - 1] + 1;
      if (k % 4 > 0 && !begins[k] && !follows) ++torn;
    }
    return torn;
  }

 private:
  static constexpr std::size_t kRows = 16;

  const ReplayBuffer& replay_;
  PrioritizedSampler prioritized_;
  ReplayBatch rows_;
  std::vector<float> errors_ = std::vector<float>(kRows);
};

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
      Learner learner(replay);
      do {
        torn += learner.draw(rng);
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
