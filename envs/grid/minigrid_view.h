#pragma once
// What the agent of a MiniGrid env sees: the 7x7 cells before it, turned so that it looks up.

#include <array>
#include <cstddef>

#include "envs/grid/minigrid_board.h"

namespace tern::minigrid {

constexpr int kViewSide = Board::kView, kViewCells = kViewSide * kViewSide;

/// Cells without tags, [column][row]: column 0 is on the left, row 6 is the agent's own, where it
/// stands in column 3 and sees what it carries. Cells that are hidden are 0 (kUnseen).
using View = std::array<Cell, kViewCells>;

/// Where in a View the cell of a column and a row is.
constexpr std::size_t view_index(int column, int row) {
  return static_cast<std::size_t>(column * kViewSide + row);
}

/// Looks ahead. Unless `sees_through_walls`, a cell is seen if light comes to it from below: in the
/// agent's row, light spreads from the agent to both sides through what is not opaque, and each cell
/// that it passes through lights the cell above it and the one beside that, on the side where the
/// light was going; so on, row by row.
void look(const Board& env, bool sees_through_walls, View& view);

}  // namespace tern::minigrid
