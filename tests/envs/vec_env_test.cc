// Laws of stepping many envs: same-step auto-reset, time limits, masks, levels, flags, errors.
// Most of them on a clock env, in which each number says when it was written.

#include "envs/vector/vec_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

#include "envs/conformance/rollout_hash.h"
#include "envs/registry/registry.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::HasSubstr;

TEST(VecEnv, AnEpisodeThatEndsIsFollowedByTheNextInTheSameStep) {
  Batch<Clock> batch({.num_envs = 2});
  batch.set_actions({Clock::kTick, Clock::kEnd});
  batch.step();
  // Env 1 has ended after one step: its rows show the next episode, final_* the end.
  EXPECT_EQ(batch.obs(0), (std::vector<float>{1, 1}));  // {episode, time}
  EXPECT_EQ(batch.obs(1), (std::vector<float>{2, 0}));
  EXPECT_EQ(batch.final_obs(1), (std::vector<float>{1, 1}));
  EXPECT_FALSE(batch->terminated[0]);
  EXPECT_TRUE(batch->terminated[1]);
  EXPECT_FALSE(batch->truncated[1]);
  EXPECT_EQ(batch->episode_length[1], 1);
  EXPECT_EQ(batch->episode_return[1], 0.25);
  EXPECT_EQ(batch->episode_metrics[1], 1);  // the time at the end
}

TEST(VecEnv, RowsOfEpisodeEndsAreWrittenOnlyWhereOneEnded) {
  Batch<Clock> batch({.num_envs = 2});
  batch->final_obs[0].floats()[0] = -7;
  batch->final_mask[0][0] = 77;
  batch->episode_length[0] = -7;
  batch->episode_return[0] = -7;
  batch->episode_metrics[0] = -7;
  batch.set_actions({Clock::kTick, Clock::kEnd});
  batch.step();
  EXPECT_EQ(batch->final_obs[0][0], -7);
  EXPECT_EQ(batch->final_mask[0][0], 77);
  EXPECT_EQ(batch->episode_length[0], -7);
  EXPECT_EQ(batch->episode_return[0], -7);
  EXPECT_EQ(batch->episode_metrics[0], -7);
}

TEST(VecEnv, TheTimeLimitTruncates) {
  Batch<Clock> batch({});
  batch.set_actions({Clock::kTick});
  for (int t = 1; t < Clock::kLimit; ++t) {
    batch.step();
    ASSERT_FALSE(batch->truncated[0]) << t;
  }
  batch.step();
  EXPECT_TRUE(batch->truncated[0]);
  EXPECT_FALSE(batch->terminated[0]);
  EXPECT_EQ(batch->episode_length[0], Clock::kLimit);
  EXPECT_EQ(batch->episode_return[0], 0.25 * Clock::kLimit);
  EXPECT_EQ(batch.final_obs(0), (std::vector<float>{1, Clock::kLimit}));
  EXPECT_EQ(batch.obs(0), (std::vector<float>{2, 0}));
}

TEST(VecEnv, ATimeLimitOnATerminatingStepStaysTerminated) {
  Batch<Clock> batch({});
  batch.set_actions({Clock::kTick});
  for (int t = 1; t < Clock::kLimit; ++t) batch.step();
  batch.set_actions({Clock::kEnd});
  batch.step();
  EXPECT_TRUE(batch->terminated[0]);
  EXPECT_FALSE(batch->truncated[0]);
}

TEST(VecEnv, WithoutTheTimeLimitEpisodesGoOn) {
  Batch<Clock> batch({.time_limit = false});
  batch.set_actions({Clock::kTick});
  for (int t = 0; t < 3 * Clock::kLimit; ++t) {
    batch.step();
    ASSERT_FALSE(batch->truncated[0]);
  }
}

TEST(VecEnv, AnEnvMayTruncateItself) {
  Batch<Clock> batch({});
  batch.set_actions({Clock::kCut});
  batch.step();
  EXPECT_TRUE(batch->truncated[0]);
  EXPECT_FALSE(batch->terminated[0]);
  EXPECT_EQ(batch.obs(0), (std::vector<float>{2, 0}));
}

TEST(VecEnv, MasksAreThoseOfTheObservationBesideThem) {
  Batch<Clock> batch({});  // kCut is allowed at even times only
  EXPECT_EQ(batch.mask(0), (std::vector<int>{1, 1, 1}));
  batch.set_actions({Clock::kTick});
  batch.step();
  EXPECT_EQ(batch.mask(0), (std::vector<int>{1, 1, 0}));
  batch.step();
  batch.set_actions({Clock::kEnd});
  batch.step();
  EXPECT_EQ(batch.final_mask(0), (std::vector<int>{1, 1, 0}));  // time 3
  EXPECT_EQ(batch.mask(0), (std::vector<int>{1, 1, 1}));        // time 0 of the next episode
}

