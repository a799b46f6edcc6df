#include "core/drawing/raster_canvas.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "core/drawing/stroke_font.h"
#include "core/error.h"
#include "core/trig.h"

namespace tern {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kMaxExtent = 16384;

/// Pieces of a full turn that stay within a fiftieth of a pixel of the circle.
int circle_pieces(double radius) {
  return std::clamp(4 * static_cast<int>(std::ceil(4 * std::sqrt(radius))), 16, 720);
}

/// The radius of the polygon of `pieces` corners with the area of the circle.
double radius_of_equal_area(double radius, int pieces) {
  const double angle = 2 * kPi / pieces;
  return radius * std::sqrt(angle / sincos(angle).sin);
}

/// The nearest border between pixels, within a pixel of the picture.
int to_border(double x, int extent) {
  return static_cast<int>(std::round(std::clamp(x, -1.0, extent + 1.0)));
}

/// Which source pixels a target pixel shows, and how much of each: one axis of resampling.
struct Footprint {
  int first = 0;
  std::vector<double> weights;  // sum to 1
};

Footprint footprint(int target, int targets, int sources) {
  const double begin = static_cast<double>(target) * sources / targets;
  const double end = static_cast<double>(target + 1) * sources / targets;
  Footprint result;
  result.first = static_cast<int>(begin);
  for (int source = result.first; source < sources && source < end; ++source) {
    const double part = std::min(end, source + 1.0) - std::max(begin, 1.0 * source);
    result.weights.push_back(part / (end - begin));
  }
  return result;
}

}  // namespace

RasterCanvas::RasterCanvas(int width, int height) : width_(width), height_(height) {
  if (width < 1 || height < 1 || width > kMaxExtent || height > kMaxExtent) {
    throw Error("a picture of " + std::to_string(width) + "x" + std::to_string(height) +
                " pixels cannot be made; expected 1 to " + std::to_string(kMaxExtent) +
                " in both directions");
  }
  rgb_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  set_view({0, 0}, {static_cast<float>(width), static_cast<float>(height)}, {255, 255, 255});
}

void RasterCanvas::reserve(std::size_t corners) {
  corners_.reserve(corners);
  coverage_.reserve(corners, width_);
}

void RasterCanvas::set_view(Point low, Point high, Color background) {
  stack_.set_view(low, high, width_, height_);
  background.a = 255;
  fill_pixels(0, 0, width_, height_, background);
}

void RasterCanvas::polygon(const Point* corners, std::size_t count, Color color) {
  if (count < 3 || !std::all_of(corners, corners + count, is_finite)) return;
  corners_.clear();
  for (std::size_t i = 0; i < count; ++i) corners_.push_back(now()(corners[i]));
  if (count == 4) {
    const PixelPoint *p = corners_.data(), *q = p + 2;
    const bool lies = p[0].y == p[1].y && p[1].x == q[0].x && q[0].y == q[1].y && q[1].x == p[0].x;
    const bool stands =
        p[0].x == p[1].x && p[1].y == q[0].y && q[0].x == q[1].x && q[1].y == p[0].y;
    if (lies || stands) {
      fill_rectangle({std::min(p->x, q->x), std::min(p->y, q->y)},
                     {std::max(p->x, q->x), std::max(p->y, q->y)}, color);
      return;
    }
  }
  fill_corners(color);
}

void RasterCanvas::circle(Point center, float radius, Color color) {
  const double pixels = radius * now().scale();
  if (!is_finite(center) || !std::isfinite(pixels) || pixels <= 0) return;
  const int pieces = circle_pieces(pixels);
  corners_.clear();
  add_arc(now()(center), radius_of_equal_area(pixels, pieces), 0, 2 * kPi, pieces);
  fill_corners(color);
}

void RasterCanvas::capsule(Point a, Point b, float radius, Color color) {
  const double pixels = radius * now().scale();
  if (!is_finite(a) || !is_finite(b) || !std::isfinite(pixels) || pixels <= 0) return;
  const PixelPoint from = now()(a), to = now()(b);
  const double dx = to.x - from.x, dy = to.y - from.y;
  const double length = std::sqrt(dx * dx + dy * dy);
  if (length < 1e-6) {
    circle(a, radius, color);
    return;
  }
  // Two half circles, each built about the direction of the segment: no arc tangent needed.
  const int pieces = circle_pieces(pixels);
  const double r = radius_of_equal_area(pixels, pieces);
  const double ux = dx / length, uy = dy / length;
  corners_.clear();
  add_arc({0, 0}, r, -kPi / 2, kPi, pieces / 2);
  const std::size_t half = corners_.size();
  for (std::size_t i = 0; i < half; ++i) {
    const PixelPoint p = corners_[i];
    corners_.push_back({from.x - (p.x * ux - p.y * uy), from.y - (p.x * uy + p.y * ux)});
    corners_[i] = {to.x + p.x * ux - p.y * uy, to.y + p.x * uy + p.y * ux};
  }
  fill_corners(color);
}

