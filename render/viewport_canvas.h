#pragma once
// A part of another canvas, as a canvas: an env drawn beside panels.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/canvas.h"

namespace tern {

/// Fits the view that an env asks for into the rectangle low-high of `target`, its shape kept, and
/// fills the rest of the rectangle with the view's background. Shapes are cut off at the rectangle;
/// cells, pictures and text are not: draw what lies around it afterwards. Unlike other canvases,
/// set_view starts no new frame of the target.
class ViewportCanvas final : public Canvas {
 public:
  /// low, high: in the present units of `target`.
  ViewportCanvas(Canvas& target, Point low, Point high);
  ~ViewportCanvas() override;
  ViewportCanvas(const ViewportCanvas&) = delete;
  ViewportCanvas& operator=(const ViewportCanvas&) = delete;

  /// Throws Error if the rectangle is empty or not finite.
  void set_view(Point low, Point high, Color background) override;
  Rectangle shown(Point low, Point high) const override;
  void polygon(const Point* corners, std::size_t count, Color color) override;
  void circle(Point center, float radius, Color color) override;
  void capsule(Point a, Point b, float radius, Color color) override;
  void line(Point a, Point b, float width, Color color) override;
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle* styles, std::size_t count) override {
    target_.cells(top_left, cell_size, rows, columns, kind, styles, count);
  }
  void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) override {
    target_.image(low, high, width, height, rgb);
  }
  void text(Point at, float height, std::string_view line, Color color,
            Align align = Align::kLeft) override {
    target_.text(at, height, line, color, align);
  }
  void push(Point move, float angle, float scale = 1) override;
  /// Throws Error without a push before it.
  void pop() override;

 private:
  /// From what the env draws in now to the units of its view: turned and scaled by (c, s), moved.
  struct Turn {
    float c = 1, s = 0, x = 0, y = 0;
    Point operator()(Point p) const { return {c * p.x - s * p.y + x, s * p.x + c * p.y + y}; }
    Point back(Point p) const;
    float scale() const;
  };
  enum class Place { kInside, kOutside, kAcross };

  void leave();
  const Turn& now() const { return turns_.back(); }
  /// Where all points within `reach` of the points' hull lie, in present units.
  Place place(const Point* points, std::size_t count, float reach) const;
  /// Draws what of outline_ lies inside.
  void cut_outline(Color color);
  void add_arc(Point center, float radius, float from, float turn);

  Canvas& target_;
  Point low_, high_;
  Rectangle clip_;                        // the rectangle, in the units of the view
  std::vector<Turn> turns_ = {Turn()};    // one for each push of the env that is open
  std::vector<Point> outline_, cut_;      // of the shape being cut
  bool has_view_ = false;
};

}  // namespace tern