TEST(VecEnv, ResetStartsEpisodesEverywhereAtAnyTime) {
  Batch<Clock> batch({.num_envs = 3, .threads = 2});
  batch.set_actions({Clock::kTick, Clock::kTick, Clock::kTick});
  batch.step();
  batch.reset();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(batch.obs(i), (std::vector<float>{2, 0}));
    EXPECT_EQ(batch.envs.episode(i).episode_length, 0);
    EXPECT_EQ(batch.envs.episode(i).episode_return, 0);
  }
}

TEST(VecEnv, EnvsDoTheSameWhateverStandsBesideThem) {
  // Env i of 5 and of 64, with any number of threads, gives the same observations.
  const auto observations = [](std::size_t num_envs, std::size_t threads) {
    VecEnvOptions options;
    options.num_envs = num_envs;
    options.threads = threads;
    VecEnv envs(registry().find("CartPole-v1"), {}, options);
    StepBuffers buffers(envs.spec().obs, envs.spec().action, 0, num_envs);
    envs.reset(buffers.batch.obs, buffers.batch.mask);
    std::vector<float> all;
    for (int t = 0; t < 100; ++t) {
      for (std::size_t i = 0; i < num_envs; ++i) {
        buffers.actions[i].discrete() = (t / 2 + static_cast<int>(i)) % 2;
      }
      envs.step(buffers.actions, buffers.batch);
      for (std::size_t i = 0; i < 5; ++i) {
        for (const float value : buffers.batch.obs[i].floats()) all.push_back(value);
      }
    }
    return all;
  };
  const std::vector<float> expected = observations(5, 1);
  EXPECT_EQ(observations(64, 1), expected);
  EXPECT_EQ(observations(64, 4), expected);
}

TEST(VecEnv, StreamsOfOtherNamesAndSeedsGiveOtherEpisodes) {
  std::set<std::uint64_t> hashes;
  const EnvEntry& entry = registry().find("CartPole-v1");
  for (const char* stream : {"env", "eval"}) {
    for (const std::uint64_t seed : {0, 1}) {
      VecEnvOptions options;
      options.seed = seed;
      options.stream = stream;
      hashes.insert(rollout_hash(entry, {}, options, 50));
    }
  }
  EXPECT_EQ(hashes.size(), 4u);
}

class Levels : public testing::Test {
 protected:
  /// Levels of the first 200 episodes of a clock with ten levels.
  static std::set<std::uint64_t> levels(std::uint64_t begin, std::uint64_t end) {
    VecEnvOptions options;
    options.level_begin = begin;
    options.level_end = end;
    Batch<Clock> batch(options);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 200; ++i) {
      seen.insert(batch.envs.episode(0).level);
      batch.reset();
    }
    return seen;
  }
};

TEST_F(Levels, AreAllOfTheEnvsUnlessARangeIsGiven) { EXPECT_EQ(levels(0, 0).size(), 10u); }

TEST_F(Levels, StayInTheirRange) {
  EXPECT_EQ(levels(3, 6), (std::set<std::uint64_t>{3, 4, 5}));
  EXPECT_EQ(levels(7, 8), (std::set<std::uint64_t>{7}));
}

TEST_F(Levels, AnOpenRangeGoesToTheLast) {
  EXPECT_EQ(levels(8, 0), (std::set<std::uint64_t>{8, 9}));
}

TEST_F(Levels, ReachTheEnv) {
  VecEnvOptions options;
  options.level_begin = 4;
  options.level_end = 5;
  Batch<Clock> batch(options);
  EXPECT_EQ(dynamic_cast<Clock&>(batch.envs.env(0)).level(), 4u);
}

TEST_F(Levels, RangesThatAreNoneAreErrors) {
  const auto error = [](std::uint64_t begin, std::uint64_t end) {
    return error_of([&] { levels(begin, end); }, ExitCode::kUsage);
  };
  const std::string expected = "; expected 0 <= begin < end <= 10";
  EXPECT_EQ(error(5, 5), "Clock-v0: levels 5 to 5 (end excluded) is no range within its 10 levels" +
                             expected);
  EXPECT_THAT(error(5, 3), HasSubstr("levels 5 to 3"));
  EXPECT_THAT(error(0, 11), HasSubstr("levels 0 to 11"));
  EXPECT_THAT(error(10, 0), HasSubstr("levels 10 to 0"));
}

