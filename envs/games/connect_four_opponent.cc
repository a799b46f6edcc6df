#include "envs/games/connect_four_opponent.h"

#include <algorithm>

namespace tern::connect_four {
namespace {

constexpr int kWin = 10'000;  // less the number of stones on the board
constexpr int kInfinity = 2 * kWin;
constexpr int kCompletingCell = 16;  // worth of a free cell that would complete a four
constexpr int kFromTheMiddle[kColumns] = {3, 2, 4, 1, 5, 0, 6};  // good moves first: more is pruned

int count_bits(Bits bits) {
  return __builtin_popcountll(bits);
}

/// One of the bits, each equally likely.
Bits any_of(Bits bits, Rng& rng) {
  auto skipped = rng.below(static_cast<std::uint32_t>(count_bits(bits)));
  for (; skipped > 0; --skipped) bits &= bits - 1;
  return bits & (~bits + 1);
}

/// What a side's stones are worth while nothing is decided, `waiting` the cells that nobody can
/// reach with the next stone: fours there stay to be completed, others are prevented at once.
int worth(Bits stones, Bits waiting) {
  const Bits middle = column_cells(3), beside = column_cells(2) | column_cells(4),
             outside = column_cells(1) | column_cells(5);
  return kCompletingCell * count_bits(completing_cells(stones) & waiting) +
         3 * count_bits(stones & middle) + 2 * count_bits(stones & beside) +
         count_bits(stones & outside);
}

/// The value of the position for the mover, `depth` stones ahead; exact between alpha and beta.
int value_of(const Board& board, int depth, int alpha, int beta) {
  if (board.is_full()) return 0;
  const Bits own = board.stones[board.mover()], other = board.stones[board.mover() ^ 1];
  const Bits landings = board.landings();
  if ((completing_cells(own) & landings) != 0) return kWin - (board.count + 1);
  if (depth == 0) {
    const Bits waiting = kAllCells & ~board.taken() & ~landings;
    return worth(own, waiting) - worth(other, waiting);
  }
  for (const int column : kFromTheMiddle) {
    const Bits cell = landings & column_cells(column);
    if (cell == 0) continue;
    Board next = board;
    next.place(cell);
    alpha = std::max(alpha, -value_of(next, depth - 1, -beta, -alpha));
    if (alpha >= beta) break;
  }
  return alpha;
}

}  // namespace

Bits random_move(const Board& board, Rng& rng) {
  return any_of(board.landings(), rng);
}

Bits greedy_move(const Board& board, Rng& rng) {
  const Bits landings = board.landings();
  const Bits wins = completing_cells(board.stones[board.mover()]) & landings;
  if (wins != 0) return any_of(wins, rng);
  const Bits blocks = completing_cells(board.stones[board.mover() ^ 1]) & landings;
  return any_of(blocks != 0 ? blocks : landings, rng);
}

Bits minimax_move(const Board& board, int depth, Rng& rng) {
  const Bits landings = board.landings();
  const Bits wins = completing_cells(board.stones[board.mover()]) & landings;
  if (wins != 0) return any_of(wins, rng);
  Bits best = 0;
  int best_value = -kInfinity;
  for (const int column : kFromTheMiddle) {
    const Bits cell = landings & column_cells(column);
    if (cell == 0) continue;
    Board next = board;
    next.place(cell);
    // One below the best so far: values as good as it are exact, too.
    const int value = -value_of(next, depth - 1, -kInfinity, 1 - best_value);
    if (value > best_value) best = 0;
    if (value >= best_value) best |= cell;
    best_value = std::max(best_value, value);
  }
  return any_of(best, rng);
}

}  // namespace tern::connect_four
