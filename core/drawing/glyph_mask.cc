#include "core/drawing/glyph_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/drawing/stroke_font.h"

namespace tern {
namespace {

double squared_distance(double px, double py, const PixelPoint& a, const PixelPoint& b) {
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length = dx * dx + dy * dy;
  double t = length > 0 ? ((px - a.x) * dx + (py - a.y) * dy) / length : 0;
  t = std::clamp(t, 0.0, 1.0);
  const double ex = px - (a.x + t * dx), ey = py - (a.y + t * dy);
  return ex * ex + ey * ey;
}

/// One axis of a letter: places of the pen in font units that must fall on whole pixels, and where.
class GridFit {
 public:
  GridFit(double unit, double pen) : unit_(unit), pen_(pen) {}

  void add_key(double place) { keys_.push_back({place, 0}); }

  /// Places the keys: the low edge of the pen on a border between pixels up to the middle of the
  /// letter, its high edge above.
  void fit(double middle) {
    std::sort(keys_.begin(), keys_.end(),
              [](const Key& a, const Key& b) { return a.from < b.from; });
    std::vector<Key> kept;
    for (Key key : keys_) {
      if (!kept.empty() && key.from - kept.back().from < 1.5) continue;  // one bar, drawn twice
      const double edge = key.from * unit_;
      key.to =
          key.from <= middle ? std::round(edge) + pen_ / 2 : std::round(edge + pen_) - pen_ / 2;
      if (!kept.empty()) key.to = std::max(key.to, kept.back().to + 1);
      kept.push_back(key);
    }
    keys_ = kept;
  }

  /// Pixels from the origin for a place in font units.
  double operator()(double place) const {
    if (keys_.empty()) return place * unit_ + pen_ / 2;
    if (place <= keys_.front().from) return keys_.front().to + (place - keys_.front().from) * unit_;
    for (std::size_t i = 1; i < keys_.size(); ++i) {
      const Key& low = keys_[i - 1];
      const Key& high = keys_[i];
      if (place <= high.from) {
        return low.to + (high.to - low.to) * (place - low.from) / (high.from - low.from);
      }
    }
    return keys_.back().to + (place - keys_.back().from) * unit_;
  }

 private:
  struct Key {
    double from, to;
  };
  double unit_, pen_;
  std::vector<Key> keys_;
};

/// Keys of one axis: bars (or stems) and the outermost places of arcs. `along` and `across` pick
/// the coordinates: for y keys, across is y.
template <class Along, class Across>
void add_keys(const Glyph& glyph, Along along, Across across, GridFit& fit) {
  for (const Stroke& stroke : glyph.strokes) {
    for (std::size_t i = 1; i < stroke.size(); ++i) {
      const double run = std::fabs(along(stroke[i]) - along(stroke[i - 1]));
      const double rise = std::fabs(across(stroke[i]) - across(stroke[i - 1]));
      const bool is_bar = run >= 2 && rise == 0;
      if (is_bar) fit.add_key(across(stroke[i]));
      if (i + 1 == stroke.size()) continue;
      const double before = across(stroke[i]) - across(stroke[i - 1]);
      const double after = across(stroke[i + 1]) - across(stroke[i]);
      if (before * after < 0) fit.add_key(across(stroke[i]));
    }
    // Where a round letter closes its turn is a joint of the stroke, as are the ends of stems.
    if (stroke.size() > 1) {
      fit.add_key(across(stroke.front()));
      fit.add_key(across(stroke.back()));
    }
  }
}

/// A letter fitted to the pixels of its height.
struct FittedGlyph {
  FittedGlyph(char c, int height)
      : glyph(stroke_glyph(c)),
        pen(2 * pen_radius(height)),
        unit(std::max(height - pen, 0.0) / kFontCapHeight),
        x(unit, pen),
        y(unit, pen) {
    const auto to_right = [](const StrokePoint& point) { return point.x; };
    const auto up = [](const StrokePoint& point) { return point.y; };
    add_keys(glyph, up, to_right, x);
    add_keys(glyph, to_right, up, y);
    x.fit(glyph.width / 2);
    y.fit(kFontXHeight / 3);
    const bool is_digit =
        c >= '0' && c <= '9';  // equally wide, whatever their stems were fitted to
    right = is_digit ? glyph.width * unit + pen : x(glyph.width) + pen / 2;
  }
  int gap() const { return std::max(1, static_cast<int>(std::round(kFontLetterGap * unit - pen))); }
  int advance() const { return static_cast<int>(std::round(right)) + gap(); }

