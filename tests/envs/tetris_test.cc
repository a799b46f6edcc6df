// Tetris: golden texts of landing, lines and the end, worked examples of pieces, masks and moves, laws
// of the piece sequence, error texts.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "envs/registry/registry.h"
#include "tests/envs/game_on_a_board.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kI = 0, kO = 1, kT = 2, kS = 3, kZ = 4, kJ = 5, kL = 6;
constexpr int kLeft = 0, kRight = 1, kTurn = 2, kDrop = 3;
constexpr std::size_t kHead = 7;

const ParamValues kMoves = {{"actions", "moves", "test"}};

/// A game whose lowest rows are given, with a piece in hand.
struct Pieces : GameOnABoard {
  Pieces(int piece, const std::vector<std::string>& ground, const ParamValues& params = {})
      : GameOnABoard("Tetris-v1", params) {
    DoubleVec state(kHead + 200, 0.0);
    state[0] = piece;
    state[1] = kO;
    state[2] = 127;
    for (std::size_t row = 0; row < ground.size(); ++row) {
      for (std::size_t column = 0; column < 10; ++column) {
        const std::size_t kind = std::string(".IOTSZJL").find(ground[row][column]);
        state[kHead + 10 * (20 - ground.size() + row) + column] = static_cast<double>(kind);
      }
    }
    set(state);
  }
  /// The lowest rows as they are drawn.
  std::string ground(std::size_t count) const {
    const DoubleVec state = this->state();
    std::string rows = "\n";
    for (std::size_t i = 10 * (20 - count); i < 200; ++i) {
      rows += ".IOTSZJL"[static_cast<std::size_t>(state[kHead + i])];
      if (i % 10 == 9) rows += '\n';
    }
    return rows;
  }
};

TEST(Tetris, PiecesFallAndTurnLikeThis) {
  // Each piece with each of its turns, side by side on the ground.
  const auto turns = [](int piece, const std::vector<int>& placements) {
    Pieces game(piece, {});
    for (const int placement : placements) {
      DoubleVec state = game.state();
      state[0] = piece;
      game.set(state);
      game.step(placement);
    }
    return game.ground(4);
  };
  EXPECT_EQ(turns(kI, {0, 14}), R"(
....I.....
....I.....
....I.....
IIIII.....
)");
  EXPECT_EQ(turns(kO, {8}), R"(
..........
..........
........OO
........OO
)");
  EXPECT_EQ(turns(kT, {0, 13, 25, 38}), R"(
..........
...T.....T
.T.TTTTTTT
TTTT..T..T
)");
  EXPECT_EQ(turns(kS, {0, 14}), R"(
..........
....S.....
.SS.SS....
SS...S....
)");
  EXPECT_EQ(turns(kZ, {0, 14}), R"(
..........
.....Z....
ZZ..ZZ....
.ZZ.Z.....
)");
  EXPECT_EQ(turns(kJ, {0, 13, 25, 38}), R"(
..........
...JJ....J
J..J.JJJ.J
JJJJ...JJJ
)");
  EXPECT_EQ(turns(kL, {0, 13, 25, 38}), R"(
..........
...L....LL
..LL.LLL.L
LLLLLL...L
)");
}

TEST(Tetris, APieceRestsOnTheFirstThingInItsWay) {
  Pieces game(kT, {"O.........", "O........."});
  game.step(20);  // turned twice, it points down beside the block and lies on it
  EXPECT_EQ(game.ground(3), R"(
TTT.......
OT........
O.........
)");
  EXPECT_EQ(game.metrics(), std::vector<float>({0, 1}));
}

