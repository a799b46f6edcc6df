#pragma once
// A canvas of characters: golden episodes in tests, and a look at an env without a screen. Std
// only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/canvas.h"
#include "core/drawing/view_transform.h"

namespace tern {

/// Draws into a grid of characters, each twice as high as wide. Cells show the glyph of their style
/// in the middle of the cell; text is text; polygons are filled with '#' and circles with 'o';
/// lines and capsules follow their direction with - | / and \; pictures become shades of "
/// .:-=+*#%@". Colours are lost. Shapes smaller than a character still leave one.
class TextCanvas final : public Canvas {
 public:
  /// 1 to 1024 columns and rows; throws Error otherwise. A board of n x n cells needs 2n columns
  /// and n rows.
  TextCanvas(int columns, int rows);

  /// The picture: each row ends with a newline, without spaces before it.
  std::string str() const;

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
  void pop() override { stack_.pop(); }

 private:
  /// The grid is stacked from square units, half a character each vertically.
  PixelPoint place(Point p) const;
  void put(double column, double row, char c);
  void fill(const std::vector<PixelPoint>& corners, char c);

  int columns_, rows_;
  std::vector<std::string> grid_;
  ViewStack stack_;
};

}  // namespace tern
