#include "envs/grid/board_pieces.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tern {
namespace {

constexpr char kFirstLetter = ' ';
constexpr std::size_t kNumLetters = '~' - ' ' + 1;

/// A clear style for each printable character.
const std::array<CellStyle, kNumLetters>& letter_styles() {
  static const std::array<CellStyle, kNumLetters> styles = [] {
    std::array<CellStyle, kNumLetters> all;
    for (std::size_t i = 0; i < kNumLetters; ++i) {
      all[i] = {{0, 0, 0, 0}, static_cast<char>(kFirstLetter + static_cast<char>(i))};
    }
    return all;
  }();
  return styles;
}

}  // namespace

void draw_walker(Canvas& canvas, Point center, float angle, Color color, float scale) {
  canvas.push(center, angle, scale);
  const Point nose[3] = {{0.4f, 0}, {0.15f, 0.2f}, {0.15f, -0.2f}};
  canvas.polygon(nose, 3, color);
  canvas.circle({0, 0}, 0.27f, color);
  canvas.circle({0, 0}, 0.14f, palette::kBackground);
  canvas.pop();
}

void draw_flag(Canvas& canvas, Point at) {
  canvas.circle({at.x - 0.15f, at.y - 0.32f}, 0.08f, palette::kMuted);
  canvas.capsule({at.x - 0.15f, at.y - 0.3f}, {at.x - 0.15f, at.y + 0.34f}, 0.03f, palette::kInk);
  const Point flag[3] = {{at.x - 0.12f, at.y + 0.36f},
                         {at.x - 0.12f, at.y - 0.02f},
                         {at.x + 0.34f, at.y + 0.17f}};
  canvas.polygon(flag, 3, palette::kGoal);
}

void draw_floor(Canvas& canvas, int rows, int columns, Color light, Color dark) {
  const CellStyle styles[] = {{light}, {dark}};
  std::vector<std::uint8_t> kinds;
  for (int cell = 0; cell < rows * columns; ++cell) {
    kinds.push_back(static_cast<std::uint8_t>((cell / columns + cell % columns) % 2));
  }
  canvas.cells({0, static_cast<float>(rows)}, 1, rows, columns, kinds.data(), styles, 2);
}

void write_letters(Canvas& canvas, int rows, int columns, std::string_view letters) {
  // Cells of half the size: two columns for each cell, and two rows, which are one row of text.
  std::vector<std::uint8_t> kinds;
  const auto width = static_cast<std::size_t>(2 * columns);
  for (int row = 0; row < 2 * rows; ++row) {
    for (const char letter : letters.substr(static_cast<std::size_t>(row / 2) * width, width)) {
      kinds.push_back(static_cast<std::uint8_t>(letter - kFirstLetter));
    }
  }
  canvas.cells({0, static_cast<float>(rows)}, 0.5f, 2 * rows, 2 * columns, kinds.data(),
               letter_styles().data(), kNumLetters);
}

}  // namespace tern
