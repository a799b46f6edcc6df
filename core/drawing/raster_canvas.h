#pragma once
// A canvas of pixels in memory: recordings, pixel observations, the window and headless tests. Std
// only. The same calls give the same bytes on every machine.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "core/canvas.h"
#include "core/drawing/glyph_mask.h"
#include "core/drawing/polygon_coverage.h"
#include "core/drawing/view_transform.h"

namespace tern {

/// Draws anti-aliased shapes into an RGB picture: the colour of a pixel is blended by the exact
/// area that a shape covers of it. Two exceptions keep thin things sharp: boards of cells,
/// pictures, hairlines along an axis and upright text are fitted to whole pixels.
///
/// A shape with a coordinate that is not finite is left out. Not thread-safe.
class RasterCanvas final : public Canvas {
 public:
  /// A picture of width x height pixels, 1 to 16384 each; throws Error otherwise. Until the first
  /// set_view one unit is one pixel and the origin is the lower left corner.
  RasterCanvas(int width, int height);

  /// From then on a polygon of up to `corners` corners allocates nothing.
  void reserve(std::size_t corners);

  int width() const { return width_; }
  int height() const { return height_; }
  /// [height, width, 3], top row first.
  const std::vector<std::uint8_t>& rgb() const { return rgb_; }

  /// Throws Error if the rectangle is empty or not finite.
  void set_view(Point low, Point high, Color background) override;
  void polygon(const Point* corners, std::size_t count, Color color) override;
  void circle(Point center, float radius, Color color) override;
  void capsule(Point a, Point b, float radius, Color color) override;
  void line(Point a, Point b, float width, Color color) override;
  void cells(Point top_left, float cell_size, int rows, int columns, const std::uint8_t* kind,
             const CellStyle* styles, std::size_t count) override;
  void image(Point low, Point high, int width, int height, const std::uint8_t* rgb) override;
  void text(Point at, float height, std::string_view line, Color color,
            Align align = Align::kLeft) override;
  void push(Point move, float angle, float scale = 1) override { stack_.push(move, angle, scale); }
  /// Throws Error without a push before it.
  void pop() override { stack_.pop(); }

 private:
  const ViewTransform& now() const { return stack_.now(); }
  void fill_corners(Color color);
  void fill_rectangle(PixelPoint low, PixelPoint high, Color color);
  void fill_pixels(int x_begin, int y_begin, int x_end, int y_end, Color color);
  void add_arc(PixelPoint center, double radius, double from, double turn, int pieces);
  void blend(std::uint8_t* pixel, Color color, unsigned alpha) const;
  void blend_mask(const CoverageMask& mask, int dx, int dy, Color color);
  void upright_text(PixelPoint at, int height, std::string_view line, Color color, Align align);
  void turned_text(Point at, float height, std::string_view line, Color color, Align align);
  void turned_image(Point low, Point high, int width, int height, const std::uint8_t* rgb);
  const GlyphMask& glyph(char c, int height);

  int width_, height_;
  std::vector<std::uint8_t> rgb_;
  ViewStack stack_;
  PolygonCoverage coverage_;
  std::vector<PixelPoint> corners_;  // of the shape being drawn
  std::map<std::pair<int, char>, GlyphMask> glyphs_;
};

}  // namespace tern
