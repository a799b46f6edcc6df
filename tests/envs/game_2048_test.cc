// 2048: golden texts of moves and merges, worked examples, the fast board held to the plain rule on
// random boards, the same games at every level of SIMD, laws of the luck, error texts.

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <set>

#include "envs/games/tile_board.h"
#include "envs/registry/registry.h"
#include "tests/envs/forced_simd.h"
#include "tests/envs/game_on_a_board.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr int kUp = 0, kRight = 1, kDown = 2, kLeft = 3;

/// A game on a board of exponents, row by row.
struct Tiles : GameOnABoard {
  explicit Tiles(const std::vector<double>& exponents, const ParamValues& params = {})
      : GameOnABoard("Game2048-v1", params) {
    set(exponents);
  }
  std::string board() const { return text(8, 4); }
  /// The board after a move, without the tile that appeared: it is the only one where `before`
  /// the move and the rule leave the cell empty, so every second board is compared by exponents.
  std::vector<double> moved(int action, float* reward = nullptr) {
    TileBoard plain;
    const DoubleVec before = state();
    for (unsigned cell = 0; cell < 16; ++cell) plain.put(cell, static_cast<unsigned>(before[cell]));
    plain.move(static_cast<Slide>(action));
    const StepResult result = step(action);
    if (reward != nullptr) *reward = result.reward;
    DoubleVec after = state();
    int appeared = 0;
    for (unsigned cell = 0; cell < 16; ++cell) {
      if (after[cell] == plain.exponent(cell)) continue;
      EXPECT_EQ(plain.exponent(cell), 0u);
      EXPECT_THAT(after[cell], testing::AnyOf(1, 2));
      after[cell] = 0;
      ++appeared;
    }
    EXPECT_EQ(appeared, 1);
    return after;
  }
};

/// One row on top of an empty board.
std::vector<double> top_row(double a, double b, double c, double d) {
  std::vector<double> board(16, 0.0);
  board[0] = a;
  board[1] = b;
  board[2] = c;
  board[3] = d;
  return board;
}

TEST(Game2048, AFullBoardMergesLikeThis) {
  // The only empty cells are those that merges made, so the new tile is in sight.
  Tiles game({1, 1, 2, 3,   //
              4, 5, 6, 7,   //
              1, 2, 3, 4,   //
              8, 9, 10, 11});
  EXPECT_EQ(game.board(), R"(
2 2 4 8
163264^7
2 4 8 16
^8^9^A^B
)");
  const StepResult result = game.step(kLeft);
  EXPECT_EQ(result.reward, 4);
  const DoubleVec state = game.state();
  std::string expected = R"(
4 4 8 ?
163264^7
2 4 8 16
^8^9^A^B
)";
  expected[expected.find('?')] = state[3] == 1 ? '2' : '4';
  EXPECT_EQ(game.board(), expected);
}

TEST(Game2048, TilesSlideToTheEdge) {
  const std::vector<double> board = {0, 0, 0, 0,  //
                                     0, 3, 0, 0,  //
                                     0, 0, 0, 0,  //
                                     0, 0, 0, 0};
  const std::vector<std::size_t> ends = {1, 7, 13, 4};  // up, right, down, left
  for (const int action : {kUp, kRight, kDown, kLeft}) {
    Tiles game(board);
    float reward = -1;
    std::vector<double> expected(16, 0.0);
    expected[ends[static_cast<std::size_t>(action)]] = 3;
    EXPECT_EQ(game.moved(action, &reward), expected);
    EXPECT_EQ(reward, 0);
  }
}

TEST(Game2048, OneMergeATileAMove) {
  float reward = 0;
  EXPECT_EQ(Tiles(top_row(1, 1, 1, 1)).moved(kLeft, &reward), top_row(2, 2, 0, 0));
  EXPECT_EQ(reward, 8);
  EXPECT_EQ(Tiles(top_row(1, 1, 2, 0)).moved(kLeft, &reward), top_row(2, 2, 0, 0));
  EXPECT_EQ(reward, 4);
  EXPECT_EQ(Tiles(top_row(2, 2, 3, 0)).moved(kLeft, &reward), top_row(3, 3, 0, 0));
  EXPECT_EQ(reward, 8);
  EXPECT_EQ(Tiles(top_row(3, 3, 2, 2)).moved(kRight, &reward), top_row(0, 0, 4, 3));
  EXPECT_EQ(reward, 24);
}

