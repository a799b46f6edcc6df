// Connect Four's bits and opponents: plain searches over the cells as oracles of the bits and of
// minimax; strength of the opponents.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "envs/games/connect_four_opponent.h"
#include "envs/registry/registry.h"
#include "tests/envs/four_on_a_board.h"

namespace tern {
namespace {

using connect_four::bit;
using connect_four::Bits;
using connect_four::Board;

// Oracles that look at cells and not at bits.

using Cells = std::array<int, kCells>;  // 0 free, 1 and 2 the sides; rows from the bottom

bool wins(const Cells& cells, int side) {
  constexpr int kSteps[4][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      for (const auto& step : kSteps) {
        int length = 0;
        int r = row, c = column;
        while (r < kRows && c >= 0 && c < kColumns &&
               cells[static_cast<std::size_t>(r * kColumns + c)] == side) {
          ++length;
          r += step[0];
          c += step[1];
        }
        if (length >= 4) return true;
      }
    }
  }
  return false;
}

int lowest_free(const Cells& cells, int column) {
  for (int cell = column; cell < kCells; cell += kColumns) {
    if (cells[static_cast<std::size_t>(cell)] == 0) return cell;
  }
  return -1;
}

/// Whether `side` wins by a stone into `column`.
bool wins_with(Cells cells, int side, int column) {
  const int cell = lowest_free(cells, column);
  if (cell < 0) return false;
  cells[static_cast<std::size_t>(cell)] = side;
  return wins(cells, side);
}

Board board_of(const Cells& cells) {
  Board board;
  for (int cell = 0; cell < kCells; ++cell) {
    const int side = cells[static_cast<std::size_t>(cell)];
    if (side == 0) continue;
    board.stones[side - 1] |= bit(cell / kColumns, cell % kColumns);
    ++board.count;
  }
  return board;
}

int column_of(Bits cell) {
  return __builtin_ctzll(cell) / 7;
}

/// A position that is not over, `count` random stones into a game.
Cells random_position(int count, Rng& rng) {
  while (true) {
    Cells cells = {};
    int placed = 0;
    while (placed < count) {
      const int column = static_cast<int>(rng.below(kColumns));
      const int side = placed % 2 + 1, cell = lowest_free(cells, column);
      if (cell < 0) continue;
      cells[static_cast<std::size_t>(cell)] = side;
      ++placed;
      if (wins(cells, side)) break;
    }
    if (placed == count && !wins(cells, 1) && !wins(cells, 2)) return cells;
  }
}

TEST(ConnectFour, GamesEndWhereAPlainSearchSeesAFour) {
  Rng rng(0, "games");
  int decided = 0, drawn = 0;
  for (int i = 0; i < 3000; ++i) {
    GameOnABoard game("ConnectFour-v1", against("none"));
    Cells cells = {};
    for (int count = 0;; ++count) {
      const int column = static_cast<int>(rng.below(kColumns)), cell = lowest_free(cells, column);
      if (cell < 0) {
        --count;
        continue;
      }
      const int side = count % 2 + 1;
      cells[static_cast<std::size_t>(cell)] = side;
      const StepResult result = game.step(column);
      const bool is_won = wins(cells, side);
      ASSERT_EQ(result.reward, is_won ? 1 : 0);
      ASSERT_EQ(result.terminated, is_won || count == kCells - 1);
      decided += is_won ? 1 : 0;
      drawn += result.terminated && !is_won ? 1 : 0;
      if (result.terminated) break;
    }
  }
  EXPECT_EQ(decided + drawn, 3000);
  EXPECT_GT(drawn, 0);
}

TEST(ConnectFour, GreedyNeverMissesAWinOrABlock) {
  Rng rng(1, "positions");
  int could_win = 0, had_to_block = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Cells cells = random_position(6 + static_cast<int>(rng.below(24)), rng);
    const Board board = board_of(cells);
    const int own = board.mover() + 1, other = 3 - own;
    const int column = column_of(connect_four::greedy_move(board, rng));
    bool can_win = false, must_block = false;
    for (int c = 0; c < kColumns; ++c) {
      can_win = can_win || wins_with(cells, own, c);
      must_block = must_block || wins_with(cells, other, c);
    }
    if (can_win) {
      ASSERT_TRUE(wins_with(cells, own, column));
    } else if (must_block) {
      ASSERT_TRUE(wins_with(cells, other, column));
    }
    could_win += can_win ? 1 : 0;
    had_to_block += must_block && !can_win ? 1 : 0;
  }
  EXPECT_GT(could_win, 1000);
  EXPECT_GT(had_to_block, 1000);
}