TEST_F(Levels, AreRefusedByAnEnvWithoutAny) {
  VecEnvOptions options;
  options.level_end = 5;
  EXPECT_EQ(error_of([&] { VecEnv(registry().find("CartPole-v1"), {}, options); },
                     ExitCode::kUsage),
            "CartPole-v1: levels 0 to 5 asked for, but it generates nothing and has no levels");
}

TEST(VecEnvErrors, NoEnvsAndNoThreadsAreRefused) {
  const EnvEntry& entry = registry().find("CartPole-v1");
  VecEnvOptions options;
  options.num_envs = 0;
  EXPECT_EQ(error_of([&] { VecEnv(entry, {}, options); }, ExitCode::kUsage),
            "CartPole-v1: num_envs is 0; expected at least 1");
  options = {};
  options.threads = 0;
  EXPECT_EQ(error_of([&] { VecEnv(entry, {}, options); }, ExitCode::kUsage),
            "CartPole-v1: threads is 0; expected at least 1");
}

/// A clock that was mended: it refuses the state of every second hour.
class MendedClock final : public Env {
 public:
  static inline bool is_mended = false;
  const EnvSpec& spec() const override {
    static const EnvSpec spec = Clock().spec();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override { clock_.reset(ctx, obs); }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    return clock_.step(action, rng, obs);
  }
  void action_mask(MaskRow mask) const override { clock_.action_mask(mask); }
  void metrics(FloatRow values) const override { clock_.metrics(values); }
  void save(StateWriter& out) const override { clock_.save(out); }
  bool load(StateReader& in) override {
    int episode = 0, time = 0;
    std::uint64_t level = 0;
    in.read(episode, time, level);
    if (is_mended && episode % 2 == 0) return false;
    StateWriter copy;
    copy.write(episode, time, level);
    StateReader again(copy.bytes());
    return clock_.load(again);
  }

 private:
  Clock clock_;
};

TEST(VecEnv, ChangedEnvsThatRefuseTheirStateBeginAnewAndTheOthersGoOn) {
  MendedClock::is_mended = false;
  Batch<MendedClock> old({.num_envs = 3}), mended({.num_envs = 3}), whole({.num_envs = 3});
  old.set_actions({Clock::kTick, Clock::kEnd, Clock::kTick});
  old.step();  // env 1 is in its second episode
  StateWriter saved;
  old.envs.save(saved);
  MendedClock::is_mended = true;
  StateReader strict(saved.bytes()), in(saved.bytes());
  EXPECT_EQ(error_of([&] { whole.envs.load(strict); }), "Clock-v0: load() returned false");
  const std::vector<RefusedState> refused = mended.envs.load_into_changed(in);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].env, 1u);
  EXPECT_EQ(refused[0].reason, "Clock-v0: load() returned false");
  EXPECT_EQ(in.remaining(), 0u);
  // Streams go on as saved: the episode that begins is the one that would have been next.
  mended.envs.restart(1, mended->obs, mended->mask);
  EXPECT_EQ(mended.obs(1), (std::vector<float>{1, 0}));
  EXPECT_EQ(mended.envs.episode(1).episode_length, 0);
  old.set_actions({Clock::kTick, Clock::kEnd, Clock::kTick});
  old.step();
  EXPECT_EQ(mended.envs.episode(1).level, old.envs.episode(1).level);
  mended.set_actions({Clock::kTick, Clock::kTick, Clock::kTick});
  mended.step();
  for (const std::size_t i : {0, 2}) EXPECT_EQ(mended.obs(i), old.obs(i)) << i;
  MendedClock::is_mended = false;
}

// As long as the log fits, an env that was saved by its actions goes on where load() is there now.
TEST(VecEnv, ALogOfActionsIsReplayedWhateverTheEnvHasBecome) {
  Batch<Forgetful> old({.num_envs = 2});
  old.set_actions({0, 1});
  for (int t = 0; t < 5; ++t) old.step();
  StateWriter saved;
  old.envs.save(saved);
  Batch<Forgetful> again({.num_envs = 2});
  StateReader in(saved.bytes());
  EXPECT_TRUE(again.envs.load_into_changed(in).empty());
  again.set_actions({0, 1});
  again.step();
  old.step();
  EXPECT_EQ(again.obs(0), old.obs(0));
  EXPECT_EQ(again.obs(1), old.obs(1));
}

TEST(VecEnvErrors, MoreThreadsThanEnvsAreFine) {
  Batch<Clock> batch({.num_envs = 2, .threads = 16});
  batch.set_actions({Clock::kTick, Clock::kEnd});
  batch.step();
  EXPECT_TRUE(batch->terminated[1]);
}