TEST(Game2048, OfThreeThePairNearestToTheEdgeMerges) {
  EXPECT_EQ(Tiles(top_row(1, 1, 1, 0)).moved(kLeft), top_row(2, 1, 0, 0));
  EXPECT_EQ(Tiles(top_row(1, 1, 1, 0)).moved(kRight), top_row(0, 0, 1, 2));
  EXPECT_EQ(Tiles({5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0}).moved(kDown),
            std::vector<double>({0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0}));
}

TEST(Game2048, TilesMergeAcrossAGapAndNotAcrossAnother) {
  float reward = 0;
  EXPECT_EQ(Tiles(top_row(4, 0, 0, 4)).moved(kLeft, &reward), top_row(5, 0, 0, 0));
  EXPECT_EQ(reward, 32);
  EXPECT_EQ(Tiles(top_row(4, 0, 1, 4)).moved(kLeft, &reward), top_row(4, 1, 4, 0));
  EXPECT_EQ(reward, 0);
}

TEST(Game2048, AMoveThatChangesNothingIsForbiddenAndDoesNothing) {
  Tiles game(top_row(1, 2, 0, 0));
  EXPECT_THAT(game.mask(), testing::ElementsAre(0, 1, 1, 0));
  const StepResult result = game.step(kLeft);
  EXPECT_EQ(result.reward, 0);
  EXPECT_FALSE(result.terminated);
  EXPECT_EQ(game.state(), top_row(1, 2, 0, 0));
  EXPECT_EQ(game.bytes[31 * 0 + 1], 1);  // the observation is written all the same
}

TEST(Game2048, EndsWhenNothingMoves) {
  // A pair that merges leaves one cell: with 2 or 4 in it nothing moves.
  Tiles game({8, 8, 5, 6,   //
              3, 9, 3, 9,   //
              4, 5, 4, 5,   //
              3, 6, 3, 6});
  const StepResult result = game.step(kLeft);  // 9 5 6 and a new tile
  EXPECT_EQ(result.reward, 512);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.mask(), testing::Each(1));
  EXPECT_THAT(game.metrics(), testing::ElementsAre(512, 0));
}

TEST(Game2048, Reaching2048IsSuccessAndGoesOn) {
  Tiles game(top_row(10, 10, 0, 0));
  EXPECT_EQ(game.metrics()[1], 0);
  const StepResult result = game.step(kLeft);
  EXPECT_EQ(result.reward, 2048);
  EXPECT_FALSE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(2048, 1));
}

TEST(Game2048, ATargetEndsTheEpisode) {
  Tiles game(top_row(4, 4, 0, 0), {{"target", "32", "test"}});
  EXPECT_TRUE(game.step(kRight).terminated);
  EXPECT_EQ(game.metrics()[1], 1);
  for (const char* wrong : {"4", "12", "2047"}) {
    EXPECT_EQ(error_of([&] { registry().find("Game2048-v1").make({{"target", wrong, "a:1"}}); },
                       ExitCode::kUsage),
              std::string("a:1: env.target: ") + wrong +
                  " is no tile to play for; expected 8, 16, 32, .. 131072, or 0 (Game2048-v1)");
  }
  EXPECT_THROW(registry().find("Game2048-v1").make({{"target", "262144", "a:1"}}), Error);
}

TEST(Game2048, TheHighestTilesMergeAsAllOthers) {
  float reward = 0;
  EXPECT_EQ(Tiles(top_row(15, 15, 14, 14)).moved(kLeft, &reward), top_row(16, 15, 0, 0));
  EXPECT_EQ(reward, 65536 + 32768);
  Tiles game(top_row(16, 0, 16, 1));
  EXPECT_EQ(game.moved(kLeft, &reward), top_row(17, 1, 0, 0));
  EXPECT_EQ(reward, 131072);
  EXPECT_EQ(game.bytes[17], 1);
  EXPECT_EQ(game.metrics()[0], 131072);
}

/// What became of a row, and the sum of the new tiles' values.
struct SlidRow {
  std::array<std::uint8_t, 4> exponents = {};
  float merged = 0;
};

