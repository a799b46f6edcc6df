// FrozenLake: worked examples of its rules, laws that tie step() to transitions(), golden text of an
// episode, and error texts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "envs/value_iteration.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using Outcomes = std::vector<Transition>;

std::unique_ptr<Env> lake(const std::string& map, bool slippery) {
  return registry().find("FrozenLake-v1").make(
      {{"map", map, "test"}, {"slippery", slippery ? "true" : "false", "test"}});
}

TransitionTable table_of(const Env& env) {
  TransitionTable table;
  EXPECT_TRUE(env.transitions(table));
  return table;
}

bool same_outcome(const Transition& a, const Transition& b) {
  return std::fabs(a.probability - b.probability) < 1e-12 && a.next_state == b.next_state &&
         a.reward == b.reward && a.terminated == b.terminated;
}

void expect_outcomes(const Outcomes& ours, const Outcomes& expected) {
  ASSERT_EQ(ours.size(), expected.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_TRUE(same_outcome(ours[i], expected[i])) << "outcome " << i;
  }
}

TEST(FrozenLakeTable, OfAMapOfTwoRowsIsAsByHand) {
  // S F H
  // F F G
  const TransitionTable table = table_of(*lake("SFH/FFG", /*slippery=*/false));
  ASSERT_EQ(table.outcomes.size(), 6u);
  EXPECT_EQ(table.initial, (std::vector<double>{1, 0, 0, 0, 0, 0}));
  expect_outcomes(table.outcomes[0][0], {{1, 0, 0, false}});  // left, against the border
  expect_outcomes(table.outcomes[0][1], {{1, 3, 0, false}});  // down
  expect_outcomes(table.outcomes[1][2], {{1, 2, 0, true}});   // right, into the hole
  expect_outcomes(table.outcomes[4][2], {{1, 5, 1, true}});   // right, to the goal
  expect_outcomes(table.outcomes[4][3], {{1, 1, 0, false}});  // up
  expect_outcomes(table.outcomes[2][0], {{1, 2, 0, true}});   // a hole keeps what is in it
  expect_outcomes(table.outcomes[5][0], {{1, 5, 0, true}});   // as the goal does, without reward
}

TEST(FrozenLakeTable, OnSlipperyIceEachMoveGoesThreeWays) {
  const TransitionTable table = table_of(*lake("SFH/FFG", /*slippery=*/true));
  constexpr double k = 1.0 / 3;
  // From 4, right: up, right, down in the order of the reference: one turn less, straight, one more.
  expect_outcomes(table.outcomes[4][2], {{k, 4, 0, false}, {k, 5, 1, true}, {k, 1, 0, false}});
  // From 0, up: right, up against the border, left against the border.
  expect_outcomes(table.outcomes[0][3], {{k, 1, 0, false}, {k, 0, 0, false}, {k, 0, 0, false}});
  expect_outcomes(table.outcomes[2][1], {{1, 2, 0, true}});
}

TEST(FrozenLakeTable, SeveralStartsAreEquallyLikely) {
  const std::unique_ptr<Env> env = lake("SFS/FFG/SFF", false);
  EXPECT_EQ(table_of(*env).initial[2], 1.0 / 3);
  std::vector<int> counts(9);
  float obs = 0;
  Rng rng(0, "starts");
  for (int i = 0; i < 3000; ++i) {
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRow(FloatRow(&obs, 1)));
    ++counts[static_cast<std::size_t>(obs)];
  }
  for (const std::size_t start : {0u, 2u, 6u}) EXPECT_NEAR(counts[start], 1000, 5 * 26);
  EXPECT_EQ(counts[0] + counts[2] + counts[6], 3000);
}

TEST(FrozenLakeStep, SlipsAsOftenAsTheTableSays) {
  const std::unique_ptr<Env> env = lake("FFF/FSF/FFG", true);
  constexpr int kSteps = 30'000;
  std::vector<int> counts(9);
  float obs = 0;
  Rng rng(0, "slips");
  ResetContext ctx{rng, 0};
  const std::int32_t right = 2;
  for (int i = 0; i < kSteps; ++i) {
    env->reset(ctx, ObsRow(FloatRow(&obs, 1)));
    env->step(ActionRow(Row<const std::int32_t>(&right, 1)), rng, ObsRow(FloatRow(&obs, 1)));
    ++counts[static_cast<std::size_t>(obs)];
  }
  // Five standard deviations of a count with probability 1/3.
  const double bound = 5 * std::sqrt(kSteps * 2.0 / 9);
  for (const std::size_t cell : {1u, 5u, 7u}) EXPECT_NEAR(counts[cell], kSteps / 3.0, bound);
  EXPECT_EQ(counts[1] + counts[5] + counts[7], kSteps);
}

TEST(FrozenLakeTable, HasTheKnownOptimalValueOfTheStart) {
  // 0.5420 at a discount of 0.99 is the figure that textbooks' solutions of this lake give.
  const TabularOptimum optimum = solve_transitions(table_of(*lake("4x4", true)), 0.99);
  EXPECT_NEAR(optimum.values[0], 0.5420, 5e-5);
}

