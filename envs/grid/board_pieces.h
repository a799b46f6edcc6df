#pragma once
// Pieces that the boards of several envs share, one scene unit a cell.

#include <string_view>

#include "core/canvas.h"

namespace tern {

constexpr float kQuarterTurn = 1.57079632679f;

/// Somebody seen from above, nose to the right before the turn by `angle` rad.
void draw_walker(Canvas& canvas, Point center, float angle, Color color, float scale = 1);

/// A flag on a pole: where to go.
void draw_flag(Canvas& canvas, Point center);

/// A board of rows x columns floor cells in two shades, like a chess board.
void draw_floor(Canvas& canvas, int rows, int columns, Color light, Color dark);

/// The board in letters, two for each cell, row by row from the top: seen on text canvases,
/// invisible in pictures. Called last. letters: 2 * rows * columns printable characters.
void write_letters(Canvas& canvas, int rows, int columns, std::string_view letters);

}  // namespace tern
