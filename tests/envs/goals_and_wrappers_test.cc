// Proof: laws. Through wrappers the goals of an env stay what its relabel() reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "tests/envs/env_params.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Goals are images beside an image; the reward says whether they are the same.
class PictureGoal final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "PictureGoal-v0";
      made.obs.image("screen", 2, 2, 3, 0, 255)
          .image("achieved goal", 2, 2, 3, 0, 255)
          .image("desired goal", 2, 2, 3, 0, 255);
      made.action = ActionSpace::discrete({"go"});
      made.max_episode_steps = 9;
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override {
    for (std::size_t i = 0; i < obs.size(); ++i) obs[i] = static_cast<float>(i);
  }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    for (std::size_t i = 0; i < obs.size(); ++i) obs[i] = static_cast<float>(i);
    return {-1, false, false};
  }
  float relabel(const GoalView& achieved, const GoalView& desired) const override {
    return achieved.size() == 12 && desired.size() == 12 ? 5.0f : -99.0f;
  }
};

float relabel_seen(Env& env, ObsRow obs) {
  GoalView achieved, desired;
  for (const Field& field : env.spec().obs.fields()) {
    const GoalView view = obs.floats().subrow(field.offset, field.size());
    if (field.name == "achieved goal") achieved = view;
    if (field.name == "desired goal") desired = view;
  }
  return env.relabel(achieved, desired);
}

TEST(GoalsAndWrappers, ImageWrappersLeaveTheGoalsAsRelabelReadsThem) {
  for (const Setting& setting : {Setting{{"grey", "true"}}, Setting{{"resize", "[1, 1]"}}}) {
    Batch<PictureGoal> batch({}, params(setting));
    EXPECT_EQ(relabel_seen(batch.envs.env(0), batch->obs[0]), 5);
  }
}

TEST(GoalsAndWrappers, RelabelAgreesWithStepThroughThoseThatKeepGoals) {
  const EnvEntry& entry = registry().find("BitFlip-v0");
  for (const Setting& setting :
       {Setting{}, Setting{{"sticky_actions", "0.5"}}, Setting{{"time_aware", "true"}}}) {
    const auto env = entry.make(params(setting));
    StepBuffers buffers(env->spec().obs, env->spec().action, env->spec().metrics.size(), 1);
    Rng rng(0, "env"), driver(1, "driver");
    for (int episode = 0; episode < 20; ++episode) {
      ResetContext ctx{rng, 0};
      env->reset(ctx, buffers.batch.obs[0]);
      for (int t = 0; t < env->spec().max_episode_steps; ++t) {
        random_action(env->spec().action, MaskRow(), driver, buffers.actions[0]);
        const StepResult result = env->step(buffers.actions[0], rng, buffers.batch.obs[0]);
        ASSERT_EQ(relabel_seen(*env, buffers.batch.obs[0]), result.reward);
        if (result.terminated) break;
      }
    }
  }
}

TEST(GoalsAndWrappers, ASumOfRewardsCannotBeRelabelled) {
  EXPECT_THAT(
      error_of(
          [] {
            registry().find("BitFlip-v0").make(params({{"action_repeat", "2"}}));
          },
          ExitCode::kUsage),
      AllOf(HasSubstr("env.action_repeat: BitFlip-v0 has goals"), HasSubstr("leave the key out")));
}

}  // namespace
}  // namespace tern