TEST(VecEnvErrors, AStepBeforeTheResetIsRefused) {
  VecEnv envs(registry().find("CartPole-v1"), {}, {});
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 0, 1);
  EXPECT_EQ(error_of([&] { envs.step(buffers.actions, buffers.batch); }, ExitCode::kUsage),
            "CartPole-v1: step before reset");
}

TEST(VecEnvErrors, ADiscreteActionOutsideTheSpaceIsRefused) {
  for (const std::size_t threads : {1, 3}) {
    Batch<Clock> batch({.num_envs = 3, .threads = threads});
    batch.set_actions({Clock::kTick, Clock::kTick, 3});
    EXPECT_EQ(error_of([&] { batch.step(); }, ExitCode::kUsage),
              "Clock-v0: action 3 is outside the space; expected 0 to 2");
    batch.set_actions({-1, Clock::kTick, Clock::kTick});
    EXPECT_EQ(error_of([&] { batch.step(); }, ExitCode::kUsage),
              "Clock-v0: action -1 is outside the space; expected 0 to 2");
    batch.reset();  // and goes on from there
    batch.set_actions({Clock::kTick, Clock::kTick, Clock::kTick});
    batch.step();
    EXPECT_EQ(batch.obs(2)[1], 1);
  }
}

TEST(VecEnvErrors, ABoxActionThatIsNotFiniteIsRefused) {
  VecEnv envs(registry().find("Pendulum-v1"), {}, {});
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 0, 1);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  for (const auto& [value, text] : {std::pair(NAN, "nan"), std::pair(-INFINITY, "-inf")}) {
    buffers.actions[0][0] = value;
    EXPECT_EQ(error_of([&] { envs.step(buffers.actions, buffers.batch); }, ExitCode::kUsage),
              "Pendulum-v1: action component 0 ('torque') is " + std::string(text) +
                  "; expected a finite number");
  }
  buffers.actions[0][0] = 1e30f;  // out of bounds is the env's business
  envs.step(buffers.actions, buffers.batch);
}

TEST(VecEnvErrors, MemoryOfTheWrongSizeIsRefused) {
  VecEnv envs(registry().find("CartPole-v1"), {}, {.num_envs = 4});
  StepBuffers few(envs.spec().obs, envs.spec().action, 0, 3);
  EXPECT_EQ(error_of([&] { envs.reset(few.batch.obs, few.batch.mask); }, ExitCode::kUsage),
            "CartPole-v1: the caller's memory for observations has 48 entries; expected 64");
  EXPECT_THAT(error_of([&] { envs.step(few.actions, few.batch); }, ExitCode::kUsage),
              HasSubstr("memory for actions has 3"));
}

TEST(VecEnvErrors, BadParametersNameTheirPlace) {
  EXPECT_EQ(error_of(
                [] { VecEnv(registry().find("Pendulum-v1"), {{"gravity", "-1", "b.yaml:3"}}, {}); },
                ExitCode::kUsage),
            "b.yaml:3: env.gravity: -1 is out of range; expected [0, 100] (Pendulum-v1)");
  // Also what only the env's constructor can judge, in a batch as alone.
  const EnvEntry& lake = registry().find("FrozenLake-v1");
  const ParamValues bad_map = {{"slippery", "true", "b.yaml:3"}, {"map", "SX", "b.yaml:4"}};
  EXPECT_THAT(error_of([&] { VecEnv(lake, bad_map, {}); }, ExitCode::kUsage),
              testing::StartsWith("b.yaml:4: env.map: 'SX' is no map"));
  EXPECT_THAT(error_of([&] { lake.make(bad_map); }, ExitCode::kUsage),
              testing::StartsWith("b.yaml:4: env.map: 'SX' is no map"));
}

TEST(VecEnvErrors, WhatAnEnvThrowsInAWorkerArrives) {
  Batch<Clock> batch({.num_envs = 4, .threads = 4});
  dynamic_cast<Clock&>(batch.envs.env(2)).break_down();
  batch.set_actions({0, 0, 0, 0});
  EXPECT_THROW(batch.step(), std::domain_error);
}

TEST(VecEnv, AnAliasKeepsItsOwnNameAndParameters) {
  const VecEnv envs(registry().find("FrozenLake8x8-v1"), {}, {});
  EXPECT_EQ(envs.spec().id, "FrozenLake8x8-v1");
  EXPECT_EQ(envs.spec().obs.fields()[0].categories, 64);
  const VecEnv small(registry().find("FrozenLake8x8-v1"), {{"map", "4x4", "test"}}, {});
  EXPECT_EQ(small.spec().obs.fields()[0].categories, 16);
}

}  // namespace
}  // namespace tern
