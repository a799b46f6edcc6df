#include "render/terminal_screen.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tern {
namespace {

constexpr Color kTrack{46, 54, 58};

bool same(Color a, Color b) { return a.r == b.r && a.g == b.g && a.b == b.b; }
bool same(const TerminalCell& a, const TerminalCell& b) {
  return a.glyph == b.glyph && same(a.ink, b.ink) && same(a.ground, b.ground);
}

void add_utf8(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 63));
  } else {
    text += static_cast<char>(0xe0 | c >> 12);
    text += static_cast<char>(0x80 | (c >> 6 & 63));
    text += static_cast<char>(0x80 | (c & 63));
  }
}

int squared_distance(Color a, Color b) {
  const int r = a.r - b.r, g = a.g - b.g, blue = a.b - b.b;
  return 2 * r * r + 4 * g * g + 3 * blue * blue;  // as eyes weigh them
}

/// The colours 0 to 15 as most terminals show them.
int nearest_of_16(Color color) {
  static constexpr Color kColors[16] = {
      {0, 0, 0},       {205, 49, 49},  {13, 188, 121}, {229, 229, 16},
      {36, 114, 200},  {188, 63, 188}, {17, 168, 205}, {229, 229, 229},
      {102, 102, 102}, {241, 76, 76},  {35, 209, 139}, {245, 245, 67},
      {59, 142, 234},  {214, 112, 214}, {41, 184, 219}, {255, 255, 255}};
  int best = 0;
  for (int i = 1; i < 16; ++i) {
    if (squared_distance(color, kColors[i]) < squared_distance(color, kColors[best])) best = i;
  }
  return best;
}

/// Of the cube of 6 x 6 x 6 colours and the 24 greys.
int nearest_of_256(Color color) {
  const auto step = [](int v) { return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40; };
  const auto level = [](int i) { return static_cast<std::uint8_t>(i == 0 ? 0 : 55 + 40 * i); };
  const int r = step(color.r), g = step(color.g), b = step(color.b);
  const int grey = std::clamp((color.r + color.g + color.b) / 3 / 10 - 1, 0, 23);
  const auto shade = static_cast<std::uint8_t>(8 + 10 * grey);
  const bool is_grey = squared_distance(color, {shade, shade, shade}) <
                       squared_distance(color, {level(r), level(g), level(b)});
  return is_grey ? 232 + grey : 16 + 36 * r + 6 * g + b;
}

void add_color(std::string& text, Color color, bool is_ground, TerminalColors colors) {
  switch (colors) {
    case TerminalColors::kNone:
      return;
    case TerminalColors::k16: {
      const int i = nearest_of_16(color);
      text += ";" + std::to_string((i < 8 ? 30 + i : 90 + i - 8) + (is_ground ? 10 : 0));
      return;
    }
    case TerminalColors::k256:
      text += (is_ground ? ";48;5;" : ";38;5;") + std::to_string(nearest_of_256(color));
      return;
    case TerminalColors::kTrue:
      text += (is_ground ? ";48;2;" : ";38;2;") + std::to_string(color.r) + ";" +
              std::to_string(color.g) + ";" + std::to_string(color.b);
  }
}

}  // namespace

void TerminalScreen::put(int column, int row, const TerminalCell& cell) {
  if (column < 0 || row < 0 || column >= columns_ || row >= rows_) return;
  cells_[static_cast<std::size_t>(row * columns_ + column)] = cell;
}

void TerminalScreen::text(int column, int row, int width, std::string_view line, Color ink) {
  std::string fitted(line.substr(0, static_cast<std::size_t>(std::max(width, 0))));
  if (fitted.size() < line.size() && fitted.size() >= 2) fitted.replace(fitted.size() - 2, 2, "..");
  for (const char c : fitted) {
    TerminalCell cell;
    cell.glyph = c >= ' ' && c <= '~' ? static_cast<char32_t>(c) : U'?';
    cell.ink = ink;
    put(column++, row, cell);
  }
}

void TerminalScreen::bar(int column, int row, int width, float from, float to, Color color,
                         bool has_blocks) {
  from = std::clamp(from, 0.0f, 1.0f);
  to = std::clamp(to, 0.0f, 1.0f);
  if (from > to) std::swap(from, to);
  for (int i = 0; i < width; ++i) {
    // Of this character, in eighths.
    const auto eighths = [&](float part) {
      return std::clamp(static_cast<int>(std::lround(8 * (part * static_cast<float>(width) -
                                                          static_cast<float>(i)))),
                        0, 8);
    };
    const int begin = eighths(from), end = eighths(to);
    TerminalCell cell;
    if (!has_blocks) {
      cell.glyph = end - begin >= 4 ? U'#' : U'-';
      cell.ink = end - begin >= 4 ? color : kTrack;
    } else if (end - begin == 8) {
      cell.ground = color;
    } else if (begin == 0) {
      cell.glyph = end == 0 ? U' ' : static_cast<char32_t>(0x2590 - end);  // blocks from the left
      cell.ink = color;
      cell.ground = kTrack;
    } else {  // the left part of the character is track
      cell.glyph = begin == 8 ? U' ' : static_cast<char32_t>(0x2590 - begin);
      cell.ink = kTrack;
      cell.ground = begin == 8 || end <= begin ? kTrack : color;
    }
    put(column + i, row, cell);
  }
}

std::string TerminalScreen::update(const TerminalScreen* before, const TerminalKind& kind) const {
  const bool is_new =
      before == nullptr || before->columns_ != columns_ || before->rows_ != rows_;
  std::string text = is_new ? "\x1b[0m\x1b[2J" : "";
  Color ink, ground;
  bool has_colors = false;
  for (int row = 0; row < rows_; ++row) {
    bool is_here = false;  // the cursor
    for (int column = 0; column < columns_; ++column) {
      const TerminalCell& cell = at(column, row);
      if (!is_new && same(cell, before->at(column, row))) {
        is_here = false;
        continue;
      }
      if (!is_here) {
        text += "\x1b[" + std::to_string(row + 1) + ";" + std::to_string(column + 1) + "H";
        is_here = true;
      }
      if (!has_colors || !same(ink, cell.ink) || !same(ground, cell.ground)) {
        text += "\x1b[0";
        add_color(text, cell.ink, /*is_ground=*/false, kind.colors);
        add_color(text, cell.ground, /*is_ground=*/true, kind.colors);
        text += "m";
        ink = cell.ink;
        ground = cell.ground;
        has_colors = true;
      }
      add_utf8(text, cell.glyph < 0x80 || kind.has_blocks ? cell.glyph : U'#');
    }
  }
  return text;
}

}  // namespace tern