  const Glyph& glyph;
  double pen, unit;
  GridFit x, y;
  double right;  // edge of the rightmost ink
};

}  // namespace

double pen_radius(double height) {
  return std::max(1.0, kFontPenWidth * height) / 2;
}

void add_pen_stroke(CoverageMask& mask, const std::vector<PixelPoint>& points, double radius) {
  const double reach = radius + 0.5;
  for (std::size_t i = points.size() > 1 ? 1 : 0; i < points.size(); ++i) {
    const PixelPoint& a = points[i > 0 ? i - 1 : 0];
    const PixelPoint& b = points[i];
    const double right = mask.left + mask.width - 1.0, bottom = mask.top + mask.height - 1.0;
    const int x_begin =
        static_cast<int>(std::max(std::floor(std::min(a.x, b.x) - reach), 1.0 * mask.left));
    const int x_last = static_cast<int>(std::min(std::floor(std::max(a.x, b.x) + reach), right));
    const int y_begin =
        static_cast<int>(std::max(std::floor(std::min(a.y, b.y) - reach), 1.0 * mask.top));
    const int y_last = static_cast<int>(std::min(std::floor(std::max(a.y, b.y) + reach), bottom));
    for (int y = y_begin; y <= y_last; ++y) {
      std::uint8_t* row =
          mask.alpha.data() + static_cast<std::ptrdiff_t>(y - mask.top) * mask.width;
      for (int x = x_begin; x <= x_last; ++x) {
        const double squared = squared_distance(x + 0.5, y + 0.5, a, b);
        if (squared >= reach * reach) continue;
        const double covered = std::min(reach - std::sqrt(squared), 1.0);
        const auto alpha = static_cast<std::uint8_t>(covered * 255 + 0.5);
        row[x - mask.left] = std::max(row[x - mask.left], alpha);
      }
    }
  }
}

GlyphMask make_glyph_mask(char c, int height) {
  const FittedGlyph fitted(c, height);
  const double pen = fitted.pen;
  GlyphMask result;
  result.advance = fitted.advance();
  const int above = static_cast<int>(std::ceil(fitted.y(24) + pen)) + 1;
  const int below = static_cast<int>(std::ceil(-fitted.y(-kFontDescent) + pen)) + 1;
  result.mask.left = -2;
  result.mask.top = -above;
  result.mask.width = static_cast<int>(std::ceil(fitted.right + pen)) + 4;
  result.mask.height = above + below;
  result.mask.alpha.assign(
      static_cast<std::size_t>(result.mask.width) * static_cast<std::size_t>(result.mask.height),
      0);

  for (const Stroke& stroke : fitted.glyph.strokes) {
    std::vector<PixelPoint> points;
    for (const StrokePoint& p : stroke) points.push_back({fitted.x(p.x), -fitted.y(p.y)});
    const bool is_dot = stroke.size() == 1;
    add_pen_stroke(result.mask, points, is_dot ? 1.2 * pen / 2 : pen / 2);
  }
  return result;
}

int glyph_advance(char c, int height) {
  thread_local std::map<int, std::array<int, 128>> known;  // 0: not asked yet
  if (c < ' ' || c > '~') c = '?';
  int& advance = known[height][static_cast<std::size_t>(c)];
  if (advance == 0) advance = FittedGlyph(c, height).advance();
  return advance;
}

int pixel_text_width(std::string_view line, int height) {
  int width = 0;
  for (const char c : line) width += glyph_advance(c, height);
  return line.empty() ? 0 : width - FittedGlyph(' ', height).gap();
}

}  // namespace tern
