#pragma once
// The pieces of Tetris and the board they fall on: shapes, landing, locking, clearing lines.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/views.h"

namespace tern::tetris {

constexpr int kColumns = 10, kRows = 20, kNumPieces = 7, kTurns = 4;
constexpr int kNumPlacements = kTurns * kColumns;

/// A piece in one rotation. Columns count from the left of its box, heights from its bottom.
struct Shape {
  int width = 0, height = 0;
  std::array<std::int8_t, 4> x = {}, y = {};           // its cells
  std::array<std::int8_t, 4> bottom = {}, top = {};    // of a column: lowest cell, one past the highest
};

constexpr Shape make_shape(const std::array<std::int8_t, 4>& x, const std::array<std::int8_t, 4>& y) {
  Shape shape;
  shape.x = x;
  shape.y = y;
  for (std::size_t i = 0; i < 4; ++i) {
    shape.width = std::max(shape.width, x[i] + 1);
    shape.height = std::max(shape.height, y[i] + 1);
  }
  for (std::size_t c = 0; c < 4; ++c) {
    shape.bottom[c] = 4;
    for (std::size_t i = 0; i < 4; ++i) {
      if (x[i] != static_cast<std::int8_t>(c)) continue;
      shape.bottom[c] = std::min(shape.bottom[c], y[i]);
      shape.top[c] = std::max(shape.top[c], static_cast<std::int8_t>(y[i] + 1));
    }
  }
  return shape;
}

/// The same piece after a quarter turn clockwise.
constexpr Shape turned(const Shape& shape) {
  std::array<std::int8_t, 4> x = {}, y = {};
  for (std::size_t i = 0; i < 4; ++i) {
    x[i] = shape.y[i];
    y[i] = static_cast<std::int8_t>(shape.width - 1 - shape.x[i]);
  }
  return make_shape(x, y);
}

struct Piece {
  char letter;
  int distinct;  // rotations that differ: the first ones
  std::array<Shape, kTurns> shapes;
};

constexpr Piece make_piece(char letter, int distinct, const std::array<std::int8_t, 4>& x,
                           const std::array<std::int8_t, 4>& y) {
  Piece piece = {letter, distinct, {}};
  piece.shapes[0] = make_shape(x, y);
  for (std::size_t turn = 1; turn < kTurns; ++turn) {
    piece.shapes[turn] = turned(piece.shapes[turn - 1]);
  }
  return piece;
}

/// Unturned they lie flat, as they appear; T, J and L with the single cell on top.
inline constexpr std::array<Piece, kNumPieces> kPieces = {
    make_piece('I', 2, {0, 1, 2, 3}, {0, 0, 0, 0}), make_piece('O', 1, {0, 1, 0, 1}, {0, 0, 1, 1}),
    make_piece('T', 4, {0, 1, 2, 1}, {0, 0, 0, 1}), make_piece('S', 2, {0, 1, 1, 2}, {0, 0, 1, 1}),
    make_piece('Z', 2, {1, 2, 0, 1}, {0, 0, 1, 1}), make_piece('J', 4, {0, 1, 2, 0}, {0, 0, 0, 1}),
    make_piece('L', 4, {0, 1, 2, 2}, {0, 0, 0, 1})};

/// What lies on the ground. A cell holds 0 or the number of a piece plus 1, row 0 on top; heights
/// count from the ground.
class Board {
 public:
  using Cells = std::array<std::uint8_t, kRows * kColumns>;

  const Cells& cells() const { return cells_; }
  /// Takes cells of 0 to 7 and finds again what is derived from them.
  void set(const Cells& cells) {
    cells_ = cells;
    filled_.fill(0);
    heights_.fill(0);
    for (int row = 0; row < kRows; ++row) {
      for (int column = 0; column < kColumns; ++column) {
        if (cell(row, column) == 0) continue;
        const int height = kRows - row;
        ++filled_[static_cast<std::size_t>(height - 1)];
        auto& most = heights_[static_cast<std::size_t>(column)];
        most = std::max(most, static_cast<std::int8_t>(height));
      }
    }
  }
  /// Whether some row has no gap; such a row would have been cleared.
  bool has_full_row() const {
    return std::find(filled_.begin(), filled_.end(), kColumns) != filled_.end();
  }
  int highest() const { return *std::max_element(heights_.begin(), heights_.end()); }

  /// The height at which a shape dropped from above comes to rest, its left at `column`.
  int landing(const Shape& shape, int column) const {
    int height = 0;
    for (int c = 0; c < shape.width; ++c) {
      height = std::max(height, heights_[static_cast<std::size_t>(column + c)] -
                                    shape.bottom[static_cast<std::size_t>(c)]);
    }
    return height;
  }
  bool fits(const Shape& shape, int column) const {
    return landing(shape, column) + shape.height <= kRows;
  }

  /// Puts a shape that fits where it lands and clears full rows; how many.
  int drop(const Shape& shape, int column, std::uint8_t value) {
    const int height = landing(shape, column);
    for (std::size_t i = 0; i < 4; ++i) {
      cells_[index(kRows - 1 - height - shape.y[i], column + shape.x[i])] = value;
      ++filled_[static_cast<std::size_t>(height + shape.y[i])];
    }
    for (int c = 0; c < shape.width; ++c) {
      heights_[static_cast<std::size_t>(column + c)] =
          static_cast<std::int8_t>(height + shape.top[static_cast<std::size_t>(c)]);
    }
    int lines = 0;
    for (int h = height + shape.height - 1; h >= height; --h) {  // from above: no row moves twice
      if (filled_[static_cast<std::size_t>(h)] < kColumns) continue;
      remove_row(h);
      ++lines;
    }
    if (lines > 0) lower_heights(lines);
    return lines;
  }

 private:
  static std::size_t index(int row, int column) {
    return static_cast<std::size_t>(row * kColumns + column);
  }
  std::uint8_t cell(int row, int column) const { return cells_[index(row, column)]; }

  /// Everything above the row at `height` comes down by one.
  void remove_row(int height) {
    const std::size_t above = index(kRows - 1 - height, 0);  // cells in the rows above it
    std::memmove(cells_.data() + kColumns, cells_.data(), above);
    std::memset(cells_.data(), 0, kColumns);
    const auto h = static_cast<std::size_t>(height);
    std::memmove(filled_.data() + h, filled_.data() + h + 1, kRows - 1 - h);
    filled_[kRows - 1] = 0;
  }
  /// A column is at least as many lower as lines went, and more where these covered a hole.
  void lower_heights(int lines) {
    for (int column = 0; column < kColumns; ++column) {
      int height = heights_[static_cast<std::size_t>(column)] - lines;
      while (height > 0 && cell(kRows - height, column) == 0) --height;
      heights_[static_cast<std::size_t>(column)] = static_cast<std::int8_t>(height);
    }
  }

  Cells cells_ = {};
  std::array<std::uint8_t, kRows> filled_ = {};       // cells in the row at each height
  std::array<std::int8_t, kColumns> heights_ = {};  // one past the highest cell of each column
};

}  // namespace tern::tetris