/// The rule itself, tiles sliding towards index 0: the nearer pair of equal tiles merges first, and
/// a tile made by a merge does not merge again in the same move.
SlidRow slide(const std::array<std::uint8_t, 4>& row) {
  SlidRow slid;
  std::size_t end = 0;     // of the tiles that have come to rest
  bool may_merge = false;  // the last of them, with the next
  for (const std::uint8_t exponent : row) {
    if (exponent == 0) continue;
    if (may_merge && slid.exponents[end - 1] == exponent) {
      slid.merged += static_cast<float>(1u << ++slid.exponents[end - 1]);
      may_merge = false;
    } else {
      slid.exponents[end++] = exponent;
      may_merge = true;
    }
  }
  return slid;
}

TEST(Game2048, TheFastBoardKeepsThePlainRule) {
  // Random boards, sparse and full, of few kinds of tiles and of all, against slide() row by row.
  Rng rng(1, "boards");
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t kinds = i % 3 == 0 ? 4 : i % 3 == 1 ? 15 : 18;
    TileBoard board;
    std::array<std::array<std::uint8_t, 4>, 4> cells;
    for (unsigned cell = 0; cell < 16; ++cell) {
      const bool is_free = rng.chance(i % 2 == 0 ? 0.4 : 0.05);
      const auto exponent = static_cast<std::uint8_t>(is_free ? 0 : rng.below(kinds));
      cells[cell / 4][cell % 4] = exponent;
      board.put(cell, exponent);
    }
    unsigned legal = 0;
    for (const int action : {kUp, kRight, kDown, kLeft}) {
      auto expected = cells;
      float merged = 0;
      for (unsigned line = 0; line < 4; ++line) {
        const auto at = [&](unsigned k) -> std::uint8_t& {
          const unsigned from_edge = action == kRight || action == kDown ? 3 - k : k;
          return action == kUp || action == kDown ? expected[from_edge][line]
                                                  : expected[line][from_edge];
        };
        std::array<std::uint8_t, 4> row;
        for (unsigned k = 0; k < 4; ++k) row[k] = at(k);
        const SlidRow slid = slide(row);
        for (unsigned k = 0; k < 4; ++k) at(k) = slid.exponents[k];
        merged += slid.merged;
      }
      if (expected != cells) legal |= 1u << action;
      TileBoard moved = board;
      ASSERT_EQ(moved.move(static_cast<Slide>(action)), merged);
      for (unsigned cell = 0; cell < 16; ++cell) {
        ASSERT_EQ(moved.exponent(cell), expected[cell / 4][cell % 4]) << i << " " << action;
      }
    }
    ASSERT_EQ(board.legal_moves(), legal) << i;
    unsigned seen = 0;
    const TileBoard::Counts counts = board.count_empty();
    for (unsigned cell = 0; cell < 16; ++cell) {
      if (cells[cell / 4][cell % 4] != 0) continue;
      ASSERT_EQ(TileBoard::empty_cell(counts, seen++), cell);
    }
    ASSERT_EQ(TileBoard::total(counts), seen);
  }
}

TEST(Game2048, EveryLevelOfSimdPlaysTheSameGame) {
  for (const SimdLevel level : available_simd_levels()) {
    SCOPED_TRACE(simd_level_name(level));
    const auto make = [](SimdLevel simd) {
      const ForcedSimd forced(simd);
      return GameOnABoard("Game2048-v1");
    };
    GameOnABoard plain = make(SimdLevel::kBaseline), game = make(level);
    Rng rng(3, "boards and moves");
    for (int i = 0; i < 3000; ++i) {
      if (i % 20 == 0) {
        std::vector<double> board;
        for (int cell = 0; cell < 16; ++cell) board.push_back(rng.below(i % 40 == 0 ? 4 : 18));
        board[0] = 1;
        plain.set(board);
        game.set(board);
      }
      const int action = static_cast<int>(rng.below(4));
      const StepResult expected = plain.step(action), result = game.step(action);
      ASSERT_EQ(result.reward, expected.reward) << i;
      ASSERT_EQ(result.terminated, expected.terminated) << i;
      ASSERT_EQ(game.bytes, plain.bytes) << i;
      ASSERT_EQ(game.mask(), plain.mask()) << i;
    }
  }
}

