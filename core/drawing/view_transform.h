#pragma once
// From scene units to a grid of pixels or characters: what canvases with memory share. Std only.

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/canvas.h"
#include "core/drawing/polygon_coverage.h"
#include "core/error.h"
#include "core/trig.h"

namespace tern {

inline bool is_finite(Point p) {
  return std::isfinite(p.x) && std::isfinite(p.y);
}

/// Turns, scales (by the complex number a + ib) and moves; y goes down on the other side.
struct ViewTransform {
  double a = 1, b = 0, x = 0, y = 0;

  PixelPoint operator()(double wx, double wy) const {
    return {a * wx - b * wy + x, y - (b * wx + a * wy)};
  }
  PixelPoint operator()(Point p) const { return (*this)(p.x, p.y); }
  /// Pixels in a scene unit.
  double scale() const { return std::sqrt(a * a + b * b); }
  /// Neither turned nor mirrored.
  bool is_upright() const { return b == 0 && a > 0; }
};

/// The stack that Canvas::push and pop work on, with the view at its bottom.
class ViewStack {
 public:
  /// Fits the rectangle low-high into width x height pixels: its shape kept, in the middle.
  /// Throws Error if it is empty or not finite.
  void set_view(Point low, Point high, double width, double height) {
    if (!is_finite(low) || !is_finite(high) || !(low.x < high.x) || !(low.y < high.y)) {
      throw Error(
          "set_view was given an empty rectangle; expected finite corners, `low` to the "
          "left of `high` and below it");
    }
    const double env_width = static_cast<double>(high.x) - low.x;
    const double env_height = static_cast<double>(high.y) - low.y;
    const double scale = std::min(width / env_width, height / env_height);
    const double margin_x = (width - scale * env_width) / 2;
    const double margin_y = (height - scale * env_height) / 2;
    stack_.assign(1, {scale, 0, margin_x - scale * low.x, height - margin_y + scale * low.y});
  }
  void push(Point move, float angle, float scale) {
    const ViewTransform& t = now();
    const SinCos turn = sincos(angle);
    const double c = scale * turn.cos, s = scale * turn.sin;
    const PixelPoint origin = t(move);
    stack_.push_back({t.a * c - t.b * s, t.a * s + t.b * c, origin.x, origin.y});
  }
  /// Throws Error without a push before it.
  void pop() {
    if (stack_.size() < 2) throw Error("Canvas::pop without a push before it");
    stack_.pop_back();
  }
  const ViewTransform& now() const { return stack_.back(); }

 private:
  std::vector<ViewTransform> stack_ = {ViewTransform()};
};

}  // namespace tern