TEST(Tetris, OneToFourLinesVanish) {
  const std::vector<std::string> wall = {"JJJJJJJJJ.", "LLLLLLLLL.", "SSSSSSSSS.", "ZZZZZZZZZ."};
  for (std::size_t lines = 1; lines <= 4; ++lines) {
    std::vector<std::string> ground(wall.end() - static_cast<long>(lines), wall.end());
    ground.insert(ground.begin(), "O.........");
    for (const bool classic : {false, true}) {
      const ParamValues params = {{"scoring", classic ? "classic" : "lines", "test"}};
      Pieces game(kI, ground, params);
      const StepResult result = game.step(10 + 9);
      const float scores[] = {0, 40, 100, 300, 1200};
      EXPECT_EQ(result.reward, classic ? scores[lines] : static_cast<float>(lines));
      EXPECT_FALSE(result.terminated);
      EXPECT_EQ(game.metrics()[0], static_cast<float>(lines));
      std::string left = "\n..........\n..........\n..........\n..........\n";
      for (std::size_t i = 0; i < 4 - lines; ++i) left[left.size() - 2 - 11 * i] = 'I';
      left[left.size() - 11] = 'O';
      EXPECT_EQ(game.ground(4), left);
    }
  }
}

TEST(Tetris, RowsBetweenFullOnesStayAndComeDown) {
  Pieces game(kI, {"T.........", "LLLLLLLLL.", "Z.ZZZZZZZ.", "JJJJJJJJJ.", "S.SSSSSSS."});
  EXPECT_EQ(game.step(19).reward, 2);
  EXPECT_EQ(game.ground(4), R"(
..........
T.........
Z.ZZZZZZZI
S.SSSSSSSI
)");
  game.step(1);  // an O lies on what is left, over the hole too
  EXPECT_EQ(game.ground(5), R"(
..........
.OO.......
TOO.......
Z.ZZZZZZZI
S.SSSSSSSI
)");
}

TEST(Tetris, AColumnLowersPastAHoleThatALineCovered) {
  Pieces game(kI, {"JJJJJJJJJ.", "..ZZZZZZ..", "..SSSSSS.."});
  EXPECT_EQ(game.step(19).reward, 1);
  game.step(0);  // an O, down to the ground, past where the cleared row was
  EXPECT_EQ(game.ground(3), R"(
.........I
OOZZZZZZ.I
OOSSSSSS.I
)");
}

TEST(Tetris, ADropIsDrawnLikeThis) {
  Pieces game(kT, {"ZZ........", ".ZZ......."});
  game.step(4);
  EXPECT_EQ(game.text(34, 26), R"(



          ####
          ####
  . . . . . . . . . .
  . . . . . . . . . .     next
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .   ########
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .     lines
  . . . . . . . . . .
  . . . . . . . . . .       0
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .
  . . . . . . . . . .
  Z Z . . . T . . . .
  . Z Z . T T T . . .

)");
}

TEST(Tetris, ShowsFilledCellsAndPieces) {
  Pieces game(kI, {"ZZ........", ".ZZ......."});
  game.step(16);
  for (std::size_t i = 0; i < 200; ++i) {
    const bool filled = i == 180 || i == 181 || i == 191 || i == 192 || (i >= 160 && i % 10 == 6);
    EXPECT_EQ(game.bytes[i], filled) << i;
  }
  EXPECT_EQ(game.bytes[200], kO);
  EXPECT_EQ(game.bytes[201], game.state()[1]);
}

TEST(Tetris, TheMaskHasEachPlacementOnce) {
  const int expected[] = {7 + 10, 9, 8 + 9 + 8 + 9, 8 + 9, 8 + 9, 34, 34};
  for (int piece = 0; piece < 7; ++piece) {
    const std::vector<std::uint8_t> mask = Pieces(piece, {}).mask();
    EXPECT_EQ(std::count(mask.begin(), mask.end(), 1), expected[piece]) << piece;
  }
  // A forbidden action does what it repeats.
  Pieces once(kS, {}), again(kS, {});
  once.step(10 + 8);
  again.step(30 + 9);  // turned thrice as once, past the last column
  EXPECT_EQ(once.ground(3), again.ground(3));
}

/// Everything filled up to `height` but for the last column.
std::vector<std::string> tower(std::size_t height) {
  return std::vector<std::string>(height, "LLLLLLLLL.");
}

