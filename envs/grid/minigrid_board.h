#pragma once
// The grid, the objects and the moves that all MiniGrid envs share.
//
// Facts from MiniGrid (Chevalier-Boisvert et al. 2023): its numbers of objects, colours, door states,
// directions and actions, and what each action does.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/rng.h"

namespace tern::minigrid {

enum Object : std::uint32_t {
  kUnseen, kEmpty, kWall, kFloor, kDoor, kKey, kBall, kBox, kGoal, kLava, kAgent,
};
enum ObjectColor : std::uint32_t { kRed, kGreen, kBlue, kPurple, kYellow, kGrey };
enum DoorState : std::uint32_t { kOpen, kClosed, kLocked };
enum Direction : int { kRight, kDown, kLeft, kUp };
enum Action : int { kTurnLeft, kTurnRight, kForward, kPickup, kDrop, kToggle, kDone };
constexpr int kNumObjects = 11, kNumColors = 6, kNumStates = 3, kNumDirections = 4, kNumActions = 7;

/// What stands in a cell: object, colour, door state, and a tag that nobody sees, one byte each from
/// the lowest up. A plain number, so that a view is a copy.
using Cell = std::uint32_t;

constexpr Cell make_cell(Object object, ObjectColor color = kRed, DoorState state = kOpen,
                         std::uint32_t tag = 0) {
  return object | color << 8 | state << 16 | tag << 24;
}
constexpr Cell kNothing = make_cell(kEmpty);
constexpr Cell kWallCell = make_cell(kWall, kGrey);
constexpr Cell kGoalCell = make_cell(kGoal, kGreen);
constexpr Cell kLavaCell = make_cell(kLava, kRed);

constexpr Object object_of(Cell cell) { return static_cast<Object>(cell & 0xFF); }
constexpr ObjectColor color_of(Cell cell) { return static_cast<ObjectColor>(cell >> 8 & 0xFF); }
constexpr DoorState state_of(Cell cell) { return static_cast<DoorState>(cell >> 16 & 0xFF); }
constexpr std::uint32_t tag_of(Cell cell) { return cell >> 24; }
/// The cell without its tag.
constexpr Cell seen(Cell cell) { return cell & 0xFFFFFF; }

/// Whether the agent may stand there.
constexpr bool can_enter(Cell cell) {
  const Object object = object_of(cell);
  return object == kEmpty || object == kGoal || object == kLava || object == kFloor ||
         (object == kDoor && state_of(cell) == kOpen);
}
constexpr bool can_pick_up(Cell cell) {
  return object_of(cell) == kKey || object_of(cell) == kBall || object_of(cell) == kBox;
}
/// Whether what lies behind is hidden.
constexpr bool is_opaque(Cell cell) {
  return object_of(cell) == kWall || (object_of(cell) == kDoor && state_of(cell) != kOpen);
}

struct Spot {
  int x = 0, y = 0;  // column from the left, row from the top
  friend bool operator==(Spot a, Spot b) { return a.x == b.x && a.y == b.y; }
};
struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
};

constexpr Spot kStep[kNumDirections] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

/// A board with an agent on it. Beyond its border everything is wall.
class Board {
 public:
  /// How far one sees, to each side half of it; the board is padded by as much.
  static constexpr int kView = 7;

  Board(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }

  /// An empty board within outer walls; the agent stands at (1, 1), looks right, carries nothing.
  void clear();
  Cell at(Spot spot) const { return cells_[index(spot)]; }
  void put(Spot spot, Cell cell) { cells_[index(spot)] = cell; }
  /// Walls along the border of the rectangle; its inside stays.
  void wall_in(Rect rect);
  void wall_column(int x, int y, int length);
  void wall_row(int x, int y, int length);

  Rect board() const { return {0, 0, width_, height_}; }
  /// A cell of the rectangle that is empty and not the agent's, each equally likely, for which
  /// `accepts(spot)`. Throws Error::failure if there is none; `find` returns false instead.
  template <class Accepts>
  bool find(Rng& rng, Rect rect, const Accepts& accepts, Spot& found) const;
  Spot place(Rng& rng, Rect rect, Cell cell);
  /// Puts the agent on an empty cell of the rectangle, looking anywhere.
  void place_agent(Rng& rng, Rect rect);

  Spot ahead() const { return {agent.x + kStep[direction].x, agent.y + kStep[direction].y}; }
  /// Turns, moves, picks up, drops or toggles; what cannot be done does nothing. Returns the cell
  /// that was ahead before.
  Cell act(int action);

  /// The padded cells, to look around from the agent: one row is `stride()` cells.
  const Cell* at_agent() const { return &cells_[index(agent)]; }
  std::ptrdiff_t stride() const { return width_ + 2 * (kView - 1); }

  Spot agent;
  int direction = kRight;
  Cell carried = kNothing;

 private:
  std::size_t index(Spot spot) const {
    return static_cast<std::size_t>((spot.y + kView - 1) * stride() + spot.x + kView - 1);
  }
  [[noreturn]] static void fail_to_place();

  int width_, height_;
  std::vector<Cell> cells_;  // padded by kView - 1 cells of wall on each side
};

template <class Accepts>
bool Board::find(Rng& rng, Rect rect, const Accepts& accepts, Spot& found) const {
  const auto is_free = [&](Spot spot) {
    return at(spot) == kNothing && !(spot == agent) && accepts(spot);
  };
  std::uint32_t count = 0;
  for (int y = rect.y; y < rect.y + rect.height; ++y) {
    for (int x = rect.x; x < rect.x + rect.width; ++x) count += is_free({x, y}) ? 1 : 0;
  }
  if (count == 0) return false;
  std::uint32_t left = rng.below(count);
  for (int y = rect.y; y < rect.y + rect.height; ++y) {
    for (int x = rect.x; x < rect.x + rect.width; ++x) {
      if (!is_free({x, y})) continue;
      if (left == 0) {
        found = {x, y};
        return true;
      }
      --left;
    }
  }
  return false;
}

}  // namespace tern::minigrid