void RasterCanvas::line(Point a, Point b, float width, Color color) {
  if (!is_finite(a) || !is_finite(b) || !std::isfinite(width)) return;
  PixelPoint from = now()(a), to = now()(b);
  const double dx = to.x - from.x, dy = to.y - from.y;
  const double length = std::sqrt(dx * dx + dy * dy);
  if (length == 0) return;
  double pixels = width * now().scale();
  if (pixels < 1) {
    pixels = 1;  // a hairline along an axis fills one row or column of pixels
    if (dy == 0) from.y = to.y = std::floor(from.y) + 0.5;
    if (dx == 0) from.x = to.x = std::floor(from.x) + 0.5;
  }
  if (dx == 0 || dy == 0) {
    const double ox = dx == 0 ? pixels / 2 : 0, oy = dy == 0 ? pixels / 2 : 0;
    fill_rectangle({std::min(from.x, to.x) - ox, std::min(from.y, to.y) - oy},
                   {std::max(from.x, to.x) + ox, std::max(from.y, to.y) + oy}, color);
    return;
  }
  const double ox = -dy / length * pixels / 2, oy = dx / length * pixels / 2;
  corners_ = {{from.x + ox, from.y + oy},
              {to.x + ox, to.y + oy},
              {to.x - ox, to.y - oy},
              {from.x - ox, from.y - oy}};
  fill_corners(color);
}

void RasterCanvas::cells(Point top_left, float cell_size, int rows, int columns,
                         const std::uint8_t* kind, const CellStyle* styles, std::size_t count) {
  if (!is_finite(top_left) || !std::isfinite(cell_size)) return;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const std::uint8_t* here = kind + static_cast<std::ptrdiff_t>(row) * columns + column;
      if (*here >= count) continue;
      const Color color = styles[*here].color;
      const Point low{top_left.x + column * cell_size, top_left.y - (row + 1) * cell_size};
      const Point high{top_left.x + (column + 1) * cell_size, top_left.y - row * cell_size};
      if (!now().is_upright()) {
        rectangle(low, high, color);
        continue;
      }
      const PixelPoint p = now()(low), q = now()(high);
      fill_pixels(to_border(p.x, width_), to_border(q.y, height_), to_border(q.x, width_),
                  to_border(p.y, height_), color);
    }
  }
}

void RasterCanvas::image(Point low, Point high, int width, int height, const std::uint8_t* rgb) {
  if (!is_finite(low) || !is_finite(high) || width < 1 || height < 1) return;
  if (!now().is_upright()) {
    turned_image(low, high, width, height, rgb);
    return;
  }
  const PixelPoint p = now()(low), q = now()(high);
  const double limit = 4.0 * kMaxExtent;  // a picture far larger than the view is not resampled
  if (p.x < -limit || q.y < -limit || q.x > limit || p.y > limit) return;
  const int left = static_cast<int>(std::round(p.x)), right = static_cast<int>(std::round(q.x));
  const int top = static_cast<int>(std::round(q.y)), bottom = static_cast<int>(std::round(p.y));
  std::vector<Footprint> across;
  for (int x = left; x < right; ++x) across.push_back(footprint(x - left, right - left, width));
  for (int y = std::max(top, 0); y < std::min(bottom, height_); ++y) {
    const Footprint down = footprint(y - top, bottom - top, height);
    for (int x = std::max(left, 0); x < std::min(right, width_); ++x) {
      const Footprint& f = across[static_cast<std::size_t>(x - left)];
      double sum[3] = {0, 0, 0};
      for (std::size_t i = 0; i < down.weights.size(); ++i) {
        const std::size_t row = static_cast<std::size_t>(down.first) + i;
        const std::uint8_t* source =
            rgb + 3 * (row * static_cast<std::size_t>(width) + static_cast<std::size_t>(f.first));
        for (std::size_t j = 0; j < f.weights.size(); ++j) {
          const double weight = down.weights[i] * f.weights[j];
          for (std::size_t c = 0; c < 3; ++c) sum[c] += weight * source[3 * j + c];
        }
      }
      std::uint8_t* pixel =
          rgb_.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                             static_cast<std::size_t>(x));
      for (std::size_t c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(sum[c] + 0.5);
    }
  }
}