TEST(Tetris, TheMaskForbidsWhatWouldNotFit) {
  Pieces game(kI, tower(18));
  const std::vector<std::uint8_t> mask = game.mask();
  for (std::size_t i = 0; i < 40; ++i) {
    const bool lies = i <= 6, stands_in_the_gap = i == 19;
    EXPECT_EQ(mask[i], lies || stands_in_the_gap) << i;
  }
  const std::string before = game.ground(20);
  const StepResult result = game.step(10);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_EQ(game.ground(20), before);
  EXPECT_EQ(game.metrics()[1], 0);  // it was not placed
}

TEST(Tetris, EndsWhenTheNextPieceFitsNowhere) {
  // O on 18 rows reaches the top at the left; the next O has room beside it.
  Pieces goes_on(kO, tower(18));
  EXPECT_FALSE(goes_on.step(0).terminated);
  Pieces full(kI, tower(19));
  const StepResult result = full.step(0);  // the row on top of the tower; then no O fits
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(result.reward, 0);
  EXPECT_THAT(full.mask(), testing::Contains(1));  // something is allowed even then
  EXPECT_EQ(full.metrics()[1], 1);
}

TEST(Tetris, MovesHoverAndDrop) {
  Pieces game(kT, {}, kMoves);
  DoubleVec state = game.state();
  state[4] = 3;
  game.set(state);
  EXPECT_THAT(game.mask(), testing::ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(game.step(kLeft).reward, 0);
  EXPECT_EQ(game.bytes[203], 2);
  game.play({kTurn, kRight, kRight, kRight, kRight, kRight, kRight});
  EXPECT_THAT(game.mask(), testing::ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(game.bytes[202], 1);
  EXPECT_EQ(game.bytes[203], 8);
  game.step(kRight);  // a wall
  EXPECT_EQ(game.bytes[203], 8);
  game.step(kTurn);  // wider now: shifted in
  EXPECT_EQ(game.bytes[203], 7);
  game.play({kTurn, kDrop});
  EXPECT_EQ(game.ground(3), R"(
........T.
.......TT.
........T.
)");
  EXPECT_EQ(game.bytes[202], 0);
  EXPECT_EQ(game.bytes[203], 4);  // an O in the middle
  EXPECT_THAT(game.mask(), testing::ElementsAre(1, 1, 0, 1));
}

TEST(Tetris, ADropByMovesThatDoesNotFitEnds) {
  Pieces game(kI, tower(18), kMoves);
  game.step(kTurn);
  EXPECT_EQ(game.mask()[kDrop], 0);
  EXPECT_TRUE(game.step(kDrop).terminated);
}

std::vector<int> sequence(const ParamValues& params, std::uint64_t level, int count,
                          std::uint64_t seed = 0) {
  GameOnABoard game("Tetris-v1", params, level);
  game.rng = Rng(seed, "another");
  game.start(level);
  std::vector<int> pieces = {game.bytes[200], game.bytes[201]};
  DoubleVec state = game.state();
  std::fill(state.begin() + kHead, state.end(), 0.0);
  while (static_cast<int>(pieces.size()) < count) {
    game.step(0);
    DoubleVec now = game.state();
    pieces.push_back(static_cast<int>(now[1]));
    std::copy(state.begin() + kHead, state.end(), now.begin() + kHead);  // the ground is cleared
    game.set(now);
  }
  return pieces;
}

TEST(Tetris, ABagHoldsEachPieceOnce) {
  for (std::uint64_t level = 0; level < 20; ++level) {
    const std::vector<int> pieces = sequence({}, level, 70);
    for (int bag = 0; bag < 10; ++bag) {
      const auto begin = pieces.begin() + 7 * bag;
      EXPECT_EQ(std::set<int>(begin, begin + 7).size(), 7u);
    }
  }
}

TEST(Tetris, UniformPiecesComeEquallyOftenAndIndependently) {
  constexpr int kCount = 21'000;
  const std::vector<int> pieces = sequence({{"pieces", "uniform", "test"}}, 3, kCount);
  int same = 0;
  for (int piece = 0; piece < 7; ++piece) {
    EXPECT_NEAR(std::count(pieces.begin(), pieces.end(), piece), kCount / 7.0,
                5 * std::sqrt(kCount * 6 / 49.0));
  }
  for (std::size_t i = 1; i < pieces.size(); ++i) same += pieces[i] == pieces[i - 1] ? 1 : 0;
  EXPECT_NEAR(same, kCount / 7.0, 5 * std::sqrt(kCount * 6 / 49.0));
}

TEST(Tetris, ALevelIsASequenceOfPieces) {
  EXPECT_EQ(sequence({}, 5, 30, 0), sequence({}, 5, 30, 1));
  std::set<std::vector<int>> all;
  for (std::uint64_t level = 0; level < 100; ++level) all.insert(sequence({}, level, 30));
  EXPECT_EQ(all.size(), 100u);
}

TEST(Tetris, KeysPlaceOrMove) {
  Pieces placing(kT, {});
  EXPECT_EQ(placing.key(Key::k1), 0);
  EXPECT_EQ(placing.key(Key::k8), 7);
  EXPECT_EQ(placing.key(Key::kO), 18);
  EXPECT_EQ(placing.key(Key::kK), 27);
  EXPECT_EQ(placing.key(Key::kZ), 30);
  EXPECT_EQ(placing.key(Key::kP), 38);
  EXPECT_EQ(placing.key(Key::kLeft), -1);
  // Every placement of every piece has a key.
  for (int piece = 0; piece < 7; ++piece) {
    Pieces game(piece, {});
    std::set<int> reached;
    for (int k = 0; k <= static_cast<int>(Key::k9); ++k) reached.insert(game.key(static_cast<Key>(k)));
    const std::vector<std::uint8_t> mask = game.mask();
    for (int i = 0; i < 40; ++i) {
      if (mask[static_cast<std::size_t>(i)] == 0) continue;
      EXPECT_EQ(reached.count(i), 1u) << piece << " " << i;
    }
  }
  Pieces moving(kT, {}, kMoves);
  EXPECT_EQ(moving.key(Key::kLeft), kLeft);
  EXPECT_EQ(moving.key(Key::kRight), kRight);
  EXPECT_EQ(moving.key(Key::kUp), kTurn);
  EXPECT_EQ(moving.key(Key::kSpace), kDrop);
  EXPECT_EQ(moving.key(Key::kEnter), -1);
}

TEST(Tetris, AStateThatCannotBeIsRefused) {
  const auto refusal = [](std::size_t at, double value) {
    Pieces game(kI, tower(1));
    DoubleVec state = game.state();
    state[at] = value;
    return error_of([&] { game.set(state); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal(0, 7), "Tetris-v1: piece is 7; expected 0 to 6");
  EXPECT_EQ(refusal(1, std::nan("")), "Tetris-v1: next is nan; expected a whole number");
  EXPECT_EQ(refusal(2, 0), "Tetris-v1: bag is 0; expected 1 to 127, a bit for each piece in it");
  EXPECT_EQ(refusal(3, 2), "Tetris-v1: turns is 2; expected 0 to 1");
  EXPECT_EQ(refusal(4, 7), "Tetris-v1: column is 7; expected 0 to 6");
  EXPECT_EQ(refusal(kHead + 5, 8),
            "Tetris-v1: cell 5 is 8; expected 0 (empty) or the number of a piece plus 1");
  EXPECT_EQ(refusal(kHead + 199, 1), "Tetris-v1: a row is full; it would have vanished");
}

TEST(Tetris, ADamagedSaveIsRefused) {
  Pieces game(kI, tower(1));
  StateWriter out;
  game.env->save(out);
  std::vector<std::uint8_t> bytes = out.bytes();
  bytes.back() = 9;
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { game.env->load(in); }),
            "saved state of Tetris-v1: a cell is 9; expected 0 to 7");
}

TEST(Tetris, AnUnknownFormIsRefused) {
  EXPECT_EQ(error_of([] { registry().find("Tetris-v1").make({{"pieces", "bags", "a.yaml:3"}}); },
                     ExitCode::kUsage),
            "a.yaml:3: env.pieces: 'bags' is not one of bag|uniform. Did you mean 'bag'? "
            "(Tetris-v1)");
}

}  // namespace
}  // namespace tern
