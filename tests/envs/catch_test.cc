// Catch: worked examples of its rules and golden text of an episode.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"

namespace tern {
namespace {

/// A catch env whose ball starts in a given column.
struct Game {
  explicit Game(int column) {
    Rng rng(0, "catch");
    ResetContext ctx{rng, 0};
    env->reset(ctx, ObsRow(FloatRow(obs)));
    env->set_state(std::vector<double>{0, static_cast<double>(column), 2});
  }
  StepResult step(std::int32_t action) {
    Rng rng(0, "unused");
    return env->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng, ObsRow(FloatRow(obs)));
  }
  /// Plays the actions, then stays until the ball has landed; the last result.
  StepResult play(const std::vector<std::int32_t>& actions) {
    for (std::size_t t = 0; t < 8; ++t) {
      const StepResult result = step(t < actions.size() ? actions[t] : 1);
      EXPECT_EQ(result.reward, 0);
      EXPECT_FALSE(result.terminated);
    }
    return step(actions.size() > 8 ? actions[8] : 1);
  }

  std::unique_ptr<Env> env = registry().find("Catch-v0").make({});
  std::vector<float> obs = std::vector<float>(50);
};

TEST(Catch, PaysOneForACaughtBallAndMinusOneForAMissedOne) {
  EXPECT_EQ(Game(2).play({}).reward, 1);
  EXPECT_EQ(Game(3).play({}).reward, -1);
  EXPECT_EQ(Game(4).play({2, 2}).reward, 1);
  EXPECT_EQ(Game(0).play({0, 0, 0, 0}).reward, 1);  // the paddle stays at the wall
  EXPECT_TRUE(Game(2).play({}).terminated);
}

TEST(Catch, ThePaddleMovesBeforeTheBallLands) {
  EXPECT_EQ(Game(3).play({1, 1, 1, 1, 1, 1, 1, 1, 2}).reward, 1);
}

TEST(Catch, SuccessIsACaughtBall) {
  for (const int column : {2, 3}) {
    Game game(column);
    game.play({});
    float success = -1;
    game.env->metrics(FloatRow(&success, 1));
    EXPECT_EQ(success, column == 2 ? 1 : 0);
  }
}

TEST(Catch, ShowsBallAndPaddle) {
  Game game(4);
  game.step(0);
  std::vector<float> expected(50);
  expected[1 * 5 + 4] = 1;
  expected[9 * 5 + 1] = 1;
  EXPECT_EQ(game.obs, expected);
}

TEST(Catch, BallsStartInAllColumns) {
  Game game(0);
  Rng rng(0, "columns");
  std::vector<int> counts(5);
  for (int i = 0; i < 5000; ++i) {
    ResetContext ctx{rng, 0};
    game.env->reset(ctx, ObsRow(FloatRow(game.obs)));
    DoubleVec state;
    game.env->get_state(state);
    EXPECT_EQ(state[0], 0);
    EXPECT_EQ(state[2], 2);
    ++counts[static_cast<std::size_t>(state[1])];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 5 * 28.3);  // five standard deviations
}

TEST(Catch, LooksLikeThis) {
  Game game(4);
  game.step(2);
  game.step(2);
  TextCanvas canvas(10, 10);
  game.env->draw(canvas);
  EXPECT_EQ("\n" + canvas.str(), R"(
. . . . .
. . . . .
. . . . oo
. . . . .
. . . . .
. . . . .
. . . . .
. . . . .
. . . . .
. . . . =-
)");
}

TEST(Catch, AStateOffTheBoardIsRefused) {
  Game game(0);
  EXPECT_EQ(error_of([&] { game.env->set_state(std::vector<double>{10, 0, 2}); }, ExitCode::kUsage),
            "Catch-v0: ball at row 10, column 0 and paddle at column 2 are not on the board; "
            "expected rows 0 to 9 and columns 0 to 4");
  EXPECT_THROW(game.env->set_state(std::vector<double>{0, 0.5, 2}), Error);
  EXPECT_THROW(game.env->set_state(std::vector<double>{0, 0, -1}), Error);
}

}  // namespace
}  // namespace tern
