#pragma once
// Scripted players of Connect Four, for whoever is to move.

#include "core/rng.h"
#include "envs/games/connect_four_board.h"

namespace tern::connect_four {

enum class Opponent { kNone, kRandom, kGreedy, kMinimax };

constexpr int kMaxDepth = 10;

/// One of the landings with equal probability. Some column is open, here and below.
Bits random_move(const Board& board, Rng& rng);

/// A landing that wins if there is one; else one that keeps the other side from winning with its
/// next stone; else a random one. Among several of a kind each is equally likely.
Bits greedy_move(const Board& board, Rng& rng);

/// The best landing by looking `depth` stones ahead, its own included, and at fours that the stone
/// after these would complete; depth 1 to kMaxDepth. Wins as soon, loses as late as possible; where
/// nothing is decided within that, prefers to have free cells that would complete a four once they
/// can be reached, and stones in the middle. Among equals each is equally likely.
///   Negamax with alpha-beta pruning (Knuth and Moore 1975).
Bits minimax_move(const Board& board, int depth, Rng& rng);

}  // namespace tern::connect_four
