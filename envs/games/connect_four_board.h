#pragma once
// Connect Four on bits. Each side's stones are a 64-bit number: bit 7 * column + row, row 0 at the
// bottom; the seventh bit of a column stays clear, so that no line runs from one column's top into
// the next one's bottom. Neighbours along a line are 1 (upwards), 7 (sideways), 6 or 8 (along a
// diagonal) bits apart.

#include <cstdint>

namespace tern::connect_four {

constexpr int kRows = 6, kColumns = 7, kCells = kRows * kColumns;
constexpr int kStride = kRows + 1;
constexpr int kLineSteps[] = {1, kStride - 1, kStride, kStride + 1};

using Bits = std::uint64_t;

constexpr Bits bit(int row, int column) {
  return Bits{1} << (kStride * column + row);
}
constexpr Bits kBottomRow =
    bit(0, 0) | bit(0, 1) | bit(0, 2) | bit(0, 3) | bit(0, 4) | bit(0, 5) | bit(0, 6);
constexpr Bits kTopRow = kBottomRow << (kRows - 1);
constexpr Bits kAllCells = kBottomRow * ((1u << kRows) - 1);
constexpr Bits column_cells(int column) {
  return Bits{(1u << kRows) - 1} << (kStride * column);
}

/// The stones that stand in a row of four or more.
inline Bits fours(Bits stones) {
  Bits all = 0;
  for (const int step : kLineSteps) {
    const Bits pairs = stones & (stones >> step);
    const Bits first = pairs & (pairs >> 2 * step);
    all |= first | first << step | first << 2 * step | first << 3 * step;
  }
  return all;
}

inline bool has_four(Bits stones) {
  Bits any = 0;
  for (const int step : kLineSteps) {
    const Bits pairs = stones & (stones >> step);
    any |= pairs & (pairs >> 2 * step);
  }
  return any != 0;
}

/// The cells, free or not, where one more stone of these makes a four.
inline Bits completing_cells(Bits stones) {
  Bits cells = 0;
  for (const int step : kLineSteps) {
    const Bits before = stones << step, after = stones >> step;
    cells |= before & (stones << 2 * step) & ((stones << 3 * step) | after);
    cells |= after & (stones >> 2 * step) & ((stones >> 3 * step) | before);
  }
  return cells & kAllCells;
}

/// A position: whose stones are where. Side 0 moved first; sides move in turn.
struct Board {
  Bits stones[2] = {0, 0};
  int count = 0;  // stones on the board

  Bits taken() const { return stones[0] | stones[1]; }
  int mover() const { return count & 1; }
  bool is_full() const { return count == kCells; }
  bool is_open(int column) const { return (taken() & kTopRow & column_cells(column)) == 0; }
  /// The cells where a stone can land now, one in each open column.
  Bits landings() const { return (taken() + kBottomRow) & kAllCells; }
  /// The mover's stone falls on a cell of landings().
  void place(Bits cell) {
    stones[mover()] |= cell;
    ++count;
  }
};

/// The cell where a stone thrown into an open column lands.
inline Bits landing(const Board& board, int column) {
  return board.landings() & column_cells(column);
}

}  // namespace tern::connect_four
