// Proof: error texts. What is watched of every step while a plugin is trained on, here and in a
// process.

#include "envs/vector/step_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Steps three faulty envs as training does.
void step_faulty(const std::string& fault, int at, const std::string& isolate, bool watch = true) {
  VecEnvOptions options;
  options.num_envs = 3;
  options.threads = 2;
  options.watch_steps = watch;
  VecEnv envs(
      registry().find(test_plugin("faulty")),
      {{"fault", fault, "test"}, {"at", std::to_string(at), "test"}, {"isolate", isolate, "test"}},
      options);
  StepBuffers rows(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), 3);
  envs.reset(rows.batch.obs, rows.batch.mask);
  for (std::size_t i = 0; i < 3; ++i) rows.actions[i].discrete() = 1;
  for (int t = 0; t < 310; ++t) envs.step(rows.actions, rows.batch);
}

struct StepWatch : testing::TestWithParam<const char*> {
  std::string error(const std::string& fault, int at = 20) const {
    return error_of([&] { step_faulty(fault, at, GetParam()); });
  }
};

TEST_P(StepWatch, NumbersThatAreNoneAreNamedWithTheirPlace) {
  EXPECT_THAT(error("reward_nan"),
              HasSubstr("Faulty-v0: the reward is nan after step 20 of an episode "
                        "of env 0, action 1; expected a finite number"));
  EXPECT_THAT(error("reward_infinite"), HasSubstr("the reward is inf after step 20"));
  EXPECT_THAT(error("obs_nan"), AllOf(HasSubstr("observation[1] ('wind') is nan"),
                                      HasSubstr("after step 20"), HasSubstr("tern check-env")));
}

TEST_P(StepWatch, AMaskThatForbidsAllIsNamedWithItsPlace) {
  EXPECT_THAT(error("mask_closes"),
              HasSubstr("Faulty-v0: no choice of action component 'action' is allowed by the mask "
                        "after step 20 of an episode of env 0, action 1; "));
  EXPECT_THAT(error("mask_closes", 0), HasSubstr("by the mask after a reset of env 0; "));
}

TEST_P(StepWatch, AWriteOutsideARowIsNamedWithItsPlace) {
  EXPECT_THAT(
      error("obs_too_far"),
      HasSubstr("step wrote outside its row (step 20 of episode 1, action 1): the row of the "
                "observation has 3 values of 4 bytes, and 4 bytes behind its end were "
                "overwritten"));
  EXPECT_THAT(error("obs_before", 0), AllOf(HasSubstr("reset wrote outside its row"),
                                            HasSubstr("4 bytes before its begin")));
  EXPECT_THAT(error("mask_too_far"), HasSubstr("action_mask wrote outside its row"));
  EXPECT_THAT(error("metrics_too_far"),
              HasSubstr("the row of the metrics has 1 values of 4 bytes"));
}

TEST_P(StepWatch, AnElementThatIsNotWrittenIsFoundWithinSomeSteps) {
  EXPECT_THAT(error("obs_unwritten"),
              HasSubstr("observation[1] ('wind') is nan, or was not written, "
                        "after step 61 of an episode"));
  EXPECT_THAT(error("obs_unwritten", 0), HasSubstr("or was not written, after a reset of env 0"));
}

TEST_P(StepWatch, ValuesOutsideTheirBoundsAreARemark) {
  take_remarks();
  step_faulty("obs_outside", 20, GetParam());
  const std::vector<std::string> remarks = take_remarks();
  if (std::string(GetParam()) == "none") {  // the second time nothing is new
    ASSERT_EQ(remarks.size(), 1u);
    EXPECT_THAT(remarks[0],
                HasSubstr("Faulty-v0: observation[0] ('position') is 40 after step 61 of an "
                          "episode of env "));
    EXPECT_THAT(remarks[0], HasSubstr("expected [-5, 5]"));
  }
  EXPECT_THAT(take_remarks(), IsEmpty());
}

TEST_P(StepWatch, AMetricThatIsNoNumberIsARemark) {
  take_remarks();
  step_faulty("metric_nan", 0, GetParam());
  const std::vector<std::string> remarks = take_remarks();
  if (std::string(GetParam()) == "none") {
    ASSERT_EQ(remarks.size(), 1u);
    EXPECT_THAT(remarks[0],
                HasSubstr("Faulty-v0: the metric 'success' is nan after an episode of env "));
  }
  EXPECT_THAT(take_remarks(), IsEmpty());
}

TEST_P(StepWatch, AnEnvInOrderIsLeftAlone) {
  take_remarks();
  step_faulty("none", 0, GetParam());
  EXPECT_THAT(take_remarks(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Places, StepWatch, testing::Values("none", "process"));

TEST(StepWatchOff, NothingIsSaid) {
  take_remarks();
  EXPECT_NO_THROW(step_faulty("reward_nan", 20, "none", /*watch=*/false));
  step_faulty("obs_outside", 20, "none", /*watch=*/false);
  EXPECT_THAT(take_remarks(), IsEmpty());
}

TEST(StepWatchReward, MayBeInfiniteWhereItIsClipped) {
  const EnvSpec& spec = registry().find(test_plugin("faulty")).spec;
  std::vector<float> obs(spec.obs.size());
  const auto watch = [&](float reward) {
    watch_step(spec, {2, 7, {}, /*may_be_infinite=*/true}, {reward, true, false},
               ObsRow(FloatRow(obs)));
  };
  EXPECT_NO_THROW(watch(-std::numeric_limits<float>::infinity()));
  EXPECT_THAT(error_of([&] { watch(std::nanf("")); }), HasSubstr("the reward is nan"));
}

TEST(StepWatchFlags, BothAtOnceAreRefused) {
  const EnvSpec& spec = registry().find(test_plugin("faulty")).spec;
  std::vector<float> obs(spec.obs.size());
  EXPECT_THAT(
      error_of([&] {
        watch_step(spec, {2, 7, {}}, {1, true, true}, ObsRow(FloatRow(obs)));
      }),
      HasSubstr("terminated and truncated are both set after step 7 of an episode of env 2"));
  EXPECT_NO_THROW(watch_step(spec, {2, 7, {}}, {1, true, false}, ObsRow(FloatRow(obs))));
}

TEST(StepWatchFlags, EveryInfinityIsSeen) {
  std::vector<float> values(37, 1);
  EXPECT_TRUE(all_finite(FloatRow(values)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (const float wrong :
         {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(),
          std::numeric_limits<float>::infinity()}) {
      values[i] = wrong;
      EXPECT_FALSE(all_finite(FloatRow(values))) << i;
      values[i] = 1;
    }
  }
}

}  // namespace
}  // namespace tern