/// A rotated picture: each of its pixels is a small polygon. Slow, and rare.
void RasterCanvas::turned_image(Point low, Point high, int width, int height,
                                const std::uint8_t* rgb) {
  const float dx = (high.x - low.x) / static_cast<float>(width);
  const float dy = (high.y - low.y) / static_cast<float>(height);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const std::uint8_t* c = rgb + 3 * (static_cast<std::ptrdiff_t>(row) * width + column);
      const Point corner{low.x + column * dx, high.y - (row + 1) * dy};
      rectangle(corner, {corner.x + dx, corner.y + dy}, {c[0], c[1], c[2]});
    }
  }
}

void RasterCanvas::text(Point at, float height, std::string_view line, Color color, Align align) {
  const double pixels = height * now().scale();
  if (!is_finite(at) || !std::isfinite(pixels) || pixels < 1 || pixels > kMaxExtent) return;
  if (now().is_upright()) {
    upright_text(now()(at), static_cast<int>(std::round(pixels)), line, color, align);
  } else {
    turned_text(at, height, line, color, align);
  }
}

void RasterCanvas::upright_text(PixelPoint at, int height, std::string_view line, Color color,
                                Align align) {
  if (std::fabs(at.x) > 4 * kMaxExtent || std::fabs(at.y) > 4 * kMaxExtent) return;
  const int width = pixel_text_width(line, height);
  const double shift = align == Align::kLeft ? 0 : align == Align::kCenter ? width / 2.0 : width;
  int x = static_cast<int>(std::round(at.x - shift));
  const int y = static_cast<int>(std::round(at.y));
  for (const char c : line) {
    const GlyphMask& letter = glyph(c, height);
    blend_mask(letter.mask, x, y, color);
    x += letter.advance;
  }
}

void RasterCanvas::turned_text(Point at, float height, std::string_view line, Color color,
                               Align align) {
  const float pen = kFontPenWidth * height;
  const float unit = (height - pen) / kFontCapHeight;
  const float width = stroke_text_width(line, height);
  float x = at.x + pen / 2 -
            (align == Align::kLeft     ? 0
             : align == Align::kCenter ? width / 2
                                       : width);
  for (const char c : line) {
    const Glyph& letter = stroke_glyph(c);
    CoverageMask mask;
    std::vector<std::vector<PixelPoint>> strokes;
    double low_x = width_, low_y = height_, high_x = 0, high_y = 0;
    for (const Stroke& stroke : letter.strokes) {
      strokes.emplace_back();
      for (const StrokePoint& p : stroke) {
        const PixelPoint place = now()(x + p.x * unit, at.y + pen / 2 + p.y * unit);
        strokes.back().push_back(place);
        low_x = std::min(low_x, place.x);
        low_y = std::min(low_y, place.y);
        high_x = std::max(high_x, place.x);
        high_y = std::max(high_y, place.y);
      }
    }
    const double radius = pen_radius(height * now().scale());
    const double reach = 1.2 * radius + 1;
    mask.left = static_cast<int>(std::floor(std::clamp(low_x - reach, 0.0, 1.0 * width_)));
    mask.top = static_cast<int>(std::floor(std::clamp(low_y - reach, 0.0, 1.0 * height_)));
    mask.width =
        static_cast<int>(std::ceil(std::clamp(high_x + reach, 0.0, 1.0 * width_))) - mask.left;
    mask.height =
        static_cast<int>(std::ceil(std::clamp(high_y + reach, 0.0, 1.0 * height_))) - mask.top;
    x += (letter.width + kFontLetterGap) * unit;
    if (mask.width <= 0 || mask.height <= 0) continue;
    mask.alpha.assign(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height),
                      0);
    for (const std::vector<PixelPoint>& stroke : strokes) {
      add_pen_stroke(mask, stroke, stroke.size() == 1 ? 1.2 * radius : radius);
    }
    blend_mask(mask, 0, 0, color);
  }
}

const GlyphMask& RasterCanvas::glyph(char c, int height) {
  const auto key = std::make_pair(height, c);
  const auto found = glyphs_.find(key);
  if (found != glyphs_.end()) return found->second;
  return glyphs_.emplace(key, make_glyph_mask(c, height)).first->second;
}

void RasterCanvas::add_arc(PixelPoint center, double radius, double from, double turn, int pieces) {
  const bool is_closed = turn > 6;  // a full turn does not repeat its first corner
  for (int i = 0; i < pieces + (is_closed ? 0 : 1); ++i) {
    const SinCos angle = sincos(from + turn * i / pieces);
    corners_.push_back({center.x + radius * angle.cos, center.y + radius * angle.sin});
  }
}

