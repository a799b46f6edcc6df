// CliffWalking: oracle values by value iteration, worked examples of its rules, golden text of an
// episode, error texts. Its tables are held to the reference's in golden_test.cc.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "envs/value_iteration.h"
#include "tests/error_of.h"

namespace tern {
namespace {

struct Walk {
  explicit Walk(bool slippery = false)
      : env(registry().find("CliffWalking-v1").make(
            {{"slippery", slippery ? "true" : "false", "test"}})) {
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRow(FloatRow(&obs, 1)));
  }
  StepResult step(std::int32_t action) {
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng,
                     ObsRow(FloatRow(&obs, 1)));
  }

  Rng rng{0, "cliff"};
  std::unique_ptr<Env> env;
  float obs = 0;
};

constexpr int kUp = 0, kRight = 1, kDown = 2;

TEST(CliffWalking, TheBestValuesAreTheKnownOnes) {
  for (const bool slippery : {false, true}) {
    Walk walk(slippery);
    TransitionTable table;
    ASSERT_TRUE(walk.env->transitions(table));
    EXPECT_NEAR(solve_transitions(table, 1).values[36], slippery ? -64.71 : -13, 0.005);
  }
}

TEST(CliffWalking, AFallCostsAHundredAndGoesBackToTheStart) {
  Walk walk;
  const StepResult fall = walk.step(kRight);
  EXPECT_EQ(fall.reward, -100);
  EXPECT_FALSE(fall.terminated);
  EXPECT_EQ(walk.obs, 36);
  std::vector<float> terms(2), metrics(2);
  walk.env->reward_terms(FloatRow(terms));
  walk.env->metrics(FloatRow(metrics));
  EXPECT_EQ(terms, (std::vector<float>{0, -100}));
  EXPECT_EQ(metrics, (std::vector<float>{0, 1}));
}

TEST(CliffWalking, AlongTheEdgeItIsThirteenSteps) {
  Walk walk;
  float sum = walk.step(kUp).reward;
  for (int i = 0; i < 11; ++i) sum += walk.step(kRight).reward;
  EXPECT_EQ(walk.obs, 35);
  const StepResult last = walk.step(kDown);
  EXPECT_EQ(sum + last.reward, -13);
  EXPECT_TRUE(last.terminated);
  std::vector<float> metrics(2);
  walk.env->metrics(FloatRow(metrics));
  EXPECT_EQ(metrics, (std::vector<float>{1, 0}));
}

TEST(CliffWalking, LooksLikeThis) {
  Walk walk;
  walk.step(kUp);
  walk.step(kRight);
  TextCanvas canvas(24, 4);
  walk.env->draw(canvas);
  EXPECT_EQ("\n" + canvas.str(), R"(
. . . . . . . . . . . .
. . . . . . . . . . . .
. @ . . . . . . . . . .
S C C C C C C C C C C G
)");
}

TEST(CliffWalking, HasNoTimeLimitUnlessGivenOne) {
  const EnvEntry& entry = registry().find("CliffWalking-v1");
  EXPECT_EQ(entry.make({})->spec().max_episode_steps, 0);
  EXPECT_EQ(entry.make({{"max_steps", "70", "test"}})->spec().max_episode_steps, 70);
}

TEST(CliffWalking, AStateOffTheBoardIsRefused) {
  Walk walk;
  const double state = 48;
  EXPECT_EQ(error_of([&] { walk.env->set_state(ConstDoubleRow(&state, 1)); }, ExitCode::kUsage),
            "CliffWalking-v1: there is no cell 48; expected 0 to 47");
}

}  // namespace
}  // namespace tern
