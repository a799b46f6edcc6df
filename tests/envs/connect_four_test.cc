// Connect Four: golden texts of each way to win, of a draw and of a forfeit; plain searches over
// the cells as oracles of the bits and of minimax; strength of the opponents; error texts.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "envs/games/connect_four_opponent.h"
#include "envs/registry/registry.h"
#include "tests/envs/game_on_a_board.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using connect_four::bit;
using connect_four::Bits;
using connect_four::Board;

constexpr int kRows = 6, kColumns = 7, kCells = 42;
const std::size_t kAgentField = 42, kLastColumnField = 43;

ParamValues against(const std::string& opponent) {
  return {{"opponent", opponent, "test"}};
}

/// A game whose board is given in letters, six rows from the top: x the agent's stones (in
/// self-play those of who moved first), o the others. The agent is to move.
struct FourOnABoard : GameOnABoard {
  FourOnABoard(const std::string& opponent, const std::string& letters)
      : GameOnABoard("ConnectFour-v1", against(opponent)), is_self_play(opponent == "none") {
    const auto count = [&](char c) { return std::count(letters.begin(), letters.end(), c); };
    const bool agent_is_first = is_self_play || count('x') == count('o');
    DoubleVec state(44, 0.0);
    std::size_t cell = 0;
    for (const char c : letters) {
      if (c == 'x') state[cell] = agent_is_first ? 1 : 2;
      if (c == 'o') state[cell] = agent_is_first ? 2 : 1;
      cell += c == '.' || c == 'x' || c == 'o' ? 1 : 0;
    }
    EXPECT_EQ(cell, 42u);
    const bool is_turn_of_first = count('x') == count('o');
    state[kAgentField] = is_self_play ? (is_turn_of_first ? 1 : 2) : (agent_is_first ? 1 : 2);
    state[kLastColumnField] = -1;
    set(state);
  }
  /// The six rows.
  std::string board() const {
    const std::string all = text(14, 8);  // below them are the numbers
    return all.substr(0, all.find('1'));
  }
  bool is_self_play;
};

TEST(ConnectFour, FourSidewaysWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
o . . . . . .
o o x . x x .
)");
  const StepResult result = game.step(3);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(1, 0));
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
o . . . . . .
o o X X X X .
)");
}

TEST(ConnectFour, FourUpwardsWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . x
. . . . . o x
. . . o . o x
)");
  const StepResult result = game.step(6);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . . . . X
. . . . . . X
. . . . . o X
. . . o . o X
)");
}

TEST(ConnectFour, FourAlongTheRisingDiagonalWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . x o . . .
. x o o . . .
x o o x . . .
)");
  const StepResult result = game.step(3);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . X . . .
. . X o . . .
. X o o . . .
X o o x . . .
)");
}

TEST(ConnectFour, FourAlongTheFallingDiagonalWin) {
  FourOnABoard game("random", R"(
. . . . . . .
. . . . . . .
. . . x . . .
. . . o x . .
. . . o o x .
. . . x o o .
)");
  const StepResult result = game.step(6);
  EXPECT_EQ(result.reward, 1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . X . . .
. . . o X . .
. . . o o X .
. . . x o o X
)");
}

TEST(ConnectFour, ALineDoesNotRunRoundTheEdge) {
  // Three on top of a column and one at the bottom of the next are no four.
  FourOnABoard game("none", R"(
x . . . . . .
x . . . . . .
x . . . . . .
o . . . . . .
o . . . . . .
o . . . . . .
)");
  EXPECT_FALSE(game.step(1).terminated);
}

TEST(ConnectFour, AFullBoardWithoutAFourIsADraw) {
  FourOnABoard game("none", R"(
x x o x x o .
o o x o o x o
x x o x x o x
o o x o o x o
x x o x x o x
o o x o o x x
)");
  EXPECT_THAT(game.mask(), testing::ElementsAre(0, 0, 0, 0, 0, 0, 1));
  const StepResult result = game.step(6);
  EXPECT_EQ(result.reward, 0);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(0, 1));
  EXPECT_THAT(game.mask(), testing::Each(1));  // nothing to forbid any more
  EXPECT_EQ(game.board(), R"(
x x o x x o o
o o x o o x o
x x o x x o x
o o x o o x o
x x o x x o x
o o x o o x x
)");
}

TEST(ConnectFour, TheOpponentsFourLoses) {
  FourOnABoard game("greedy", R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
x x . o o o .
)");
  // Both ends are open: it can be kept from one of them only.
  const StepResult result = game.step(2);
  EXPECT_EQ(result.reward, -1);
  EXPECT_TRUE(result.terminated);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(0, 0));
  EXPECT_EQ(game.board(), R"(
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
x x x O O O O
)");
}

TEST(ConnectFour, AFullColumnIsForbiddenAndThrowingIntoItLoses) {
  FourOnABoard game("random", R"(
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
)");
  EXPECT_THAT(game.mask(), testing::ElementsAre(1, 1, 0, 1, 1, 1, 1));
  const std::string before = game.board();
  const StepResult result = game.step(2);
  EXPECT_EQ(result.reward, -1);
  EXPECT_TRUE(result.terminated);
  EXPECT_EQ(game.board(), before);
  EXPECT_THAT(game.metrics(), testing::ElementsAre(0, 0));
}

TEST(ConnectFour, InSelfPlayTheMoverSeesItselfFirst) {
  GameOnABoard game("ConnectFour-v1", against("none"));
  const auto seen = [&](int row, int column, int channel) {
    return game.bytes[static_cast<std::size_t>(2 * (row * kColumns + column) + channel)];
  };
  EXPECT_THAT(game.bytes, testing::Each(0));
  game.step(3);  // now the second player looks
  EXPECT_EQ(seen(5, 3, 0), 0);
  EXPECT_EQ(seen(5, 3, 1), 1);
  game.step(3);  // and the first again
  EXPECT_EQ(seen(5, 3, 0), 1);
  EXPECT_EQ(seen(4, 3, 1), 1);
  EXPECT_EQ(std::count(game.bytes.begin(), game.bytes.end(), 1), 2);
}

