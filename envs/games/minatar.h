#pragma once
// What MinAtar's five games have in common: a board of 10 x 10 cells, six moves, sticky actions.
//
// Observation: one image [row][column][channel] of bytes, 1 where the channel's object is, else 0;
// row 0 is on top. The name of the field lists the channels in their order.
//
// Actions: the ids ending in -v0 (`actions=all`) have all six moves in the order noop, left, up,
// right, down, fire, and what a game has no use for does nothing; those ending in -v1
// (`actions=minimal`) have, in the same order, only the moves that the game knows.
//
// Sticky actions: with probability `sticky_actions` (0.1, as in the reference) a step executes the
// move that the step before executed, whatever the agent chose. This is the env's own parameter
// and takes the place of the wrapper of the same name; they differ in the first step of an episode:
// here "the move before" is then noop, as in a fresh game of the reference (which does not forget
// the last move of the episode before).
//
// Reference: MinAtar (Young and Tian 2019, arXiv 1903.03176) 1.0.15: its rules, numbers and order of
// events, each frame compared; the code is our own.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "envs/env.h"

namespace tern::minatar {

constexpr int kSide = 10;  // cells along a side of the board
constexpr int kLast = kSide - 1;
constexpr int kMaxTimer = 1'000'000'000;  // for numbers that have no other limit

/// What a player can do; the numbers are the actions of the -v0 games.
enum Move : int { kNoop, kLeft, kUp, kRight, kDown, kFire };
constexpr int kNumMoves = 6;

/// The parameters of every game.
struct CommonParams {
  std::string actions = "minimal";
  double sticky_actions = 0.1;

  template <class V>
  void visit(V& v) {
    v("actions", actions, "the game's own moves or all six", one_of({"minimal", "all"}));
    v("sticky_actions", sticky_actions, "probability that the move before is executed again",
      Limits{0, 1, false, true, {}});
  }
};

/// The parameters of games that grow harder.
struct RampingParams {
  CommonParams common;
  bool difficulty_ramping = true;

  template <class V>
  void visit(V& v) {
    common.visit(v);
    v("difficulty_ramping", difficulty_ramping, "the game grows harder");
  }
};

/// A game, before its parameters are known.
struct Facts {
  std::string name;  // "Breakout"
  std::string summary;
  std::vector<std::string> channels;
  std::vector<Move> moves;  // of the -v1 game
  int frames_per_second = 10;
};

/// The spec that follows from these: all but limits, state fields and metrics.
EnvSpec make_spec(const Facts& facts, const CommonParams& params);


/// From an action to the move that is executed, and from a player's wish to an action.
class Controls {
 public:
  Controls(const Facts& facts, const CommonParams& params);

  /// The move that choosing `action` executes after the move `before`.
  Move executed(std::int32_t action, int before, Rng& rng) const {
    if (stickiness_ > 0 && rng.chance(stickiness_)) return static_cast<Move>(before);
    return moves_[action];
  }
  /// The action of a player with these keys: arrows move, space fires if `may_fire` (a player who
  /// holds it down moves on while the gun is not ready). No key: noop.
  std::int32_t chosen(const Keys& keys, bool may_fire) const;

 private:
  Move moves_[kNumMoves] = {};  // by action
  int num_moves_ = 0;
  double stickiness_;
};

/// Zeroes. A call on purpose: where GCC 12 knows the size it writes `rep stos`, which takes longer
/// than all rules of a frame.
void clear(std::uint8_t* bytes, std::size_t size);

/// An observation of a game with kChannels channels, while it is written: first all clear.
template <int kChannels>
class Image {
 public:
  explicit Image(ObsRow obs) : cells_(obs.bytes().data()) {
    clear(cells_, kSide * kSide * kChannels);
  }
  void mark(int row, int column, int channel) {
    cells_[(row * kSide + column) * kChannels + channel] = 1;
  }
  /// As mark, for a neighbour that may lie beside the board.
  void mark_inside(int row, int column, int channel) {
    if (column >= 0 && column < kSide) mark(row, column, channel);
  }
  /// Marks the columns of `row` whose bit is set.
  void mark_row(int row, unsigned columns, int channel) {
    std::uint8_t* const first = cells_ + row * kSide * kChannels + channel;
    for (int column = 0; column < kSide; ++column) {
      first[column * kChannels] = static_cast<std::uint8_t>(columns >> column & 1);
    }
  }
  /// The same, quicker where few bits are set: leaves the others alone.
  void mark_bits(int row, unsigned columns, int channel) {
    for (; columns != 0; columns &= columns - 1) mark(row, __builtin_ctz(columns), channel);
  }

 private:
  std::uint8_t* cells_;
};

/// One to the right or to the left.
inline int ahead(int goes_right) { return goes_right != 0 ? 1 : -1; }

}  // namespace tern::minatar
