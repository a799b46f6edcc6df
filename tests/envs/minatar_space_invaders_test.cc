// MinAtar's Space Invaders: worked examples of each rule by hand, golden texts.

#include "tests/envs/minatar_game.h"

namespace tern::minatar {
namespace {

constexpr double bit(int column) { return 1 << column; }

/// Aliens only where `rows` says: row, columns as bits.
Game with_aliens(const std::map<int, double>& rows, const ParamValues& params = {}) {
  Game game("SpaceInvaders", params);
  std::map<std::string, double> fields;
  for (int row = 0; row < 10; ++row) {
    const auto found = rows.find(row);
    fields["aliens of row " + std::to_string(row)] = found == rows.end() ? 0 : found->second;
  }
  game.set(fields);
  return game;
}

TEST(SpaceInvaders, AnEpisodeLooksLikeThis) {
  Game game("SpaceInvaders");
  EXPECT_EQ(game.play({kF, kF, kF, kF, kF}).reward, 0);  // the gun is ready in the sixth frame
  EXPECT_EQ(game.text(), R"(
. . L L L L L L . .
. . L L L L L L . .
. . L L L L L L . .
. . L L L L L L . .
. . . . . | . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . @ . . . .
)");
  EXPECT_EQ(game.step(kF).reward, 1);
  EXPECT_EQ(game.rows(2, 9), R"(
. . L L L L L L . .
. . L L L . L L . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . | . . . .
. . . . . @ . . . .
)");
  // In the 11th frame the nearest column shoots, in the 13th all aliens move.
  EXPECT_EQ(game.play({kR, kR, kR, kR}).reward, 0);
  EXPECT_EQ(game.rows(2, 4), "\n. . L L L L L L . .\n. . L L L . L L . .\n. . . . . | . . . .\n");
  EXPECT_EQ(game.step(kN).reward, 0);
  EXPECT_EQ(game.rows(2, 4), "\n. . L L L L L L . .\n. . L L L | L ! . .\n. . . . . . . . . .\n");
  EXPECT_EQ(game.step(kN).reward, 1);  // the second bullet
  EXPECT_EQ(game.rows(2, 4), "\n. . L L L . L L . .\n. . L L L . L L . .\n. . . . . . . ! . .\n");
  game.step(kN);
  EXPECT_EQ(game.rows(2, 9), R"(
. L L L . L L . . .
. L L L . L L . . .
. . . . . . . . . .
. . . . . . . ! . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . .
. . . . . . . . . @
)");
  game.play({kL, kL, kN});
  EXPECT_EQ(game.rows(7, 9), "\n. . . . . . . . . .\n. . . . . . . ! . .\n. . . . . . . @ . .\n");
  EXPECT_TRUE(game.step(kN).terminated);
  EXPECT_EQ(game.rows(9, 9), "\n. . . . . . . x . .\n");
}

TEST(SpaceInvaders, TheObservationHasOneChannelForEachThing) {
  Game game = with_aliens({{2, bit(3)}});
  game.set({{"own bullets of row 7", bit(1)}, {"alien bullets of row 4", bit(8)}});
  game.step(kR);
  EXPECT_EQ(game.seen(0, 9, 9), "\n......1...\n");
  EXPECT_EQ(game.seen(1, 2, 2), "\n...1......\n");
  EXPECT_EQ(game.seen(2, 2, 2), "\n...1......\n");
  EXPECT_EQ(game.seen(3, 2, 2), "\n..........\n");
  EXPECT_EQ(game.seen(4, 6, 7), "\n.1........\n..........\n");
  EXPECT_EQ(game.seen(5, 4, 5), "\n..........\n........1.\n");
  game.set({{"goes right", 1}});
  game.step(kN);
  EXPECT_EQ(game.seen(2, 2, 2), "\n..........\n");
  EXPECT_EQ(game.seen(3, 2, 2), "\n...1......\n");
}

TEST(SpaceInvaders, AtTheSideTheAliensTurnAndComeDown) {
  Game game = with_aliens({{1, bit(0) + bit(3)}, {2, bit(5)}});
  game.set({{"move timer", 0}});
  game.step(kN);
  EXPECT_EQ(game.rows(1, 3), "\n. . . . . . . . . .\nR . . R . . . . . .\n. . . . . R . . . .\n");
  game.set({{"move timer", 0}});
  game.step(kN);
  EXPECT_EQ(game.rows(1, 3), "\n. . . . . . . . . .\n. R . . R . . . . .\n. . . . . . R . . .\n");
}

TEST(SpaceInvaders, FewerAliensMoveFaster) {
  Game game = with_aliens({{1, bit(2) + bit(3) + bit(4)}});
  game.set({{"move timer", 0}});
  game.step(kN);
  EXPECT_EQ(game.get("move timer"), 2);  // every third frame
  Game alone = with_aliens({{1, bit(5)}});
  alone.set({{"move timer", 0}});
  alone.wait(4);
  EXPECT_EQ(alone.get("aliens of row 1"), bit(1));  // every frame
  Game wave("SpaceInvaders");
  wave.wait(13);
  EXPECT_EQ(wave.get("move timer"), 11);  // every twelfth, though they are 24
}

TEST(SpaceInvaders, TheLowestOfTheNearestColumnShootsTheLeftOneOfTwo) {
  Game game = with_aliens({{0, bit(7)}, {1, bit(3)}, {3, bit(3)}});
  game.set({{"shot timer", 0}});
  game.step(kN);
  EXPECT_EQ(game.get("alien bullets of row 3"), bit(3));
  game.set({{"shot timer", 0}, {"alien bullets of row 3", 0}});
  game.step(kR);
  EXPECT_EQ(game.get("alien bullets of row 0"), bit(7));
  EXPECT_EQ(game.get("shot timer"), 9);
}

TEST(SpaceInvaders, BulletsLeaveTheBoard) {
  Game game = with_aliens({{5, bit(5)}});
  game.set({{"own bullets of row 0", bit(2)}, {"alien bullets of row 9", bit(2)},
            {"own bullets of row 1", bit(8)}, {"alien bullets of row 8", bit(8)}});
  game.step(kN);
  EXPECT_EQ(game.rows(0, 0), "\n. . . . . . . . | .\n");
  EXPECT_EQ(game.rows(9, 9), "\n. . . . . @ . . ! .\n");
  for (const char* kind : {"own", "alien"}) {
    double left = 0;
    for (int row = 0; row < 10; ++row) {
      left += game.get(kind + std::string(" bullets of row ") + std::to_string(row));
    }
    EXPECT_EQ(left, bit(8));
  }
}

TEST(SpaceInvaders, LandingEndsTheEpisode) {
  Game game = with_aliens({{9, bit(0)}});  // away from the cannon: not yet
  EXPECT_FALSE(game.step(kN).terminated);
  game.set({{"move timer", 0}});
  EXPECT_TRUE(game.step(kN).terminated);  // it cannot come down any more
  Game onto = with_aliens({{9, bit(6)}});
  onto.set({{"move timer", 0}});
  EXPECT_TRUE(onto.step(kN).terminated);  // to the left, onto the cannon
  EXPECT_TRUE(with_aliens({{9, bit(6)}}).step(kR).terminated);  // the cannon onto it
}

TEST(SpaceInvaders, AWaveIsFollowedByAFasterOne) {
  Game game = with_aliens({{5, bit(5)}});
  game.set({{"own bullets of row 6", bit(5)}, {"goes right", 1}});
  EXPECT_EQ(game.step(kN).reward, 1);
  EXPECT_EQ(game.rows(0, 5), R"(
. . R R R R R R . .
. . R R R R R R . .
. . R R R R R R . .
. . R R R R R R . .
. . . . . . . . . .
. . . . . . . . . .
)");
  EXPECT_EQ(game.get("alien interval"), 11);
  EXPECT_EQ(game.get("ramp"), 1);
  for (const char* ramping : {"true", "false"}) {
    Game last = with_aliens({{5, bit(5)}}, {{"difficulty_ramping", ramping, "test"}});
    last.set({{"own bullets of row 6", bit(5)}, {"alien interval", 6}, {"move timer", 5}});
    last.step(kN);
    EXPECT_EQ(last.get("alien interval"), 6);
  }
  Game easy = with_aliens({{5, bit(5)}}, {{"difficulty_ramping", "false", "test"}});
  easy.set({{"own bullets of row 6", bit(5)}});
  easy.step(kN);
  EXPECT_EQ(easy.get("alien interval"), 12);
}

TEST(SpaceInvaders, TheCannonStaysInside) {
  Game game("SpaceInvaders");
  game.play({kR, kR, kR, kR, kR});
  EXPECT_EQ(game.get("cannon"), 9);
  game.play({kL, kL, kL});
  EXPECT_EQ(game.get("cannon"), 6);
  game.set({{"cannon", 0}});
  game.step(kL);
  EXPECT_EQ(game.get("cannon"), 0);
}

}  // namespace
}  // namespace tern::minatar
