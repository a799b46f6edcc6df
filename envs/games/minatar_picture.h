#pragma once
// How MinAtar games are drawn: one scene unit a cell, row 0 on top.

#include <string>

#include "core/canvas.h"
#include "envs/games/minatar.h"

namespace tern::minatar {

/// The middle of a cell.
inline Point center(int row, int column) {
  return {static_cast<float>(column) + 0.5f, static_cast<float>(kSide - row) - 0.5f};
}

/// Starts a frame of the whole board.
void begin_board(Canvas& canvas, Color background);

/// Where something came from: a streak from `tail` that grows to `radius` at `head`.
void draw_trail(Canvas& canvas, Point tail, Point head, float radius, Color color);

/// A burst around a point: something was hit.
void draw_burst(Canvas& canvas, Point at, float radius, Color color);

/// The board in letters, for text canvases.
class Letters {
 public:
  explicit Letters(char ground = '.');
  void put(int row, int column, char letter);
  /// Puts the letter into the columns of `row` whose bit is set.
  void put_row(int row, unsigned columns, char letter);
  void show(Canvas& canvas) const;

 private:
  std::string cells_;
};

}  // namespace tern::minatar
