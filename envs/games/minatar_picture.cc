#include "envs/games/minatar_picture.h"

#include <algorithm>
#include <cmath>

#include "envs/grid/board_pieces.h"

namespace tern::minatar {

void begin_board(Canvas& canvas, Color background) {
  canvas.set_view({0, 0}, {kSide, kSide}, background);
  canvas.surround({0, 0}, {kSide, kSide}, palette::kInk);
}

void draw_trail(Canvas& canvas, Point tail, Point head, float radius, Color color) {
  constexpr int kParts = 5;
  tail.x = std::clamp(tail.x, radius, kSide - radius);  // nothing is drawn beside the board
  for (int i = 0; i < kParts; ++i) {
    const float from = static_cast<float>(i) / kParts;
    const float x = tail.x + (head.x - tail.x) * from, y = tail.y + (head.y - tail.y) * from;
    Color shade = color;
    shade.a = static_cast<std::uint8_t>(28 + 14 * i);
    canvas.capsule({x, y}, head, radius * (0.35f + 0.65f * from), shade);
  }
}

void draw_burst(Canvas& canvas, Point at, float radius, Color color) {
  constexpr int kSpikes = 9;
  Point star[2 * kSpikes];
  for (int i = 0; i < 2 * kSpikes; ++i) {
    const float angle = 3.14159265f * static_cast<float>(i) / kSpikes;
    const float reach = i % 2 == 0 ? radius : 0.55f * radius;
    star[i] = {at.x + reach * std::cos(angle), at.y + reach * std::sin(angle)};
  }
  canvas.polygon(star, 2 * kSpikes, color);
}

Letters::Letters(char ground) {
  for (int i = 0; i < kSide * kSide; ++i) {
    cells_ += ground;
    cells_ += ' ';
  }
}

void Letters::put(int row, int column, char letter) {
  if (row < 0 || row >= kSide || column < 0 || column >= kSide) return;
  cells_[static_cast<std::size_t>(2 * (row * kSide + column))] = letter;
}

void Letters::put_row(int row, unsigned columns, char letter) {
  for (int column = 0; column < kSide; ++column) {
    if ((columns >> column & 1) != 0) put(row, column, letter);
  }
}

void Letters::show(Canvas& canvas) const { write_letters(canvas, kSide, kSide, cells_); }

}  // namespace tern::minatar