/// The outcome for who is to move, all play well: 1, 0 or -1. No pruning.
int outcome(const Cells& cells, int side) {
  int best = -2;
  for (int column = 0; column < kColumns; ++column) {
    const int cell = lowest_free(cells, column);
    if (cell < 0) continue;
    Cells next = cells;
    next[static_cast<std::size_t>(cell)] = side;
    best = std::max(best, wins(next, side) ? 1 : -outcome(next, 3 - side));
  }
  return best == -2 ? 0 : best;
}

TEST(ConnectFour, MinimaxThatSeesTheEndPlaysPerfectly) {
  Rng rng(2, "endings");
  int outcomes[3] = {};
  for (int i = 0; i < 150; ++i) {
    const Cells cells = random_position(kCells - 7, rng);
    const Board board = board_of(cells);
    const int side = board.mover() + 1;
    const int column = column_of(connect_four::minimax_move(board, 7, rng));
    Cells next = cells;
    next[static_cast<std::size_t>(lowest_free(cells, column))] = side;
    const int reached = wins(next, side) ? 1 : -outcome(next, 3 - side);
    ASSERT_EQ(reached, outcome(cells, side));
    ++outcomes[reached + 1];
  }
  for (const int count : outcomes) EXPECT_GT(count, 5);  // all three were met
}

TEST(ConnectFour, MinimaxSeesTheOpenThreeComing) {
  // x threatens to make an open three, which cannot be stopped any more: an end must be taken now.
  FourOnABoard game("minimax", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. . . o . . .
. . . x . . .
)");
  game.step(2);
  const DoubleVec state = game.state();
  EXPECT_TRUE(state[5 * 7 + 1] == 2 || state[5 * 7 + 4] == 2) << game.board();
}

/// Games won by the first of two players less those lost, of `count`; they begin in turn. The first
/// four stones are random: two players without luck would play the same few games.
template <class One, class Other>
int score(int count, const One& one, const Other& other) {
  Rng rng(0, "match");
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    Board board;
    while (!board.is_full()) {
      const int mover = board.mover();
      if (board.count < 4) {
        board.place(connect_four::random_move(board, rng));
        continue;
      }
      board.place((mover + i) % 2 == 0 ? one(board, rng) : other(board, rng));
      if (!connect_four::has_four(board.stones[mover])) continue;
      sum += (mover + i) % 2 == 0 ? 1 : -1;
      break;
    }
  }
  return sum;
}

TEST(ConnectFour, MinimaxBeatsGreedyBeatsRandom) {
  const auto random = connect_four::random_move;
  const auto greedy = connect_four::greedy_move;
  const auto minimax = [](int depth) {
    return [depth](const Board& board, Rng& rng) {
      return connect_four::minimax_move(board, depth, rng);
    };
  };
  // Players of one strength score 0 with a standard deviation of at most 14 of 200, 20 of 400.
  EXPECT_NEAR(score(200, random, random), 0, 5 * 14);
  EXPECT_GT(score(200, greedy, random), 140);
  EXPECT_GT(score(200, minimax(4), greedy), 140);
  EXPECT_GT(score(200, minimax(4), random), 180);
  EXPECT_GT(score(400, minimax(4), minimax(2)), 80);
  EXPECT_GT(score(400, minimax(6), minimax(2)), 100);
}

}  // namespace
}  // namespace tern
