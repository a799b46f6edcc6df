// MinAtar's Seaquest: worked examples of each rule by hand, golden texts.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "tests/envs/minatar_game.h"

namespace tern::minatar {
namespace {

using Swimmer = std::array<int, 5>;  // row, column, goes right, move timer, shot timer
using Bullet = std::array<int, 3>;   // row, column, goes right

/// A sea as save() writes it, in the order of State::visit.
struct Sea {
  int row = 4, column = 5, looks_right = 0;
  int oxygen = 200, on_board = 0, is_up = 0, reload = 0;
  std::vector<Swimmer> fish = {}, subs = {}, divers = {};
  std::vector<Bullet> own_bullets = {}, enemy_bullets = {};
  int enemy_timer = 20, spawn_interval = 20, diver_timer = 30, move_interval = 5;
  int ramp = 0;

  std::vector<std::uint8_t> bytes() const {
    StateWriter out;
    out.write(row, column, looks_right, oxygen, on_board, is_up, reload);
    const auto list = [&out](const auto& things) {
      out.write(static_cast<int>(things.size()));
      for (const auto& thing : things) {
        for (const int number : thing) out.write(number);
      }
    };
    list(fish);
    list(subs);
    list(divers);
    list(own_bullets);
    list(enemy_bullets);
    out.write(enemy_timer, spawn_interval, diver_timer, move_interval, ramp);
    out.write(/*last_move=*/0, /*is_over=*/0, /*shot_down=*/0, /*air_bonus=*/0);
    return out.take();
  }
};

Game in(const Sea& sea, const ParamValues& params = {}) {
  Game game("Seaquest", params);
  const std::vector<std::uint8_t> bytes = sea.bytes();
  StateReader reader{Row<const std::uint8_t>(bytes)};
  EXPECT_TRUE(game.env->load(reader));
  return game;
}

float ramp_of(const Game& game) {
  float ramp = 0;
  game.env->metrics(FloatRow(&ramp, 1));
  return ramp;
}

TEST(Seaquest, AnEpisodeLooksLikeThis) {
  Sea sea;
  sea.fish = {{3, 0, 1, 5, 0}};
  sea.divers = {{6, 8, 0, 5, 0}};
  sea.subs = {{4, 1, 1, 5, 0}};
  Game game = in(sea);
  game.step(kF);
  EXPECT_EQ(game.text(), R"(
~ ~ ~ ~ ~ ~ ~ ~ ~ ~
. . . . . . . . . .
. . . . . . . . . .
F . . . . . . . . .
- S o . * < = . . .
. . . . . . . . . .
. . . . . . . . d -
. . . . . . . . . .
. . . . . . . . . .
% % % % % % % % %
)");
}

TEST(Seaquest, TheObservationHasOneChannelForEachThing) {
  Sea sea;
  sea.oxygen = 101;
  sea.on_board = 2;
  sea.fish = {{3, 4, 1, 5, 0}};
  sea.subs = {{7, 9, 0, 5, 5}};
  sea.divers = {{6, 2, 0, 5, 0}};
  sea.own_bullets = {{1, 6, 1}};
  sea.enemy_bullets = {{2, 6, 0}};
  Game game = in(sea);
  game.step(kR);
  EXPECT_EQ(game.seen(0, 4, 4), "\n......1...\n");
  EXPECT_EQ(game.seen(1, 4, 4), "\n.....1....\n");
  EXPECT_EQ(game.seen(2, 1, 1), "\n.......1..\n");
  EXPECT_EQ(game.seen(3, 3, 7), "\n...1......\n..........\n..........\n...1......\n..........\n");
  EXPECT_EQ(game.seen(4, 2, 2), "\n.....1....\n");
  EXPECT_EQ(game.seen(5, 3, 3), "\n....1.....\n");
  EXPECT_EQ(game.seen(6, 7, 7), "\n.........1\n");
  EXPECT_EQ(game.seen(7, 9, 9), "\n11111.....\n");  // 100 of 200
  EXPECT_EQ(game.seen(8, 9, 9), "\n.......11.\n");
  EXPECT_EQ(game.seen(9, 6, 6), "\n..1.......\n");
  game.step(kN);
  EXPECT_EQ(game.seen(7, 9, 9), "\n1111......\n");
}

TEST(Seaquest, TheGunIsReadyInTheSixthFrame) {
  Game game = in(Sea());
  for (int frame = 0; frame < 6; ++frame) game.step(kF);
  EXPECT_EQ(game.rows(4, 4), "\n. . . . * < = . . .\n");  // the first has left the board
  game.step(kF);
  EXPECT_EQ(game.rows(4, 4), "\n. . . * . < = . . .\n");
}

TEST(Seaquest, ABulletTakesTheFirstFishInItsCellBeforeASubmarine) {
  Sea sea;
  sea.own_bullets = {{2, 3, 1}};
  sea.subs = {{2, 4, 1, 5, 5}};
  sea.fish = {{2, 4, 1, 3, 0}, {2, 4, 1, 4, 0}};
  Game game = in(sea);
  EXPECT_EQ(game.step(kN).reward, 1);
  float terms[2];
  game.env->reward_terms(FloatRow(terms, 2));
  EXPECT_EQ(terms[0], 1);
  EXPECT_EQ(terms[1], 0);
  EXPECT_EQ(game.seen(2), in(Sea()).seen(2));  // the bullet is gone too
  game.wait(3);  // the fish that is left moves in its fifth frame, one earlier than the first would
  EXPECT_EQ(game.seen(5, 2, 2), "\n....1.....\n");
  game.step(kN);
  EXPECT_EQ(game.seen(5, 2, 2), "\n.....1....\n");
}

TEST(Seaquest, WhatSwimsIntoABulletIsShotToo) {
  Sea sea;
  sea.own_bullets = {{2, 6, 0}};
  sea.fish = {{2, 4, 1, 0, 0}};
  EXPECT_EQ(in(sea).step(kN).reward, 1);
  sea.fish.clear();
  sea.subs = {{2, 4, 1, 0, 0}};
  Game game = in(sea);
  EXPECT_EQ(game.step(kN).reward, 1);
  EXPECT_EQ(game.seen(4, 2, 2), "\n......1...\n");  // and shoots in its last frame
}

TEST(Seaquest, ContactWithTheFrontEndsTheEpisode) {
  Sea fish, sub, bullet;
  fish.fish = {{4, 4, 1, 0, 0}};
  sub.subs = {{4, 4, 1, 0, 9}};
  bullet.enemy_bullets = {{4, 4, 1}};
  for (const Sea& sea : {fish, sub, bullet}) EXPECT_TRUE(in(sea).step(kN).terminated);
  Sea into;
  into.fish = {{4, 4, 1, 5, 0}};
  EXPECT_TRUE(in(into).step(kL).terminated);
  Sea back;
  back.fish = {{4, 6, 1, 5, 0}};  // in the cell of the back
  EXPECT_FALSE(in(back).step(kN).terminated);
}

TEST(Seaquest, EnemiesMoveInEverySixthFrameAndSubmarinesShootInEveryEleventh) {
  Sea sea;
  sea.enemy_timer = 0;
  int fish = 0, subs = 0, right = 0;
  int rows[10] = {};
  constexpr int kSeeds = 1200;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Game game = in(sea);
    game.rng = Rng(seed, "spawn");
    game.step(kN);
    const std::string all_fish = game.seen(5), all_subs = game.seen(6);
    const std::size_t at = std::min(all_fish.find('1'), all_subs.find('1'));
    ASSERT_NE(at, std::string::npos);
    (all_fish.find('1') == at ? fish : subs) += 1;
    ++rows[(at - 1) / 11];
    right += (at - 1) % 11 == 0 ? 1 : 0;
    EXPECT_TRUE((at - 1) % 11 == 0 || (at - 1) % 11 == 9);
    if (seed > 40 || (at - 1) / 11 == 4) continue;  // row 4 is the player's
    const bool is_sub = all_subs.find('1') == at;
    const int channel = is_sub ? 6 : 5;
    game.wait(4);
    EXPECT_EQ(game.seen(channel).find('1'), at);
    game.step(kN);
    EXPECT_NE(game.seen(channel).find('1'), at);
    game.wait(4);
    EXPECT_EQ(game.seen(4).find('1'), std::string::npos);
    game.step(kN);
    EXPECT_EQ(game.seen(4).find('1') != std::string::npos, is_sub);
  }
  const auto five_deviations = [](double p) { return 5 * std::sqrt(kSeeds * p * (1 - p)); };
  EXPECT_NEAR(subs, kSeeds / 3.0, five_deviations(1.0 / 3));
  EXPECT_EQ(fish + subs, kSeeds);
  EXPECT_NEAR(right, kSeeds / 2.0, five_deviations(0.5));
  for (int row = 1; row <= 8; ++row) EXPECT_NEAR(rows[row], kSeeds / 8.0, five_deviations(0.125));
}

TEST(Seaquest, NoEnemyComesIntoARowThatIsSwumTheOtherWay) {
  Sea sea;
  sea.row = 0;  // out of the way
  sea.is_up = 1;
  sea.enemy_timer = 0;
  for (int row = 1; row <= 8; ++row) sea.fish.push_back({row, 4, row % 2, 5, 0});
  int came = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Game game = in(sea);
    game.rng = Rng(seed, "spawn");
    game.step(kN);
    for (int row = 1; row <= 8; ++row) {
      const std::string cells = game.seen(5, row, row) + game.seen(6, row, row);
      const std::size_t at_left = cells.find("\n1"), at_right = cells.find("1\n");
      EXPECT_EQ(row % 2 == 1 ? at_right : at_left, std::string::npos);
      came += (row % 2 == 1 ? at_left : at_right) != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_NEAR(came, 100, 36);  // five deviations
}

TEST(Seaquest, ADiverComesOnBoardUntilThereAreSix) {
  Sea sea;
  sea.divers = {{4, 4, 1, 5, 0}, {4, 3, 1, 0, 0}};
  sea.on_board = 4;
  Game game = in(sea);
  game.step(kL);  // one is met by moving; the other moves here itself in the same frame
  EXPECT_EQ(game.seen(8, 9, 9), "\n...111111.\n");
  EXPECT_EQ(game.seen(9), in(Sea()).seen(9));
  sea.on_board = 6;
  Game full = in(sea);
  full.step(kL);
  EXPECT_EQ(full.seen(8, 9, 9), "\n...111111.\n");
  EXPECT_EQ(full.seen(9, 4, 4), "\n....1.....\n");  // both in one cell
}

TEST(Seaquest, TheFirstEnemyComesInFrame21AndTheFirstDiverInFrame31) {
  Game game("Seaquest");
  const std::string nothing = game.seen(9);
  for (int frame = 1; frame <= 31; ++frame) {
    EXPECT_FALSE(game.step(kN).terminated);  // at the surface nothing comes
    if (frame <= 21) {
      EXPECT_EQ(game.seen(5) == nothing && game.seen(6) == nothing, frame < 21) << frame;
    }
    EXPECT_EQ(game.seen(9) == nothing, frame < 31) << frame;
  }
}

TEST(Seaquest, ADiverMovesInEverySixthFrame) {
  Sea sea;
  sea.divers = {{7, 2, 1, 5, 0}};
  Game game = in(sea);
  std::vector<std::size_t> columns;
  for (int frame = 0; frame < 12; ++frame) {
    game.step(kN);
    columns.push_back(game.seen(9, 7, 7).find('1') - 1);
  }
  EXPECT_EQ(columns, (std::vector<std::size_t>{2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4}));
}

TEST(Seaquest, WithoutOxygenTheEpisodeEnds) {
  Sea sea;
  sea.oxygen = 1;
  Game game = in(sea);
  EXPECT_FALSE(game.step(kN).terminated);
  EXPECT_EQ(game.seen(7, 9, 9), "\n..........\n");
  EXPECT_TRUE(game.step(kN).terminated);
}

TEST(Seaquest, AtTheSurfaceNoOxygenIsUsed) {
  Game game("Seaquest");
  game.wait(15);
  EXPECT_EQ(game.seen(7, 9, 9), "\n1111111111\n");
  game.step(kD);
  EXPECT_EQ(game.seen(7, 9, 9), "\n111111111.\n");  // 199
}

TEST(Seaquest, ComingUpWithoutADiverEndsTheEpisode) {
  Sea sea;
  sea.row = 1;
  EXPECT_TRUE(in(sea).step(kU).terminated);
}

TEST(Seaquest, ComingUpWithSomeDiversCostsOneAndFillsTheOxygen) {
  Sea sea;
  sea.row = 1;
  sea.oxygen = 50;
  sea.on_board = 2;
  Game game = in(sea);
  const StepResult result = game.step(kU);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(game.seen(8, 9, 9), "\n........1.\n");
  EXPECT_EQ(game.seen(7, 9, 9), "\n1111111111\n");
  EXPECT_EQ(ramp_of(game), 1);
}

TEST(Seaquest, ComingUpWithSixPaysTheOxygenThatIsLeft) {
  Sea sea;
  sea.row = 1;
  sea.oxygen = 139;
  sea.on_board = 6;
  Game game = in(sea);
  EXPECT_EQ(game.step(kU).reward, 6);
  float terms[2];
  game.env->reward_terms(FloatRow(terms, 2));
  EXPECT_EQ(terms[0], 0);
  EXPECT_EQ(terms[1], 6);
  EXPECT_EQ(game.seen(8, 9, 9), "\n..........\n");
  // The oddity: -1 on board, so that coming up again with none is not the end.
  EXPECT_EQ(game.step(kD).reward, 0);
  EXPECT_FALSE(game.step(kU).terminated);
}

TEST(Seaquest, EachSurfacingMakesTheSeaMoreDangerous) {
  const auto after_surfacing = [](Sea sea, const char* ramping) {
    sea.row = 1;
    sea.on_board = 2;
    Game game = in(sea, {{"difficulty_ramping", ramping, "test"}});
    game.step(kU);
    StateWriter out;
    game.env->save(out);
    std::vector<std::int32_t> numbers(out.bytes().size() / 4);
    std::memcpy(numbers.data(), out.bytes().data(), out.bytes().size());
    // The end of Sea::bytes: spawn interval, diver timer, move interval, ramp, four more.
    const std::size_t n = numbers.size();
    return std::array<int, 3>{numbers[n - 8], numbers[n - 6], numbers[n - 5]};
  };
  Sea sea;
  EXPECT_EQ(after_surfacing(sea, "true"), (std::array<int, 3>{19, 5, 1}));
  EXPECT_EQ(after_surfacing(sea, "false"), (std::array<int, 3>{20, 5, 0}));
  sea.ramp = 1;
  EXPECT_EQ(after_surfacing(sea, "true"), (std::array<int, 3>{19, 4, 2}));
  sea.spawn_interval = 1;
  sea.move_interval = 2;
  sea.enemy_timer = 1;
  EXPECT_EQ(after_surfacing(sea, "true"), (std::array<int, 3>{1, 2, 1}));
}

}  // namespace
}  // namespace tern::minatar
