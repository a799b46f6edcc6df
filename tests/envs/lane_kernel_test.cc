// Determinism by hash: lane kernels give the same bits at every level of SIMD, for any number of
// envs and threads, and those of Env::step; error texts of what they refuse.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/hash.h"
#include "envs/conformance/rollout_hash.h"
#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/envs/forced_simd.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kSteps = 300;  // past the time limits of MountainCar and Pendulum

VecEnvOptions options(std::size_t num_envs, std::size_t threads = 1, std::uint64_t first = 0) {
  VecEnvOptions options;
  options.num_envs = num_envs;
  options.threads = threads;
  options.seed = 11;
  options.first_index = first;
  return options;
}

std::vector<std::uint8_t> saved(const Env& env) {
  StateWriter out;
  env.save(out);
  return out.take();
}

class LaneKernels : public testing::TestWithParam<std::string> {
 protected:
  const EnvEntry& env() const { return registry().find(GetParam()); }
  /// Of what steps return and of the exact state at the end: a last bit of it does not reach an
  /// observation, which is a float32, within an episode.
  std::uint64_t hash(const VecEnvOptions& how) const {
    VecEnv envs(env(), {}, how);
    const EnvSpec& spec = envs.spec();
    StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), how.num_envs);
    envs.reset(buffers.batch.obs, buffers.batch.mask);
    std::vector<Rng> rngs;
    for (std::size_t i = 0; i < how.num_envs; ++i) rngs.emplace_back(how.seed, "actions", i);
    Hash64 hash;
    hash.add(rollout_hash(envs, buffers, rngs, kSteps));
    StateWriter state;
    envs.save(state);
    hash.add(state.bytes().data(), state.bytes().size());
    return hash.value();
  }
};

TEST_P(LaneKernels, EveryLevelOfSimdAndNumberOfThreadsGivesTheSameBits) {
  for (const std::size_t num_envs : {1, 7, 64, 65, 131}) {
    std::uint64_t expected = 0;
    {
      const ForcedSimd forced(SimdLevel::kBaseline);
      expected = hash(options(num_envs));
    }
    for (const SimdLevel level : available_simd_levels()) {
      const ForcedSimd forced(level);
      EXPECT_EQ(hash(options(num_envs)), expected) << num_envs << " " << simd_level_name(level);
    }
    if (num_envs != 131) continue;  // whose ranges begin and end within blocks
    for (const std::size_t threads : {2, 4}) {
      EXPECT_EQ(hash(options(num_envs, threads)), expected) << threads << " threads";
    }
  }
}

// Another time limit is no reason for a virtual call a step: VecEnv applies it to whatever steps.
TEST_P(LaneKernels, AnotherTimeLimitKeepsTheKernelAndGivesTheBitsOfItsWrapper) {
  const ParamValues limit = {{"max_episode_steps", "37", "test"}};
  const auto is_slow = [](const EnvEntry& entry, const ParamValues& values) {
    return dynamic_cast<TypedEnvGroup<Env>*>(entry.make_group(values, 3).get()) != nullptr;
  };
  EnvEntry slow = env();
  slow.make_group = [make = slow.make](const ParamValues& values, std::size_t count) {
    return std::make_unique<TypedEnvGroup<Env>>(count, [=] { return make(values); });
  };
  EXPECT_TRUE(is_slow(slow, limit));
  EXPECT_TRUE(is_slow(env(), {{"action_delay", "1", "test"}}));
  EXPECT_FALSE(is_slow(env(), limit));
  for (const ParamValues& values :
       {limit, ParamValues{{"max_episode_steps", "0", "test"}},
        ParamValues{{"max_episode_steps", "37", "test"}, {"reward_scale", "0.5", "test"}}}) {
    EXPECT_EQ(rollout_hash(env(), values, options(70), kSteps),
              rollout_hash(slow, values, options(70), kSteps));
    EXPECT_EQ(VecEnv(env(), values, {}).spec().max_episode_steps,
              env().make(values)->spec().max_episode_steps);
  }
  EXPECT_NE(rollout_hash(env(), limit, options(70), kSteps),
            rollout_hash(env(), {}, options(70), kSteps));
}

TEST_P(LaneKernels, ALaneIsWhatAnEnvOfItsOwnWouldBe) {
  // Both draw from the streams of index i; one stands among 70 others, across the end of a block.
  const EnvSpec& spec = env().spec;
  StepBuffers all(spec.obs, spec.action, spec.metrics.size(), 70);
  for (const std::size_t i : {0, 5, 63, 64, 69}) {
    VecEnv together(env(), {}, options(70)), alone(env(), {}, options(1, 1, i));
    StepBuffers one(spec.obs, spec.action, spec.metrics.size(), 1);
    together.reset(all.batch.obs, all.batch.mask);
    alone.reset(one.batch.obs, one.batch.mask);
    std::vector<Rng> rngs;
    for (std::size_t k = 0; k < 70; ++k) rngs.emplace_back(3, "actions", k);
    Rng own(3, "actions", i);
    for (int t = 0; t < kSteps; ++t) {
      for (std::size_t k = 0; k < 70; ++k) {
        random_action(spec.action, all.batch.mask[k], rngs[k], all.actions[k]);
      }
      random_action(spec.action, one.batch.mask[0], own, one.actions[0]);
      together.step(all.actions, all.batch);
      alone.step(one.actions, one.batch);
      ASSERT_EQ(all.batch.reward[i], one.batch.reward[0]) << i << " at " << t;
      ASSERT_EQ(all.batch.terminated[i], one.batch.terminated[0]);
      ASSERT_EQ(all.batch.truncated[i], one.batch.truncated[0]);
      for (std::size_t j = 0; j < spec.obs.size(); ++j) {
        ASSERT_EQ(all.batch.obs[i][j], one.batch.obs[0][j]) << i << " at " << t;
      }
      ASSERT_EQ(saved(together.env(i)), saved(alone.env(0))) << i << " at " << t;
    }
  }
}

