#include "core/drawing/text_canvas.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace tern {
namespace {

constexpr double kTurn = 6.28318530717958647692;  // radians
constexpr int kMaxCharacters = 1024;
/// Farther out than this nothing is drawn, so that row and column stay small integers.
constexpr double kFar = 4.0 * kMaxCharacters;

/// Whether a point lies inside a polygon: rays to the right cross its border an odd number of
/// times.
bool contains(const std::vector<PixelPoint>& corners, double x, double y) {
  bool inside = false;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const PixelPoint &a = corners[i], &b = corners[j];
    if ((a.y > y) == (b.y > y)) continue;
    if (x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/// The character that runs in a direction; dx in columns, dy in rows downwards, which look twice as
/// long.
char direction(double dx, double dy) {
  const double across = std::fabs(dx), down = std::fabs(2 * dy);
  if (down < 0.42 * across) return '-';
  if (across < 0.42 * down) return '|';
  return (dx > 0) == (dy > 0) ? '\\' : '/';
}

}  // namespace

TextCanvas::TextCanvas(int columns, int rows) : columns_(columns), rows_(rows) {
  if (columns < 1 || rows < 1 || columns > kMaxCharacters || rows > kMaxCharacters) {
    throw Error("a text picture of " + std::to_string(columns) + "x" + std::to_string(rows) +
                " characters cannot be made; expected 1 to " + std::to_string(kMaxCharacters) +
                " in both directions");
  }
  set_view({0, 0}, {static_cast<float>(columns), 2 * static_cast<float>(rows)}, {});
}

std::string TextCanvas::str() const {
  std::string text;
  for (const std::string& row : grid_) {
    text += row.substr(0, row.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

void TextCanvas::set_view(Point low, Point high, Color) {
  stack_.set_view(low, high, columns_, 2.0 * rows_);
  grid_.assign(static_cast<std::size_t>(rows_),
               std::string(static_cast<std::size_t>(columns_), ' '));
}

void TextCanvas::polygon(const Point* corners, std::size_t count, Color) {
  if (count < 3 || !std::all_of(corners, corners + count, is_finite)) return;
  std::vector<PixelPoint> places;
  for (std::size_t i = 0; i < count; ++i) places.push_back(place(corners[i]));
  fill(places, '#');
}

void TextCanvas::circle(Point center, float radius, Color) {
  if (!is_finite(center) || !std::isfinite(radius) || radius <= 0) return;
  constexpr int kPieces = 64;
  std::vector<PixelPoint> corners;
  for (int i = 0; i < kPieces; ++i) {
    const SinCos angle = sincos(kTurn * i / kPieces);
    corners.push_back(place({static_cast<float>(center.x + radius * angle.cos),
                             static_cast<float>(center.y + radius * angle.sin)}));
  }
  fill(corners, 'o');
}

void TextCanvas::capsule(Point a, Point b, float radius, Color color) {
  line(a, b, 2 * radius, color);
}

void TextCanvas::line(Point a, Point b, float, Color) {
  if (!is_finite(a) || !is_finite(b)) return;
  const PixelPoint from = place(a), to = place(b);
  const double dx = to.x - from.x, dy = to.y - from.y;
  if (std::max({std::fabs(from.x), std::fabs(from.y), std::fabs(to.x), std::fabs(to.y)}) > kFar) {
    return;
  }
  // One character for each column or row passed, whichever are more, in the middle of it.
  const int pieces =
      std::max(1, static_cast<int>(std::round(std::max(std::fabs(dx), std::fabs(dy)))));
  for (int i = 0; i < pieces; ++i) {
    const double t = (i + 0.5) / pieces;
    put(from.x + t * dx, from.y + t * dy, direction(dx, dy));
  }
}

void TextCanvas::cells(Point top_left, float cell_size, int rows, int columns,
                       const std::uint8_t* kind, const CellStyle* styles, std::size_t count) {
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const std::uint8_t here = kind[static_cast<std::ptrdiff_t>(row) * columns + column];
      if (here >= count) continue;
      const float x = static_cast<float>(column) + 0.5f, y = static_cast<float>(row) + 0.5f;
      const Point center{top_left.x + x * cell_size, top_left.y - y * cell_size};
      if (!is_finite(center)) continue;
      const PixelPoint p = place(center);
      put(p.x - 0.25, p.y, styles[here].glyph);  // of two middle characters the left one
    }
  }
}

void TextCanvas::image(Point low, Point high, int width, int height, const std::uint8_t* rgb) {
  if (!is_finite(low) || !is_finite(high) || width < 1 || height < 1) return;
  constexpr std::string_view kShades = "@%#*+=-:. ";  // dark to light
  const PixelPoint p = place(low), q = place(high);
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      const double u = (column + 0.5 - p.x) / (q.x - p.x), v = (row + 0.5 - q.y) / (p.y - q.y);
      if (!(u >= 0 && u < 1 && v >= 0 && v < 1)) continue;
      const auto x = static_cast<std::ptrdiff_t>(u * width),
                 y = static_cast<std::ptrdiff_t>(v * height);
      const std::uint8_t* pixel = rgb + 3 * (y * width + x);
      const int luma = (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2]) / 1000;
      put(column, row, kShades[static_cast<std::size_t>(luma) * kShades.size() / 256]);
    }
  }
}

void TextCanvas::text(Point at, float, std::string_view line, Color, Align align) {
  if (!is_finite(at)) return;
  const PixelPoint start = place(at);
  const double length = static_cast<double>(line.size());
  double column = std::round(start.x);
  if (align == Align::kCenter) column = std::floor(start.x - length / 2 + 0.5);
  if (align == Align::kRight) column -= length;
  for (const char c : line) put(column++, start.y - 0.25, c);  // the row above the baseline
}

PixelPoint TextCanvas::place(Point p) const {
  const PixelPoint square = stack_.now()(p);
  return {square.x, square.y / 2};
}

void TextCanvas::put(double column, double row, char c) {
  if (!(column >= 0 && column < columns_ && row >= 0 && row < rows_)) return;
  grid_[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = c;
}

void TextCanvas::fill(const std::vector<PixelPoint>& corners, char c) {
  double left = columns_, right = 0, top = rows_, bottom = 0, middle_x = 0, middle_y = 0;
  for (const PixelPoint& p : corners) {
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
    middle_x += p.x / static_cast<double>(corners.size());
    middle_y += p.y / static_cast<double>(corners.size());
  }
  const int first_x = static_cast<int>(std::max(left, 0.0)),
            first_y = static_cast<int>(std::max(top, 0.0));
  bool is_seen = false;
  for (int y = first_y; y < rows_ && y < bottom; ++y) {
    for (int x = first_x; x < columns_ && x < right; ++x) {
      if (!contains(corners, x + 0.5, y + 0.5)) continue;
      put(x, y, c);
      is_seen = true;
    }
  }
  if (!is_seen) put(middle_x, middle_y, c);
}

}  // namespace tern
