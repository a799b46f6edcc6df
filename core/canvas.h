#pragma once
// The drawing calls of Env::draw: scene units, y up, immediate mode. Header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tern {

struct Color {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
};

struct Point {
  float x = 0, y = 0;
};

struct Rectangle {
  Point low, high;
};

/// How one kind of cell looks: its colour in pictures, its letter in text.
struct CellStyle {
  Color color;
  char glyph = ' ';
};

enum class Align : std::uint8_t { kLeft, kCenter, kRight };

/// A surface for one frame. The env calls set_view first, then draws from back to front.
class Canvas {
 public:
  virtual ~Canvas() = default;

  /// The env rectangle to show; fitted into the picture with its shape kept, and the rest filled
  /// with `background`. Starts a frame: everything drawn before is gone.
  virtual void set_view(Point low, Point high, Color background) = 0;
  /// A filled simple polygon (convex or not) of `count` corners.
  virtual void polygon(const Point* corners, std::size_t count, Color color) = 0;
  virtual void circle(Point center, float radius, Color color) = 0;
  /// A thick line with round ends: all points within `radius` of the segment a-b.
  virtual void capsule(Point a, Point b, float radius, Color color) = 0;
  /// A line with square ends, `width` in scene units; at least one pixel wide.
  virtual void line(Point a, Point b, float width, Color color) = 0;
  /// A board of square cells: `kind[row * columns + column]` picks the style; row 0 is on top,
  /// `top_left` its upper left corner.
  virtual void cells(Point top_left, float cell_size, int rows, int columns,
                     const std::uint8_t* kind, const CellStyle* styles, std::size_t count) = 0;
  /// An RGB picture, 3 bytes a pixel, top row first, over the rectangle low-high.
  virtual void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) = 0;
  /// One line of text, `height` in scene units, its baseline starting (or centred, or ending) at
  /// `at`. Printable ASCII.
  virtual void text(Point at, float height, std::string_view line, Color color,
                    Align align = Align::kLeft) = 0;
  /// From here on coordinates are scaled, rotated by `angle` rad, then moved; until pop().
  virtual void push(Point move, float angle, float scale = 1) = 0;
  virtual void pop() = 0;
  /// How far backdrops (sky, ground, walls) of a view low-high are to be painted, so that they fill
  /// pictures of another shape. The view itself on canvases whose pixels or letters are compared: an
  /// observation does not depend on who looks on.
  virtual Rectangle shown(Point low, Point high) const { return {low, high}; }

  /// An axis-aligned filled rectangle.
  void rectangle(Point low, Point high, Color color) {
    const Point corners[4] = {low, {high.x, low.y}, high, {low.x, high.y}};
    polygon(corners, 4, color);
  }

  /// Fills what is shown around the view low-high, and a little of the view, so that what is drawn
  /// over it afterwards leaves no seam of half covered pixels.
  void surround(Point low, Point high, Color color) {
    const Rectangle all = shown(low, high);
    const float seam = 0.004f * (high.x - low.x + high.y - low.y);
    if (all.low.y < low.y) rectangle(all.low, {all.high.x, low.y + seam}, color);
    if (all.high.y > high.y) rectangle({all.low.x, high.y - seam}, all.high, color);
    if (all.low.x < low.x) rectangle({all.low.x, low.y}, {low.x + seam, high.y}, color);
    if (all.high.x > high.x) rectangle({high.x - seam, low.y}, {all.high.x, high.y}, color);
  }
};

/// One palette for all envs, readable on screens and for colour-blind people (after Okabe and
/// Ito 2008).
namespace palette {
constexpr Color kBackground{250, 250, 247};
constexpr Color kInk{38, 50, 56};        // outlines, text, walls
constexpr Color kMuted{144, 155, 160};   // tracks, grid lines
constexpr Color kFloor{232, 232, 226};
constexpr Color kAgent{0, 114, 178};     // what the agent moves
constexpr Color kAgentLight{86, 180, 233};
constexpr Color kGoal{0, 158, 115};
constexpr Color kDanger{213, 94, 0};
constexpr Color kItem{230, 159, 0};
constexpr Color kAccent{204, 121, 167};
constexpr Color kIce{214, 234, 243};
}  // namespace palette

}  // namespace tern