TEST_P(LaneKernels, GiveTheBitsOfEnvStep) {
  const EnvSpec& spec = env().spec;
  VecEnv batch(env(), {}, options(9));
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 9);
  batch.reset(buffers.batch.obs, buffers.batch.mask);
  const std::unique_ptr<Env> single = env().make({});
  std::vector<float> obs(spec.obs.size());
  Rng actions(4, "actions"), unused(0, "");
  for (int t = 0; t < kSteps; ++t) {
    for (std::size_t i = 0; i < 9; ++i) {
      random_action(spec.action, buffers.batch.mask[i], actions, buffers.actions[i]);
    }
    DoubleVec before;
    batch.env(5).get_state(before);
    single->set_state(before);
    batch.step(buffers.actions, buffers.batch);
    const StepResult result =
        single->step(buffers.actions[5], unused, ObsRow(FloatRow(obs)));
    const bool ended = buffers.batch.terminated[5] || buffers.batch.truncated[5];
    const ObsRow theirs = ended ? buffers.batch.final_obs[5] : buffers.batch.obs[5];
    ASSERT_EQ(buffers.batch.reward[5], result.reward);
    ASSERT_EQ(buffers.batch.terminated[5] != 0, result.terminated);
    for (std::size_t j = 0; j < obs.size(); ++j) ASSERT_EQ(theirs[j], obs[j]) << "step " << t;
    if (!ended) {
      ASSERT_EQ(saved(batch.env(5)), saved(*single)) << "step " << t;
    }
  }
}

TEST_P(LaneKernels, ASteppedLaneCanBeSetAndReadThroughItsEnv) {
  const EnvSpec& spec = env().spec;
  VecEnv batch(env(), {}, options(3));
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 3);
  batch.reset(buffers.batch.obs, buffers.batch.mask);
  DoubleVec first, second, after;
  batch.env(0).get_state(first);
  batch.env(1).get_state(second);
  batch.env(2).set_state(first);
  batch.env(2).get_state(after);
  EXPECT_EQ(after, first);
  batch.env(1).get_state(after);
  EXPECT_EQ(after, second);  // its neighbour is as it was
  EXPECT_NE(first, second);
}

TEST_P(LaneKernels, RefuseBadActionsAndStepsBeforeAReset) {
  const EnvSpec& spec = env().spec;
  VecEnv batch(env(), {}, options(70));
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 70);
  const auto step = [&] { batch.step(buffers.actions, buffers.batch); };
  EXPECT_EQ(error_of(step, ExitCode::kUsage), spec.id + ": step before reset");
  batch.reset(buffers.batch.obs, buffers.batch.mask);
  if (spec.action.is_box()) {
    const std::string name = spec.action.components()[0].name;
    for (const auto& [value, text] : {std::pair<float, const char*>{NAN, "nan"},
                                      {INFINITY, "inf"}, {-INFINITY, "-inf"}}) {
      buffers.actions[66][0] = value;
      EXPECT_EQ(error_of(step, ExitCode::kUsage),
                spec.id + ": action component 0 ('" + name + "') is " + text +
                    "; expected a finite number");
    }
    return;
  }
  const std::string last = std::to_string(spec.action.options() - 1);
  for (const int value : {-1, static_cast<int>(spec.action.options()), 1'000'000}) {
    buffers.actions[66].discrete() = value;
    EXPECT_EQ(error_of(step, ExitCode::kUsage),
              spec.id + ": action " + std::to_string(value) +
                  " is outside the space; expected 0 to " + last);
  }
}

INSTANTIATE_TEST_SUITE_P(Control, LaneKernels,
                         testing::Values("Acrobot-v1", "CartPole-v1", "MountainCar-v0",
                                         "MountainCarContinuous-v0", "Pendulum-v1"),
                         [](const testing::TestParamInfo<std::string>& info) {
                           return info.param.substr(0, info.param.find('-'));
                         });

TEST(SimdLevels, ALevelThatDoesNotExistIsRefusedWhenEnvsAreMade) {
  const ForcedSimd forced("avx51");
  EXPECT_THAT(error_of([] { VecEnv(registry().find("CartPole-v1"), {}, {}); }, ExitCode::kUsage),
              testing::AllOf(
                  testing::HasSubstr("environment variable TERN_SIMD is 'avx51', which is no level "
                                     "of SIMD; expected one of baseline"),
                  testing::HasSubstr("Did you mean 'avx512'?")));
}

}  // namespace
}  // namespace tern
