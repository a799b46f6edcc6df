// Proof: worked examples by hand (ring, ends of episodes, masks, element types), laws (a loaded
// buffer is the saved one; sampling draws every slot alike), error texts.

#include "replay/replay_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

#include "replay/uniform_sampler.h"
#include "tests/error_of.h"
#include "tests/memory_stream.h"
#include "tests/replay/replay_steps.h"

namespace tern {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Every stored transition, in the order of the slots.
std::unique_ptr<ReplayBatch> contents(const EnvSpec& spec, const ReplayBuffer& replay) {
  auto all = std::make_unique<ReplayBatch>(spec, replay.size());
  std::iota(all->rows().index.begin(), all->rows().index.end(), 0);
  replay.read().gather(all->rows());
  return all;
}

template <class T>
std::vector<std::remove_const_t<T>> list(Row<T> row) {
  return {row.begin(), row.end()};
}

std::vector<float> floats_of(const ObsRows& rows) {
  std::vector<float> all;
  for (std::size_t i = 0; i < rows.count(); ++i) {
    for (const float x : rows[i].floats()) all.push_back(x);
  }
  return all;
}

std::vector<int> flags_of(const MaskRows& rows) {
  return {rows.data(), rows.data() + rows.count() * rows.row_size()};
}

std::vector<std::uint8_t> saved(const ReplayBuffer& replay) {
  return bytes_of([&](ByteSink& out) { replay.save(out); });
}

void load(ReplayBuffer& replay, const std::vector<std::uint8_t>& bytes) {
  MemorySource in(bytes);
  replay.load(in);
}

EnvSpec counting_env() {
  EnvSpec spec;
  spec.id = "Counting-v0";
  spec.obs.scalar("count", 0, 1e9);
  spec.action = ActionSpace::discrete({"left", "right"});
  return spec;
}

/// Step t of two envs that never end: env i shows 10 t + i, and the reward is 10 t + i + 0.5.
void add_count(ReplayBuffer& replay, int t) {
  HandStep step(counting_env(), 2);
  for (int i = 0; i < 2; ++i) {
    const auto k = static_cast<std::size_t>(i);
    step.from.batch.obs[k][0] = static_cast<float>(10 * t + i);
    step.from.actions[k].discrete() = (t + i) % 2;
    step.to.batch.obs[k][0] = static_cast<float>(10 * (t + 1) + i);
    step.to.batch.reward[k] = static_cast<float>(10 * t + i) + 0.5f;
  }
  replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
}

TEST(ReplayBuffer, NewStepsTakeThePlaceOfTheEnvsOldest) {
  ReplayBuffer replay(counting_env(), room(7, 2));  // three steps of each
  EXPECT_EQ(replay.size(), 0u);
  EXPECT_EQ(replay.capacity(), 6u);
  add_count(replay, 0);
  add_count(replay, 1);
  EXPECT_EQ(replay.size(), 4u);
  EXPECT_THAT(floats_of(contents(counting_env(), replay)->rows().obs), ElementsAre(0, 1, 10, 11));
  for (int t = 2; t < 5; ++t) add_count(replay, t);  // steps 3 and 4 in the slots of 0 and 1
  EXPECT_EQ(replay.size(), 6u);
  const auto all = contents(counting_env(), replay);
  EXPECT_THAT(floats_of(all->rows().obs), ElementsAre(30, 31, 40, 41, 20, 21));
  EXPECT_THAT(floats_of(all->rows().next_obs), ElementsAre(40, 41, 50, 51, 30, 31));
  EXPECT_THAT(list(all->rows().reward), ElementsAre(30.5f, 31.5f, 40.5f, 41.5f, 20.5f, 21.5f));
  EXPECT_THAT(list(all->rows().terminated), ElementsAre(0, 0, 0, 0, 0, 0));
  std::vector<int> actions;
  for (std::size_t k = 0; k < 6; ++k) actions.push_back(all->rows().actions[k].discrete());
  EXPECT_THAT(actions, ElementsAre(1, 0, 0, 1, 0, 1));  // (t + i) % 2
}

// Three envs in one step: 0 goes on, 1 terminates, 2 is cut by the time limit. VecEnv has already
// reset 1 and 2: their obs and mask rows are those of the next episode and must not be s'.
class EndOfEpisode : public ::testing::Test {
 protected:
  EndOfEpisode() : replay_(masked_env(), room(3, 3)), step_(masked_env(), 3) {
    write(step_.from.batch.obs, {{1, 2}, {3, 4}, {5, 6}});
    write(step_.from.batch.mask, {{1, 1, 0}, {1, 0, 1}, {0, 1, 1}});
    write(step_.to.batch.obs, {{7, 8}, {-1, -1}, {-2, -2}});
    write(step_.to.batch.mask, {{0, 0, 1}, {1, 1, 1}, {1, 1, 1}});
    write(step_.to.batch.final_obs, {{99, 99}, {9, 10}, {11, 12}});
    write(step_.to.batch.final_mask, {{1, 1, 1}, {1, 0, 0}, {0, 1, 0}});
    for (std::size_t i = 0; i < 3; ++i) {
      step_.from.actions[i].discrete() = static_cast<std::int32_t>(i);
      step_.to.batch.reward[i] = static_cast<float>(i) / 4;
    }
    step_.to.batch.terminated[1] = 1;
    step_.to.batch.truncated[2] = 1;
    replay_.add(step_.from.batch.obs, step_.from.batch.mask, step_.from.actions, step_.to.batch);
  }