TEST(Game2048, ShowsEachCellInOneOf31Channels) {
  Tiles game(top_row(3, 0, 0, 2));
  game.step(kDown);
  const DoubleVec state = game.state();
  for (std::size_t cell = 0; cell < 16; ++cell) {
    for (std::size_t channel = 0; channel < 31; ++channel) {
      EXPECT_EQ(game.bytes[31 * cell + channel], state[cell] == static_cast<double>(channel));
    }
  }
}

TEST(Game2048, NewTilesAreTwosNineTimesInTenAndAnywhere) {
  constexpr int kMoves = 30'000;
  Tiles game(top_row(5, 0, 0, 0));
  int fours = 0;
  std::array<int, 16> places = {};
  for (int i = 0; i < kMoves; ++i) {
    game.set(top_row(5, 0, 0, 0));
    game.step(kRight);
    const DoubleVec state = game.state();
    for (std::size_t cell = 0; cell < 16; ++cell) {
      if (state[cell] == 0 || cell == 3) continue;
      fours += state[cell] == 2 ? 1 : 0;
      ++places[cell];
    }
  }
  EXPECT_NEAR(fours, 0.1 * kMoves, 5 * std::sqrt(kMoves * 0.1 * 0.9));
  places[3] = kMoves / 15;
  for (const int count : places) EXPECT_NEAR(count, kMoves / 15.0, 5 * std::sqrt(kMoves / 15.0));
}

TEST(Game2048, BeginsWithTwoTilesWhichAreTheLevels) {
  std::set<DoubleVec> starts;
  for (std::uint64_t level = 0; level < 1000; ++level) {
    GameOnABoard game("Game2048-v1", {}, level);
    const DoubleVec state = game.state();
    EXPECT_EQ(std::count(state.begin(), state.end(), 0.0), 14);
    starts.insert(state);
  }
  EXPECT_GT(starts.size(), 100u);
}

TEST(Game2048, ALevelIsAllTheLuckOfAGame) {
  const auto game = [](std::uint64_t level, std::uint64_t seed) {
    GameOnABoard board("Game2048-v1");
    board.rng = Rng(seed, "another");
    board.start(level);
    for (int t = 0; t < 30; ++t) {
      const std::vector<std::uint8_t> mask = board.mask();
      std::size_t action = static_cast<std::size_t>(t) % 4;
      while (mask[action] == 0) action = (action + 1) % 4;
      if (board.step(static_cast<int>(action)).terminated) break;
    }
    return board.state();
  };
  EXPECT_EQ(game(7, 0), game(7, 1));
  std::set<DoubleVec> all;
  for (std::uint64_t level = 0; level < 100; ++level) all.insert(game(level, 0));
  EXPECT_EQ(all.size(), 100u);
}

TEST(Game2048, KeysAreTheDirections) {
  Tiles game(top_row(1, 0, 0, 0));
  EXPECT_EQ(game.key(Key::kUp), kUp);
  EXPECT_EQ(game.key(Key::kD), kRight);
  EXPECT_EQ(game.key(Key::kDown), kDown);
  EXPECT_EQ(game.key(Key::kA), kLeft);
  EXPECT_EQ(game.key(Key::kSpace), -1);
}

TEST(Game2048, AStateThatIsNoBoardIsRefused) {
  const auto refusal = [](double exponent) {
    return error_of([&] { Tiles(top_row(exponent, 0, 0, 0)); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal(0), "Game2048-v1: no tile is on the board; expected some");
  for (const double wrong : {18.0, -1.0, 0.5, std::nan("")}) {
    EXPECT_EQ(refusal(wrong), "Game2048-v1: exponent " + format_number(wrong) +
                                  " in cell 0; expected 0 (empty) to 17 (131072)");
  }
}

TEST(Game2048, ADamagedSaveIsRefused) {
  Tiles game(top_row(1, 0, 0, 0));
  StateWriter out;
  game.env->save(out);
  std::vector<std::uint8_t> bytes = out.bytes();
  bytes[sizeof(tern_rng) + 2] = 200;
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { game.env->load(in); }),
            "saved state of Game2048-v1: exponent 200 in cell 2; expected 0 to 17");
  bytes[sizeof(tern_rng) + 2] = bytes[sizeof(tern_rng)] = 0;
  StateReader empty{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { game.env->load(empty); }),
            "saved state of Game2048-v1: no tile is on the board");
}

}  // namespace
}  // namespace tern