TEST(ConnectFour, InSelfPlayTheRewardIsOfWhoeverThrew) {
  GameOnABoard first("ConnectFour-v1", against("none"));
  const StepResult won = first.play({0, 1, 0, 1, 0, 1, 0});
  EXPECT_EQ(won.reward, 1);
  EXPECT_TRUE(won.terminated);
  EXPECT_THAT(first.metrics(), testing::ElementsAre(1, 0));
  EXPECT_EQ(first.bytes[2 * (5 * kColumns + 0)], 0);  // seen by the loser: the stones of the other
  EXPECT_EQ(first.bytes[2 * (5 * kColumns + 1)], 1);
  GameOnABoard second("ConnectFour-v1", against("none"));
  const StepResult too = second.play({0, 1, 0, 1, 0, 1, 2, 1});
  EXPECT_EQ(too.reward, 1);
  EXPECT_THAT(second.metrics(), testing::ElementsAre(0, 0));  // not a success of the first player
}

TEST(ConnectFour, FirstSaysWhoBegins) {
  int begun = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    GameOnABoard game("ConnectFour-v1");
    game.rng = Rng(i, "who begins");
    game.start(0);
    begun += game.state()[kAgentField] == 2 ? 1 : 0;
  }
  EXPECT_NEAR(begun, 200, 5 * 10);  // standard deviation 10
  GameOnABoard agent("ConnectFour-v1", {{"first", "agent", "test"}});
  EXPECT_THAT(agent.bytes, testing::Each(0));
  GameOnABoard opponent("ConnectFour-v1", {{"first", "opponent", "test"}});
  EXPECT_EQ(std::count(opponent.bytes.begin(), opponent.bytes.end(), 1), 1);
  EXPECT_EQ(opponent.state()[kAgentField], 2);
}

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

TEST(ConnectFour, DigitsAreColumnsAndFullOnesMeanNothing) {
  FourOnABoard game("random", R"(
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
. . o . . . .
. . x . . . .
)");
  EXPECT_EQ(game.key(Key::k1), 0);
  EXPECT_EQ(game.key(Key::k7), 6);
  EXPECT_EQ(game.key(Key::k3), -1);
  EXPECT_EQ(game.key(Key::k8), -1);
  EXPECT_TRUE(game.env->spec().turn_based);
}

TEST(ConnectFour, AStateThatIsNoPositionIsRefused) {
  GameOnABoard game("ConnectFour-v1");
  const auto refusal = [&](const std::vector<std::pair<std::size_t, double>>& fields) {
    DoubleVec state(44, 0.0);
    state[kAgentField] = 1;
    state[kLastColumnField] = -1;
    for (const auto& [index, value] : fields) state[index] = value;
    return error_of([&] { game.set(state); }, ExitCode::kUsage);
  };
  const std::string no = "ConnectFour-v1: no such state: ";
  EXPECT_EQ(refusal({{35, 3}}),
            "ConnectFour-v1: state field 'row 5 column 0' is 3; expected a whole "
            "number from 0 to 2");
  EXPECT_EQ(refusal({{30, 1}}), no + "the stone in row 4, column 2 lies on nothing");
  EXPECT_EQ(refusal({{35, 2}}),
            no + "0 stones of 1 and 1 of 2; expected as many, or one more of 1");
  EXPECT_EQ(refusal({{35, 1}}), no + "the agent is 1, but it is the turn of 2");
  EXPECT_EQ(refusal({{35, 1}, {kAgentField, 2}, {kLastColumnField, 1}}),
            no + "the last stone is not on top of column 1");
  EXPECT_EQ(refusal({{35, 1}, {36, 1}, {37, 1}, {38, 1}, {41, 2}, {34, 2}, {27, 2}, {39, 2}}),
            no + "the player who is to move (1) has four already");
}

TEST(ConnectFour, ADamagedSaveIsRefused) {
  GameOnABoard game("ConnectFour-v1", {{"first", "agent", "test"}});
  StateWriter out;
  game.env->save(out);
  std::vector<std::uint8_t> bytes = out.bytes();
  const std::int32_t stone = 1;
  std::memcpy(bytes.data(), &stone, sizeof stone);  // a stone in the air
  StateReader in{Row<const std::uint8_t>(bytes)};
  EXPECT_EQ(error_of([&] { game.env->load(in); }),
            "ConnectFour-v1: no such state: the stone in row 0, column 0 lies on nothing");
}

TEST(ConnectFour, ParametersThatMeanNothingTogetherAreRefused) {
  const auto refusal = [](const ParamValues& params) {
    return error_of([&] { registry().find("ConnectFour-v1").make(params); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refusal({{"opponent", "none", "a.yaml:2"}, {"first", "agent", "a.yaml:3"}}),
            "a.yaml:3: env.first: 'agent' means nothing with opponent=none: both players act "
            "(ConnectFour-v1)");
  EXPECT_EQ(refusal({{"depth", "6", "a.yaml:3"}}),
            "a.yaml:3: env.depth: 6 means nothing with opponent=random; only minimax looks ahead "
            "(ConnectFour-v1)");
  EXPECT_EQ(refusal({{"opponent", "minimax", "a.yaml:2"}, {"depth", "11", "a.yaml:3"}}),
            "a.yaml:3: env.depth: 11 is out of range; expected [1, 10] (ConnectFour-v1)");
}

}  // namespace
}  // namespace tern
