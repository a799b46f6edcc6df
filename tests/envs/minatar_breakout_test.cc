// MinAtar's Breakout: worked examples of each rule by hand, golden texts.

#include "tests/envs/minatar_game.h"

namespace tern::minatar {
namespace {

const std::map<std::string, double> kFromTheLeft = {
    {"ball row", 3}, {"ball column", 0}, {"ball goes right", 1},
    {"trail row", 3}, {"trail column", 0}};

/// A ball in flight: no trail, no bricks met.
Game with_ball(int row, int column, int goes_right, int goes_down, int paddle) {
  Game game("Breakout");
  game.set({{"ball row", row}, {"ball column", column}, {"ball goes right", goes_right},
            {"ball goes down", goes_down}, {"paddle", paddle}});
  return game;
}

TEST(Breakout, AnEpisodeLooksLikeThis) {
  Game game("Breakout");
  game.set(kFromTheLeft);
  EXPECT_EQ(game.text(), R"(
. . . . . . . . . .
# # # # # # # # # #
# # # # # # # # # #
o # # # # # # # # #
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . = . . . . .
)");
  // Five frames down to row 8; in the sixth the paddle is right below the ball.
  EXPECT_EQ(game.play({kN, kR, kN, kN, kN}).reward, 0);
  EXPECT_EQ(game.rows(7, 9), "\n. . . . * . . . . .\n. . . . . o . . . .\n. . . . . = . . . .\n");
  game.step(kN);
  EXPECT_EQ(game.rows(7, 9), "\n. . . . . . . . . .\n. . . . . * o . . .\n. . . . . = . . . .\n");
  // Up to the right wall, which turns it, and into a brick.
  game.wait(4);
  EXPECT_EQ(game.rows(3, 6), R"(
# # # # # # # # # #
. . . . . . . . . o
. . . . . . . . . *
. . . . . . . . . .
)");
  EXPECT_EQ(game.step(kN).reward, 1);
  EXPECT_EQ(game.rows(3, 5), R"(
# # # # # # # # . #
. . . . . . . . o *
. . . . . . . . . .
)");
  game.play({kL, kL});
  EXPECT_EQ(game.rows(5, 9), R"(
. . . . . . . * . .
. . . . . . o . . .
. . . . . . . . . .
. . . . . . . . . .
. . . = . . . . . .
)");
  const StepResult end = game.play({kL, kL, kL});
  EXPECT_TRUE(end.terminated);
  EXPECT_EQ(end.reward, 0);
  EXPECT_EQ(game.rows(7, 9), "\n. . . . . . . . . .\n. . . . * . . . . .\n= . . x . . . . . .\n");
}

TEST(Breakout, TheObservationHasOneChannelForEachThing) {
  Game game("Breakout");
  game.set(kFromTheLeft);
  game.step(kR);
  EXPECT_EQ(game.seen(0, 9, 9), "\n.....1....\n");
  EXPECT_EQ(game.seen(1, 3, 5), "\n..........\n.1........\n..........\n");
  EXPECT_EQ(game.seen(2, 3, 5), "\n1.........\n..........\n..........\n");
  EXPECT_EQ(game.seen(3, 0, 4),
            "\n..........\n1111111111\n1111111111\n1111111111\n..........\n");
}

TEST(Breakout, StartsInEitherCornerAlike) {
  int left = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Game game("Breakout", {}, seed);
    const double column = game.get("ball column");
    EXPECT_EQ(game.get("ball goes right"), column == 0 ? 1 : 0);
    EXPECT_TRUE(column == 0 || column == 9);
    left += column == 0 ? 1 : 0;
  }
  EXPECT_NEAR(left, 200, 50);  // five standard deviations
}

TEST(Breakout, BesideThePaddleTheBallGoesBackWhereItCameFrom) {
  Game game = with_ball(8, 3, 1, 1, 4);
  EXPECT_FALSE(game.step(kN).terminated);
  EXPECT_EQ(game.get("ball row"), 8);
  EXPECT_EQ(game.get("ball column"), 4);
  EXPECT_EQ(game.get("ball goes right"), 0);
  EXPECT_EQ(game.get("ball goes down"), 0);
}

TEST(Breakout, AboveThePaddleTheBallGoesOnToItsSide) {
  Game game = with_ball(8, 4, 1, 1, 4);
  EXPECT_FALSE(game.step(kN).terminated);
  EXPECT_EQ(game.get("ball column"), 5);
  EXPECT_EQ(game.get("ball goes right"), 1);
  EXPECT_EQ(game.get("ball goes down"), 0);
}

TEST(Breakout, ThePaddleMovesBeforeTheBall) {
  EXPECT_FALSE(with_ball(8, 4, 1, 1, 3).step(kR).terminated);
  EXPECT_TRUE(with_ball(8, 4, 1, 1, 5).step(kR).terminated);
}

TEST(Breakout, ThePaddleStaysInside) {
  Game game = with_ball(4, 4, 1, 0, 0);
  game.step(kL);
  EXPECT_EQ(game.get("paddle"), 0);
  game = with_ball(4, 4, 1, 0, 9);
  game.step(kR);
  EXPECT_EQ(game.get("paddle"), 9);
}

TEST(Breakout, TheTopCornerTurnsTheBallBothWays) {
  Game game = with_ball(0, 9, 1, 0, 4);
  game.step(kN);
  EXPECT_EQ(game.get("ball row"), 0);
  EXPECT_EQ(game.get("ball column"), 9);
  EXPECT_EQ(game.get("ball goes right"), 0);
  EXPECT_EQ(game.get("ball goes down"), 1);
}

TEST(Breakout, ABallThatMeetsBricksTwiceInARowBreaksTheFirstOnly) {
  Game game = with_ball(4, 5, 1, 0, 0);
  game.set({{"has met brick", 1}});
  EXPECT_EQ(game.wait(3).reward, 0);  // through all three rows
  EXPECT_EQ(game.get("ball row"), 1);
  EXPECT_EQ(game.wait(2).reward, 0);  // to the top and round: 0, 0
  EXPECT_EQ(game.get("ball row"), 0);
  EXPECT_EQ(game.get("has met brick"), 0);
  EXPECT_EQ(game.step(kN).reward, 1);
}

TEST(Breakout, BricksComeBackWhenNoneIsLeftAndTheBallIsDown) {
  const std::map<std::string, double> none = {
      {"bricks of row 1", 0}, {"bricks of row 2", 0}, {"bricks of row 3", 0}};
  Game game = with_ball(7, 3, 1, 1, 4);
  game.set(none);
  game.step(kN);
  EXPECT_EQ(game.rows(0, 4), R"(
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
)");
  game.step(kN);
  EXPECT_EQ(game.rows(0, 4), R"(
. . . . . . . . . .
# # # # # # # # # #
# # # # # # # # # #
# # # # # # # # # #
. . . . . . . . . .
)");
  Game one_left = with_ball(8, 4, 1, 1, 4);
  one_left.set(none);
  one_left.set({{"bricks of row 2", 16}});
  one_left.step(kN);
  EXPECT_EQ(one_left.rows(1, 3), R"(
. . . . . . . . . .
. . . . # . . . . .
. . . . . . . . . .
)");
}

}  // namespace
}  // namespace tern::minatar
