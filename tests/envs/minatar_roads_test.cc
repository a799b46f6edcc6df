// MinAtar's Asterix and Freeway: worked examples of each rule by hand, golden texts.

#include <cmath>

#include "tests/envs/minatar_game.h"

namespace tern::minatar {
namespace {

constexpr double kEnemy = 1, kGold = 2;

/// Puts a thing into a lane of Asterix.
void put(Game& game, int row, double thing, int column, int goes_right) {
  const std::string lane = "lane " + std::to_string(row);
  game.set({{lane + " thing", thing}, {lane + " column", column},
            {lane + " goes right", goes_right}});
}

TEST(Asterix, AnEpisodeLooksLikeThis) {
  Game game("Asterix");
  put(game, 3, kEnemy, 2, 1);
  put(game, 4, kGold, 7, 0);
  put(game, 5, kGold, 7, 1);
  game.set({{"move timer", 2}});
  EXPECT_EQ(game.step(kR).reward, 0);
  EXPECT_EQ(game.text(), R"(

. . . . . . . . . .
. . . . . . . . . .
. - > . . . . . . .
. . . . . . . $ - .
. . . . . . @ $ . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .

)");
  EXPECT_EQ(game.step(kR).reward, 1);  // to the gold
  EXPECT_EQ(game.step(kU).reward, 1);  // to the other gold, before it moves
  EXPECT_EQ(game.rows(3, 5), "\n. . - > . . . . . .\n. . . . . . . @ . .\n. . . . . . . . . .\n");
  EXPECT_EQ(game.get("lane 4 thing"), 0);
  EXPECT_EQ(game.play({kU, kL, kL}).reward, 0);
  EXPECT_EQ(game.rows(3, 3), "\n. . - > . @ . . . .\n");
  EXPECT_FALSE(game.step(kL).terminated);
  EXPECT_TRUE(game.step(kL).terminated);  // contact, then all things move
  EXPECT_EQ(game.rows(3, 3), "\n. . . x > . . . . .\n");
}

TEST(Asterix, TheObservationHasOneChannelForEachThing) {
  Game game("Asterix");
  put(game, 3, kEnemy, 2, 1);
  put(game, 4, kGold, 9, 0);
  put(game, 6, kEnemy, 9, 0);  // just came: its trail lies beside the board
  put(game, 7, kGold, 3, 0);
  game.step(kN);
  EXPECT_EQ(game.seen(0, 5, 5), "\n.....1....\n");
  EXPECT_EQ(game.seen(1, 3, 7), "\n..1.......\n..........\n..........\n.........1\n..........\n");
  EXPECT_EQ(game.seen(2, 3, 7), "\n.1........\n..........\n..........\n..........\n....1.....\n");
  EXPECT_EQ(game.seen(3, 3, 7), "\n..........\n.........1\n..........\n..........\n...1......\n");
}

TEST(Asterix, WhatMovesOntoThePlayerIsMetToo) {
  for (const int goes_right : {0, 1}) {
    Game game("Asterix");
    put(game, 5, kGold, goes_right != 0 ? 4 : 6, goes_right);
    game.set({{"move timer", 0}});
    EXPECT_EQ(game.step(kN).reward, 1);
    put(game, 5, kEnemy, goes_right != 0 ? 4 : 6, goes_right);
    game.set({{"move timer", 0}});
    EXPECT_TRUE(game.step(kN).terminated);
  }
}

TEST(Asterix, ThingsMoveInTheFrameInWhichTheTimerIsUpAndLeaveTheBoard) {
  Game game("Asterix");
  put(game, 2, kEnemy, 8, 1);
  put(game, 7, kGold, 1, 0);
  game.wait(5);
  EXPECT_EQ(game.get("lane 2 column"), 8);
  game.step(kN);
  EXPECT_EQ(game.get("lane 2 column"), 9);
  EXPECT_EQ(game.get("lane 7 column"), 0);
  game.set({{"move timer", 0}, {"spawn timer", 9}});
  game.step(kN);
  EXPECT_EQ(game.get("lane 2 thing"), 0);
  EXPECT_EQ(game.get("lane 7 thing"), 0);
}

TEST(Asterix, TheFirstThingComesInFrameElevenInAnyLaneAndMovesAtOnce) {
  int gold = 0, right = 0;
  int lanes[9] = {};
  constexpr int kSeeds = 2000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Game game("Asterix", {}, seed);
    game.wait(10);
    for (int row = 1; row <= 8; ++row) {
      EXPECT_EQ(game.get("lane " + std::to_string(row) + " thing"), 0);
    }
    game.step(kN);
    for (int row = 1; row <= 8; ++row) {
      const std::string lane = "lane " + std::to_string(row);
      if (game.get(lane + " thing") == 0) continue;
      ++lanes[row];
      gold += game.get(lane + " thing") == kGold ? 1 : 0;
      right += game.get(lane + " goes right") == 1 ? 1 : 0;
      EXPECT_EQ(game.get(lane + " column"), game.get(lane + " goes right") == 1 ? 1 : 8);
    }
  }
  const auto five_deviations = [](double p) { return 5 * std::sqrt(kSeeds * p * (1 - p)); };
  EXPECT_NEAR(gold, kSeeds / 3.0, five_deviations(1.0 / 3));
  EXPECT_NEAR(right, kSeeds / 2.0, five_deviations(0.5));
  for (int row = 1; row <= 8; ++row) EXPECT_NEAR(lanes[row], kSeeds / 8.0, five_deviations(0.125));
}

TEST(Asterix, NothingComesWhereNoLaneIsFree) {
  Game game("Asterix");
  for (int row = 1; row <= 8; ++row) put(game, row, kGold, row == 5 ? 0 : 3, 1);
  game.set({{"spawn timer", 0}});
  game.step(kN);
  for (int row = 1; row <= 8; ++row) {
    EXPECT_EQ(game.get("lane " + std::to_string(row) + " column"), row == 5 ? 0 : 3);
  }
  EXPECT_EQ(game.get("spawn timer"), 9);  // started again all the same
}

TEST(Asterix, ThePlayerStaysInTheLanes) {
  Game game("Asterix");
  game.set({{"row", 1}, {"column", 0}});
  game.play({kU, kL});
  EXPECT_EQ(game.get("row"), 1);
  EXPECT_EQ(game.get("column"), 0);
  game.set({{"row", 8}, {"column", 9}});
  game.play({kD, kR});
  EXPECT_EQ(game.get("row"), 8);
  EXPECT_EQ(game.get("column"), 9);
}

TEST(Asterix, BecomesHarderEvery102Frames) {
  Game game("Asterix");
  for (int frame = 1; frame <= 204; ++frame) {
    for (int row = 1; row <= 8; ++row) put(game, row, kGold, 0, 1);  // no danger comes
    game.step(kN);
    EXPECT_EQ(game.get("ramp"), frame / 102);
    EXPECT_EQ(game.get("spawn interval"), 10 - frame / 102);
    EXPECT_EQ(game.get("move interval"), frame < 204 ? 5 : 4);
  }
}

TEST(Asterix, StopsBecomingHarderWhereItIsFastest) {
  Game game("Asterix");
  game.set({{"spawn interval", 1}, {"move interval", 2}, {"ramp timer", -1}, {"ramp", 9},
            {"spawn timer", 1}, {"move timer", 1}});
  game.step(kN);
  EXPECT_EQ(game.get("spawn interval"), 1);
  EXPECT_EQ(game.get("move interval"), 1);
  EXPECT_EQ(game.get("ramp"), 10);
  game.set({{"ramp timer", -1}});
  game.step(kN);
  EXPECT_EQ(game.get("ramp"), 10);
  Game easy("Asterix", {{"difficulty_ramping", "false", "test"}});
  easy.set({{"ramp timer", -1}});
  easy.step(kN);
  EXPECT_EQ(easy.get("ramp"), 0);
  EXPECT_EQ(easy.get("spawn interval"), 10);
}

/// Puts the car of a lane of Freeway.
void put_car(Game& game, int row, int column, int goes_right, int pause, int timer) {
  const std::string car = "car " + std::to_string(row);
  game.set({{car + " column", column}, {car + " goes right", goes_right}, {car + " pause", pause},
            {car + " timer", timer}});
}

/// A road whose cars stand in column 0, on their way to the right, for five frames more.
Game quiet_road() {
  Game game("Freeway");
  for (int row = 1; row <= 8; ++row) put_car(game, row, 0, 1, 5, 5);
  game.set({{"rest", 0}});
  return game;
}

TEST(Freeway, AnEpisodeLooksLikeThis) {
  Game game = quiet_road();
  put_car(game, 8, 2, 1, 1, 0);
  put_car(game, 7, 9, 0, 3, 1);
  EXPECT_EQ(game.step(kU).reward, 0);
  EXPECT_EQ(game.text(), R"(
. . . . . . . . . .
> . . . . . . . . 5
> . . . . . . . . 5
> . . . . . . . . 5
> . . . . . . . . 5
> . . . . . . . . 5
> . . . . . . . . 5
3 . . . . . . . . <
. . 1 > @ . . . . .
. . . . . . . . . .
)");
  game.wait(2);  // the car goes on in every other frame, into the chicken
  EXPECT_EQ(game.rows(7, 9), R"(
. . . . . . . . < 3
. . . 1 > . . . . .
. . . . @ . . . . .
)");
}

TEST(Freeway, TheObservationHasOneChannelForEachPause) {
  Game game = quiet_road();
  put_car(game, 4, 9, 0, 2, 2);
  put_car(game, 5, 4, 0, 4, 2);
  game.step(kN);
  EXPECT_EQ(game.seen(0, 9, 9), "\n....1.....\n");
  EXPECT_EQ(game.seen(1, 3, 5), "\n1.........\n.........1\n....1.....\n");
  EXPECT_EQ(game.seen(3, 3, 5), "\n..........\n1.........\n..........\n");
  EXPECT_EQ(game.seen(5, 3, 5), "\n..........\n..........\n.....1....\n");
  EXPECT_EQ(game.seen(6, 3, 5), "\n.........1\n..........\n..........\n");
}

TEST(Freeway, TheChickenMovesInEveryThirdFrameAndRestsAtTheStart) {
  Game game = quiet_road();
  game.set({{"rest", 3}});
  std::vector<double> rows;
  for (int frame = 0; frame < 8; ++frame) {
    game.step(kU);
    rows.push_back(game.get("row"));
  }
  EXPECT_EQ(rows, (std::vector<double>{9, 9, 9, 8, 8, 8, 7, 7}));
  game.play({kD, kD});
  EXPECT_EQ(game.get("row"), 8);
}

TEST(Freeway, StartsBelowTheRoadWithAllCarsAtItsLeftSide) {
  const Game game("Freeway");
  EXPECT_EQ(game.get("row"), 9);
  EXPECT_EQ(game.get("rest"), 3);
  for (int row = 1; row <= 8; ++row) {
    const std::string car = "car " + std::to_string(row);
    EXPECT_EQ(game.get(car + " column"), 0);
    EXPECT_EQ(game.get(car + " timer"), game.get(car + " pause"));
  }
}

TEST(Freeway, APushAtTheEdgeCostsARest) {
  Game game = quiet_road();
  game.step(kD);
  EXPECT_EQ(game.get("row"), 9);
  EXPECT_EQ(game.get("rest"), 2);
}

TEST(Freeway, ACarMovesAfterItsPauseAndComesBackByTheOtherSide) {
  Game game = quiet_road();
  put_car(game, 2, 8, 1, 2, 2);
  put_car(game, 6, 0, 0, 1, 0);
  std::vector<double> right, left;
  for (int frame = 0; frame < 6; ++frame) {
    game.step(kN);
    right.push_back(game.get("car 2 column"));
    left.push_back(game.get("car 6 column"));
  }
  EXPECT_EQ(right, (std::vector<double>{8, 8, 9, 9, 9, 0}));
  EXPECT_EQ(left, (std::vector<double>{9, 9, 8, 8, 7, 7}));
}

TEST(Freeway, WalkingIntoACarIsAHitToo) {
  Game game = quiet_road();
  put_car(game, 3, 4, 1, 5, 5);
  game.set({{"row", 4}});
  game.step(kU);
  EXPECT_EQ(game.get("row"), 9);
}

TEST(Freeway, ACrossingPaysAndBringsNewTraffic) {
  int pauses[6] = {}, right = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Game game = quiet_road();
    game.rng = Rng(seed, "crossing");
    put_car(game, 2, 6, 1, 5, 5);
    game.set({{"row", 1}});
    EXPECT_EQ(game.step(kU).reward, 1);
    EXPECT_EQ(game.get("row"), 9);
    EXPECT_EQ(game.get("car 2 column"), 6);
    for (int row = 1; row <= 8; ++row) {
      const std::string car = "car " + std::to_string(row);
      ++pauses[static_cast<int>(game.get(car + " pause"))];
      EXPECT_EQ(game.get(car + " timer"), game.get(car + " pause") - 1);
      right += static_cast<int>(game.get(car + " goes right"));
    }
  }
  for (int pause = 1; pause <= 5; ++pause) EXPECT_NEAR(pauses[pause], 160, 57);  // 5 deviations
  EXPECT_NEAR(right, 400, 71);
}

}  // namespace
}  // namespace tern::minatar
