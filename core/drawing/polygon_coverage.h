#pragma once
// How much of each pixel a polygon covers, exactly: the anti-aliasing of RasterCanvas.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tern {

/// A place in a picture: x to the right, y down, pixel (i, j) is the square [i, i+1) x [j, j+1).
struct PixelPoint {
  double x = 0, y = 0;
};

/// Walks through the rows of a picture that a polygon touches. Keep one and reuse it: it then
/// allocates nothing.
///
///   for (scan.start(corners, count, width, height); scan.next_row();) {
///     for (int x = scan.begin(); x < scan.end(); ++x) blend(x, scan.y(), scan.alpha()[x]);
///   }
///
/// The coverage of a pixel is the area of the polygon inside it (of either orientation), rounded to
/// 255ths. Each edge adds the signed area between itself and the right border of the picture; the
/// running sum along a row is then the area covered. Where a polygon crosses itself the areas add
/// up with their sign.
class PolygonCoverage {
 public:
  /// From then on `start` with up to `corners` corners, in a picture of `width`, allocates nothing.
  void reserve(std::size_t corners, int width);
  /// corners: `count` finite points; outside the picture is fine.
  void start(const PixelPoint* corners, std::size_t count, int width, int height);
  /// Goes to the next row with anything in it; false: there is none.
  bool next_row();

  int y() const { return y_; }
  /// The columns with coverage lie in [begin, end).
  int begin() const { return begin_; }
  int end() const { return end_; }
  /// Coverage 0..255, indexed by column.
  const std::uint8_t* alpha() const { return alpha_.data(); }

 private:
  struct Edge {
    double top, bottom;  // y, top < bottom
    double x_top;
    double slope;  // dx / dy
    double sign;   // +1 downwards, -1 upwards
    std::size_t number;  // among the corners
  };

  /// Adds the part of an edge inside the present row, from (x0, height 0) over `dy` to x1.
  void add(double x0, double x1, double dy);
  void add_inside(double x0, double x1, double dy);

  std::vector<Edge> edges_;          // sorted by top
  std::vector<std::size_t> active_;  // those that the present row meets
  std::size_t next_edge_ = 0;
  std::vector<double> delta_;  // change of coverage at each column
  std::vector<std::uint8_t> alpha_;
  int width_ = 0, last_row_ = 0;
  int y_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace tern