TEST(FrozenLakeStep, ThePolicyOfTheTableScoresWhatTheTableSays) {
  for (const char* map : {"4x4", "SFFF/HFFF/FFFG", "8x8"}) {
    const TransitionTable table = table_of(*lake(map, true));
    const TabularOptimum optimum = solve_transitions(table, 0.9999);
    const std::vector<int>& policy = optimum.best_actions;
    const double expected = optimum.values[0];
    VecEnv envs(registry().find("FrozenLake-v1"), {{"map", map, "test"}},
                {.num_envs = 64, .time_limit = false});
    StepBuffers buffers(envs.spec().obs, envs.spec().action, 1, 64);
    envs.reset(buffers.batch.obs, buffers.batch.mask);
    double score = 0, successes = 0;
    int episodes = 0;
    for (int t = 0; t < 4000; ++t) {
      for (std::size_t i = 0; i < 64; ++i) {
        buffers.actions[i].discrete() = policy[static_cast<std::size_t>(buffers.batch.obs[i][0])];
      }
      envs.step(buffers.actions, buffers.batch);
      for (std::size_t i = 0; i < 64; ++i) {
        if (!buffers.batch.terminated[i]) continue;
        ++episodes;
        successes += buffers.batch.episode_metrics[i];
        score += buffers.batch.episode_return[i] *
                 std::pow(0.9999, buffers.batch.episode_length[i] - 1);
      }
    }
    // A return lies in [0, 1], so its standard deviation is at most 1/2.
    EXPECT_NEAR(score / episodes, expected, 5 * 0.5 / std::sqrt(episodes)) << map;
    EXPECT_GE(successes, score);
  }
}

TEST(FrozenLake, TheLimitFollowsTheMap) {
  EXPECT_EQ(lake("4x4", true)->spec().max_episode_steps, 100);
  EXPECT_EQ(lake("8x8", true)->spec().max_episode_steps, 200);
  EXPECT_EQ(lake("SFFF/FHFH/FFFH/HFFG", true)->spec().max_episode_steps, 100);
  EXPECT_EQ(lake("SFFFFG", true)->spec().max_episode_steps, 150);  // the longer side
  EXPECT_EQ(lake("generated", true)->spec().max_episode_steps, 200);
}

TEST(FrozenLake, AGeneratedMapIsTheLevelsAndShowsItsHoles) {
  const std::unique_ptr<Env> env = lake("generated", false);
  std::vector<float> obs(65);
  for (const std::uint64_t level : {3, 999'999, 3}) {
    Rng rng(0, "");
    ResetContext ctx{rng, level};
    env->reset(ctx, ObsRow(FloatRow(obs)));
    const TransitionTable table = table_of(*env);
    for (std::size_t cell = 0; cell < 63; ++cell) {
      // The goal aside, a cell that ends the episode for whoever stands on it is a hole.
      EXPECT_EQ(obs[1 + cell] == 1, table.outcomes[cell][0][0].terminated &&
                                        table.outcomes[cell][0][0].next_state ==
                                            static_cast<int>(cell))
          << level << " " << cell;
    }
  }
}

TEST(FrozenLake, AnEpisodeLooksLikeThis) {
  const std::unique_ptr<Env> env = lake("4x4", false);
  float obs = 0;
  Rng rng(0, "");
  ResetContext ctx{rng, 0};
  env->reset(ctx, ObsRow(FloatRow(&obs, 1)));
  std::string episode;
  const auto show = [&] {
    TextCanvas canvas(8, 4);
    env->draw(canvas);
    episode += canvas.str() + "\n";
  };
  show();
  for (const std::int32_t action : {1, 1, 2, 1, 2, 2}) {
    env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, ObsRow(FloatRow(&obs, 1)));
    if (action == 2) show();
  }
  EXPECT_EQ("\n" + episode, R"(
@o. . .
. Ho. Ho
. . . Ho
Ho. . G#

S . . .
. Ho. Ho
. @o. Ho
Ho. . G#

S . . .
. Ho. Ho
. . . Ho
Ho. @oG#

S . . .
. Ho. Ho
. . . Ho
Ho. . @o

)");
}

TEST(FrozenLake, AStateThatIsNoCellIsRefused) {
  const std::unique_ptr<Env> env = lake("4x4", true);
  for (const double state : {16.0, -1.0, 0.5, std::nan("")}) {
    EXPECT_EQ(error_of([&] { env->set_state(DoubleRow(&state, 1)); }, ExitCode::kUsage),
              "FrozenLake-v1: there is no cell " + format_number(state) + "; expected 0 to 15");
  }
}

TEST(FrozenLake, ASizeWithoutAGeneratedMapIsRefused) {
  const EnvEntry& entry = registry().find("FrozenLake-v1");
  EXPECT_EQ(error_of([&] { entry.make({{"size", "5", "a.yaml:3"}}); }, ExitCode::kUsage),
            "a.yaml:3: env.size: 5 given, but env.map is '4x4'; expected it with env.map=generated "
            "only (FrozenLake-v1)");
  EXPECT_EQ(error_of([&] { entry.make({{"map", "generated", ""}, {"size", "1", "a.yaml:3"}}); },
                     ExitCode::kUsage),
            "a.yaml:3: env.size: 1 is too small a lake; expected 2 to 64 (FrozenLake-v1)");
}

}  // namespace
}  // namespace tern