inline void RasterCanvas::blend(std::uint8_t* pixel, Color color, unsigned alpha) const {
  const auto mix = [alpha](unsigned below, unsigned above) {
    return static_cast<std::uint8_t>((below * (255 - alpha) + above * alpha + 127) / 255);
  };
  pixel[0] = mix(pixel[0], color.r);
  pixel[1] = mix(pixel[1], color.g);
  pixel[2] = mix(pixel[2], color.b);
}

void RasterCanvas::fill_corners(Color color) {
  coverage_.start(corners_.data(), corners_.size(), width_, height_);
  while (coverage_.next_row()) {
    const std::uint8_t* alpha = coverage_.alpha();
    std::uint8_t* row = rgb_.data() + static_cast<std::ptrdiff_t>(coverage_.y()) * width_ * 3;
    for (int x = coverage_.begin(); x < coverage_.end(); ++x) {
      const unsigned part = alpha[x] * color.a / 255u;
      if (part == 255) {
        row[3 * x] = color.r;
        row[3 * x + 1] = color.g;
        row[3 * x + 2] = color.b;
      } else if (part > 0) {
        blend(row + 3 * x, color, part);
      }
    }
  }
}

void RasterCanvas::fill_rectangle(PixelPoint low, PixelPoint high, Color color) {
  const double left = std::max(low.x, 0.0), right = std::min(high.x, 1.0 * width_);
  const double top = std::max(low.y, 0.0), bottom = std::min(high.y, 1.0 * height_);
  if (!(left < right) || !(top < bottom)) return;
  const int first_x = static_cast<int>(left), first_y = static_cast<int>(top);
  const int end_x = static_cast<int>(std::ceil(right)), end_y = static_cast<int>(std::ceil(bottom));
  // Pixels that are covered whole, and around them a border of those that are not.
  const int whole_left = static_cast<int>(std::ceil(left)), whole_right = static_cast<int>(right);
  const int whole_top = static_cast<int>(std::ceil(top)), whole_bottom = static_cast<int>(bottom);
  fill_pixels(whole_left, whole_top, whole_right, whole_bottom, color);
  for (int y = first_y; y < end_y; ++y) {
    const double rows = std::min(bottom, y + 1.0) - std::max(top, 1.0 * y);
    const bool is_inner = y >= whole_top && y < whole_bottom && whole_left < whole_right;
    std::uint8_t* row = rgb_.data() + static_cast<std::ptrdiff_t>(y) * width_ * 3;
    for (int x = first_x; x < end_x; ++x) {
      if (is_inner && x == whole_left) x = whole_right;
      if (x == end_x) break;
      const double area = rows * (std::min(right, x + 1.0) - std::max(left, 1.0 * x));
      blend(row + 3 * x, color, static_cast<unsigned>(area * 255 + 0.5) * color.a / 255u);
    }
  }
}

void RasterCanvas::fill_pixels(int x_begin, int y_begin, int x_end, int y_end, Color color) {
  x_begin = std::max(x_begin, 0);
  y_begin = std::max(y_begin, 0);
  x_end = std::min(x_end, width_);
  y_end = std::min(y_end, height_);
  if (x_begin >= x_end || y_begin >= y_end) return;
  const std::size_t bytes = 3 * static_cast<std::size_t>(x_end - x_begin);
  const std::uint8_t* first = nullptr;
  for (int y = y_begin; y < y_end; ++y) {
    std::uint8_t* row = rgb_.data() + (static_cast<std::ptrdiff_t>(y) * width_ + x_begin) * 3;
    if (color.a == 255 && first != nullptr) {
      std::memcpy(row, first, bytes);
      continue;
    }
    for (std::size_t i = 0; i < bytes; i += 3) blend(row + i, color, color.a);
    first = row;
  }
}

void RasterCanvas::blend_mask(const CoverageMask& mask, int dx, int dy, Color color) {
  const int left = mask.left + dx, top = mask.top + dy;
  for (int y = std::max(top, 0); y < std::min(top + mask.height, height_); ++y) {
    const std::uint8_t* covered =
        mask.alpha.data() + static_cast<std::ptrdiff_t>(y - top) * mask.width;
    std::uint8_t* row = rgb_.data() + static_cast<std::ptrdiff_t>(y) * width_ * 3;
    for (int x = std::max(left, 0); x < std::min(left + mask.width, width_); ++x) {
      const unsigned alpha = covered[x - left];
      if (alpha > 0) blend(row + 3 * x, color, alpha * color.a / 255u);
    }
  }
}

}  // namespace tern