  static void write(const ObsRows& rows, const std::vector<std::vector<float>>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::copy(values[i].begin(), values[i].end(), rows[i].floats().begin());
    }
  }
  static void write(const MaskRows& rows, const std::vector<std::vector<int>>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::copy(values[i].begin(), values[i].end(), rows[i].begin());
    }
  }

  ReplayBuffer replay_;
  HandStep step_;
};

TEST_F(EndOfEpisode, NextObservationIsWhatTheEpisodeEndedWith) {
  const auto all = contents(masked_env(), replay_);
  EXPECT_THAT(floats_of(all->rows().obs), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(floats_of(all->rows().next_obs), ElementsAre(7, 8, 9, 10, 11, 12));
}

TEST_F(EndOfEpisode, MasksAreThoseOfTheSameObservations) {
  const auto all = contents(masked_env(), replay_);
  EXPECT_THAT(flags_of(all->rows().mask), ElementsAre(1, 1, 0, 1, 0, 1, 0, 1, 1));
  EXPECT_THAT(flags_of(all->rows().next_mask), ElementsAre(0, 0, 1, 1, 0, 0, 0, 1, 0));
}

TEST_F(EndOfEpisode, OnlyATerminationRemovesTheBootstrap) {
  const auto all = contents(masked_env(), replay_);
  EXPECT_THAT(list(all->rows().terminated), ElementsAre(0, 1, 0));
  EXPECT_THAT(list(all->rows().reward), ElementsAre(0.0f, 0.25f, 0.5f));
}

// Env 0 goes on after the step, the others have ended.
TEST_F(EndOfEpisode, AnEpisodeThatIsCutKeepsWhatItsLastStepLedTo) {
  ReplayBuffer replay(masked_env(), room(6, 3));
  replay.add(step_.from.batch.obs, step_.from.batch.mask, step_.from.actions, step_.to.batch);
  replay.cut_episode(0);
  replay.cut_episode(1);
  write(step_.from.batch.obs, {{50, 60}, {70, 80}, {90, 100}});  // of other episodes
  step_.to.batch.terminated[1] = step_.to.batch.truncated[2] = 0;
  replay.add(step_.from.batch.obs, step_.from.batch.mask, step_.from.actions, step_.to.batch);
  const auto all = contents(masked_env(), replay);
  const ReplayRows& rows = all->rows();
  EXPECT_THAT(list(rows.next_obs[0].floats()), ElementsAre(7, 8));
  EXPECT_THAT(flags_of(rows.next_mask).at(0), 0);
  EXPECT_THAT(list(rows.obs[3].floats()), ElementsAre(50, 60));
  const ReplayBuffer::Reader reader = replay.read();
  EXPECT_TRUE(reader.ended(0));
  EXPECT_FALSE(reader.terminated(0));
  EXPECT_TRUE(reader.terminated(1));
  EXPECT_TRUE(reader.begins(3));
}

TEST(ReplayBuffer, EnvsWithoutMasksAllowEverything) {
  ReplayBuffer replay(counting_env(), room(4, 2));
  add_count(replay, 0);
  const auto all = contents(counting_env(), replay);
  EXPECT_THAT(flags_of(all->rows().mask), ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(flags_of(all->rows().next_mask), ElementsAre(1, 1, 1, 1));
}

TEST(ReplayBuffer, KeepsBytesAndRealActionsAsTheyAre) {
  EnvSpec spec;
  spec.id = "Image-v0";
  spec.obs = ObsSpace(DType::kUint8);
  spec.obs.image("screen", 1, 2, 1, 0, 255);
  spec.action =
      ActionSpace::box({ActionSpace::real("force", -1, 1), ActionSpace::real("turn", -1, 1)});
  HandStep step(spec, 1);
  step.from.batch.obs[0].bytes()[0] = 200;
  step.from.batch.obs[0].bytes()[1] = 7;
  step.to.batch.obs[0].bytes()[0] = 255;
  step.to.batch.obs[0].bytes()[1] = 0;
  step.from.actions[0][0] = -3.5f;  // beyond the bounds: what the agent chose, not what was done
  step.from.actions[0][1] = 0.25f;
  ReplayBuffer replay(spec, room(2, 1));
  replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  const auto all = contents(spec, replay);
  EXPECT_THAT(list(all->rows().obs[0].bytes()), ElementsAre(200, 7));
  EXPECT_THAT(list(all->rows().next_obs[0].bytes()), ElementsAre(255, 0));
  EXPECT_THAT(list(all->rows().actions[0].floats()), ElementsAre(-3.5f, 0.25f));
}

// Three floats and three bytes, and a byte to the next row: as stacks of three frames 3 * 15 + 3.
TEST(ReplayBuffer, KeepsRowsOfBothTypesAndTheirStacks) {
  for (const int frames : {1, 3}) {
    EnvSpec spec;
    spec.id = "Mixed-v0";
    spec.obs.vector("speeds", 3 * frames, -9, 9).of(DType::kUint8);
    spec.obs.image("screen", 1, 3, frames, 0, 255);
    spec.action = ActionSpace::discrete({"a", "b"});
    spec.frame_stack = frames;
    HandStep step(spec, 1);
    EXPECT_EQ(step.from.batch.obs.row_bytes(), frames == 1 ? 16u : 48u);
    ReplayBuffer replay(spec, room(8, 1));
    const auto fill = [&](const ObsRow& row, int newest) {  // the stack of frames up to `newest`
      for (int k = 0; k < frames; ++k) {
        const int t = std::max(0, newest - frames + 1 + k);
        for (int i = 0; i < 3; ++i) {
          row[static_cast<std::size_t>(3 * k + i)] = static_cast<float>(10 * t + i);
          row.bytes()[static_cast<std::size_t>(i * frames + k)] =
              static_cast<std::uint8_t>(100 + 10 * t + i);
        }
      }
    };
    for (int t = 0; t < 3; ++t) {
      fill(step.from.batch.obs[0], t);
      fill(step.to.batch.obs[0], t + 1);
      replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
    }
    const auto all = contents(spec, replay);
    for (int t = 0; t < 3; ++t) {
      const auto slot = static_cast<std::size_t>(t);
      fill(step.from.batch.obs[0], t);
      fill(step.to.batch.obs[0], t + 1);
      const ReplayRows& rows = all->rows();
      EXPECT_EQ(list(rows.obs[slot].floats()), list(step.from.batch.obs[0].floats())) << t;
      EXPECT_EQ(list(rows.obs[slot].bytes()), list(step.from.batch.obs[0].bytes())) << t;
      EXPECT_EQ(list(rows.next_obs[slot].floats()), list(step.to.batch.obs[0].floats())) << t;
      EXPECT_EQ(list(rows.next_obs[slot].bytes()), list(step.to.batch.obs[0].bytes())) << t;
    }
  }
}

TEST(ReplayBuffer, ATransitionTakesTheBytesThatAreDocumented) {
  ReplaySchema schema = room(1, 1);
  EXPECT_EQ(transition_bytes(counting_env(), schema), 4u + 4 + 10);
  EXPECT_EQ(transition_bytes(masked_env(), schema), 8u + 4 + 10 + 3);
  schema.keeps_episodes = true;
  schema.state_size = 5;
  EXPECT_EQ(transition_bytes(masked_env(), schema), 8u + 4 + 10 + 3 + 12 + 20);
}

TEST(ReplayBuffer, ASampleIsWhatLiesInItsSlots) {
  ReplayBuffer replay(counting_env(), room(7, 2));
  for (int t = 0; t < 6; ++t) add_count(replay, t);
  Rng rng(3, "samples"), same(3, "samples");
  ReplayBatch first_batch(counting_env(), 64), again_batch(counting_env(), 64);
  const ReplayRows &first = first_batch.rows(), &again = again_batch.rows();
  UniformSampler().sample(replay, rng, first);
  const auto all = contents(counting_env(), replay);
  for (std::size_t k = 0; k < 64; ++k) {
    const auto slot = static_cast<std::size_t>(first.index[k]);
    ASSERT_LT(slot, 6u);
    EXPECT_EQ(first.obs[k][0], all->rows().obs[slot][0]);
    EXPECT_EQ(first.next_obs[k][0], all->rows().next_obs[slot][0]);
    EXPECT_EQ(first.reward[k], all->rows().reward[slot]);
    EXPECT_EQ(first.actions[k].discrete(), all->rows().actions[slot].discrete());
  }
  UniformSampler().sample(replay, same, again);
  EXPECT_TRUE(
      std::equal(first.index.begin(), first.index.end(), again.index.begin()));
}

/// Pearson's chi-squared of 100,000 draws from `filled` slots against equal shares.
double chi_squared(const std::vector<std::int64_t>& draws, std::size_t filled) {
  std::vector<double> counts(filled, 0.0);
  for (const std::int64_t slot : draws) counts.at(static_cast<std::size_t>(slot)) += 1;
  const double expected = static_cast<double>(draws.size()) / static_cast<double>(filled);
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// 99 degrees of freedom: a fair sampler passes 181 once in a million times (Wilson-Hilferty:
// 99 (1 - 2/891 + 4.753 sqrt(2/891))^3 = 181) and falls below 45 as rarely.
constexpr double kLow = 45, kHigh = 181;

TEST(ReplayBuffer, DrawsEveryFilledSlotAlike) {
  ReplayBuffer replay(counting_env(), room(120, 2));
  for (int t = 0; t < 50; ++t) add_count(replay, t);  // 100 of 120 slots
  for (const std::uint64_t seed : {1, 2, 3}) {
    Rng rng(seed, "samples");
    ReplayBatch drawn(counting_env(), 1000);
    std::vector<std::int64_t> draws;
    for (int k = 0; k < 100; ++k) {
      UniformSampler().sample(replay, rng, drawn.rows());
      draws.insert(draws.end(), drawn.rows().index.begin(), drawn.rows().index.end());
    }
    EXPECT_GT(chi_squared(draws, 100), kLow);
    EXPECT_LT(chi_squared(draws, 100), kHigh);
    // Poisoned: a sampler that never draws the newest slot does not pass the same bound.
    for (std::int64_t& slot : draws) slot = slot == 99 ? 0 : slot;
    EXPECT_GT(chi_squared(draws, 100), kHigh);
  }
}

// Before the ring is full, when it is just full, and after it has gone round.
class SavedAfter : public ::testing::TestWithParam<int> {};

TEST_P(SavedAfter, ALoadedBufferIsTheSavedOneAndHasTheSameFuture) {
  ReplayBuffer replay(counting_env(), room(8, 2)), other(counting_env(), room(8, 2));
  for (int t = 0; t < GetParam(); ++t) add_count(replay, t);
  for (int t = 50; t < 57; ++t) add_count(other, t);  // must all be forgotten
  load(other, saved(replay));
  EXPECT_EQ(other.size(), replay.size());
  EXPECT_EQ(saved(other), saved(replay));
  for (int t = 90; t < 93; ++t) {
    add_count(replay, t);
    add_count(other, t);
  }
  EXPECT_EQ(saved(other), saved(replay));
}

INSTANTIATE_TEST_SUITE_P(Steps, SavedAfter, ::testing::Values(0, 2, 4, 6));

TEST(ReplayBuffer, OnlyFilledSlotsAreSaved) {
  ReplayBuffer replay(counting_env(), room(1000, 2));
  add_count(replay, 0);
  EXPECT_LT(saved(replay).size(), 200u);
}

TEST(ReplayBuffer, RefusesAStateThatDoesNotFit) {
  ReplayBuffer replay(counting_env(), room(8, 2)), smaller(counting_env(), room(4, 2));
  ReplayBuffer other(masked_env(), room(8, 2));
  add_count(replay, 0);
  const std::vector<std::uint8_t> state = saved(replay);
  EXPECT_THAT(error_of([&] { load(smaller, state); }),
              HasSubstr("has room for 8 transitions, this one for 4; set agent.buffer_size back"));
  EXPECT_THAT(error_of([&] { load(other, state); }),
              AllOf(HasSubstr("another kind (Counting-v0: observations of 4 bytes"),
                    HasSubstr("than this one (Masked-v0: observations of 8 bytes")));
  std::vector<std::uint8_t> cut = state;
  cut.resize(cut.size() - 3);
  EXPECT_THAT(error_of([&] { load(replay, cut); }), HasSubstr("ends too early"));
  std::vector<std::uint8_t> longer = state;
  longer.push_back(0);
  EXPECT_THAT(error_of([&] { load(replay, longer); }), HasSubstr("1 bytes too many"));
  std::vector<std::uint8_t> older = state;
  older[0] ^= 1;
  EXPECT_THAT(error_of([&] { load(replay, older); }), HasSubstr("of another layout than 2"));
}

// Hostile bytes: whatever a damaged file holds, loading it is an error or a buffer that can be used.
TEST(ReplayBuffer, AnyBytesAreRefusedOrLoaded) {
  ReplayBuffer replay(masked_env(), room(6, 2));
  for (int t = 0; t < 5; ++t) {
    HandStep step(masked_env(), 2);
    for (std::size_t i = 0; i < 2; ++i) {
      step.from.actions[i].discrete() = 0;
      step.to.batch.reward[i] = static_cast<float>(t);
      step.to.batch.terminated[i] = (t + static_cast<int>(i)) % 3 == 0;
    }
    replay.add(step.from.batch.obs, step.from.batch.mask, step.from.actions, step.to.batch);
  }
  const std::vector<std::uint8_t> state = saved(replay);
  Rng rng(1, "damage");
  int refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    std::vector<std::uint8_t> damaged = state;
    for (int k = 0; k < 3; ++k) {
      damaged[rng.below(static_cast<std::uint32_t>(damaged.size()))] =
          static_cast<std::uint8_t>(rng.below(256));
    }
    if (trial % 3 == 0) damaged.resize(rng.below(static_cast<std::uint32_t>(damaged.size())));
    ReplayBuffer other(masked_env(), room(6, 2));
    try {
      load(other, damaged);
    } catch (const Error&) {
      ++refused;
      continue;
    }
    if (other.size() == 0) continue;
    ReplayBatch batch(masked_env(), 8);
    UniformSampler({3, 0.9}).sample(other, rng, batch.rows());
    for (std::size_t k = 0; k < 8; ++k) {  // a learner uses them as indices
      ASSERT_GE(batch.rows().actions[k].discrete(), 0);
      ASSERT_LT(batch.rows().actions[k].discrete(), 3);
    }
    EXPECT_EQ(saved(other).size(), state.size()) << "as many steps and ends as were there";
  }
  EXPECT_GT(refused, 500);
}

// Each of these passed the loader once; the first made a learner write outside of its memory.
TEST(ReplayBuffer, NamesStoredStepsThatCannotBe) {
  ReplayBuffer replay(counting_env(), room(8, 2)), other(counting_env(), room(8, 2));
  add_count(replay, 0);
  // Env 0 and 1 have stored a step each, and so shown two observations each. From the end:
  // flags (2 bytes), rewards (2 * 4), actions (2 * 4), beginnings (4).
  const std::vector<std::uint8_t> state = saved(replay);
  const auto refusal = [&](std::size_t bytes_before_end, std::uint8_t value) {
    std::vector<std::uint8_t> damaged = state;
    damaged[damaged.size() - bytes_before_end] = value;
    return error_of([&] { load(other, damaged); });
  };
  EXPECT_THAT(refusal(18, 2), HasSubstr("step 0 of env 0 has the action 2; expected 0 to 1"));
  EXPECT_THAT(refusal(11, 0xff), HasSubstr("step 0 of env 1 has the action -"));
  EXPECT_THAT(refusal(22, 0), HasSubstr("step 0 of env 0 has no beginning of an episode"));
  EXPECT_THAT(refusal(20, 1), HasSubstr("step 0 of env 0 has an end of an episode that the next"));
  EXPECT_THAT(refusal(1, 9), HasSubstr("step 0 of env 1 has an unknown end of an episode"));
  load(other, state);
  EXPECT_EQ(saved(other), state);
}

TEST(ReplayBuffer, SamplingFromNothingIsAnError) {
  ReplayBuffer replay(counting_env(), room(8, 2));
  Rng rng(0, "samples");
  ReplayBatch batch(counting_env(), 1);
  EXPECT_THAT(error_of([&] { UniformSampler().sample(replay, rng, batch.rows()); }),
              HasSubstr("is empty"));
}

TEST(ReplayBuffer, CapacitiesThatCannotBeAreRefused) {
  const auto refusal = [](const EnvSpec& spec, std::size_t capacity, std::size_t num_envs = 1) {
    return error_of([&] { ReplayBuffer(spec, room(capacity, num_envs)); }, ExitCode::kUsage);
  };
  EXPECT_THAT(refusal(counting_env(), 0),
              HasSubstr("0 transitions was asked for; expected 1 to 4294967295"));
  EXPECT_THAT(refusal(counting_env(), 5'000'000'000),
              HasSubstr("5000000000 transitions was asked for"));
  EXPECT_THAT(refusal(counting_env(), 5, 6), HasSubstr("cannot hold one step of 6 envs"));
  EnvSpec huge = counting_env();
  huge.obs.image("sky", 4096, 4096, 16, 0, 1);  // a gigabyte each
  EXPECT_THAT(refusal(huge, 1'000'000), HasSubstr("make agent.buffer_size smaller"));
}

// ---- A file in place of memory

TEST(ReplayBuffer, AMappedFileHoldsTheSameAndIsGoneAfterwards) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("tern_replay_" + std::to_string(getpid()))).string();
  ReplaySchema schema = room(8, 2);
  ReplayBuffer in_memory(counting_env(), schema);
  schema.file = path;
  {
    ReplayBuffer in_file(counting_env(), schema);
    EXPECT_FALSE(std::filesystem::exists(path));  // it takes room, not a name: nothing can leave it
    for (int t = 0; t < 9; ++t) {
      add_count(in_memory, t);
      add_count(in_file, t);
    }
    EXPECT_EQ(saved(in_file), saved(in_memory));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::ofstream(path) << "mine";
  EXPECT_EQ(error_of([&] { ReplayBuffer(counting_env(), schema); }, ExitCode::kUsage),
            "agent.buffer_file: '" + path +
                "' exists already and would be overwritten; expected a path that is free");
  std::filesystem::remove(path);
  schema.file = "/no/such/folder/replay";
  EXPECT_THAT(error_of([&] { ReplayBuffer(counting_env(), schema); }, ExitCode::kUsage),
              HasSubstr("the folder /no/such/folder of"));
}

}  // namespace
}  // namespace tern
