#include "core/drawing/polygon_coverage.h"

#include <algorithm>
#include <cmath>

namespace tern {

void PolygonCoverage::reserve(std::size_t corners, int width) {
  edges_.reserve(corners);
  active_.reserve(corners);
  delta_.reserve(static_cast<std::size_t>(width) + 2);
  alpha_.reserve(static_cast<std::size_t>(width));
}

void PolygonCoverage::start(const PixelPoint* corners, std::size_t count, int width, int height) {
  width_ = width;
  edges_.clear();
  active_.clear();
  next_edge_ = 0;
  delta_.assign(static_cast<std::size_t>(width) + 2, 0.0);
  alpha_.resize(static_cast<std::size_t>(width));

  double top = height, bottom = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const PixelPoint& a = corners[i];
    const PixelPoint& b = corners[i + 1 < count ? i + 1 : 0];
    if (std::fabs(a.y - b.y) < 1e-9) continue;  // encloses no area, and its slope may overflow
    const bool down = a.y < b.y;
    const PixelPoint& upper = down ? a : b;
    const PixelPoint& lower = down ? b : a;
    if (lower.y <= 0 || upper.y >= height) continue;
    edges_.push_back({upper.y, lower.y, upper.x, (lower.x - upper.x) / (lower.y - upper.y),
                      down ? 1.0 : -1.0, i});
    top = std::min(top, upper.y);
    bottom = std::max(bottom, lower.y);
  }
  // Equal tops keep the order of the corners, so that sums are formed in one order everywhere. (Not
  // by std::stable_sort, which allocates.)
  std::sort(edges_.begin(), edges_.end(), [](const Edge& a, const Edge& b) {
    return a.top != b.top ? a.top < b.top : a.number < b.number;
  });
  y_ = static_cast<int>(std::floor(std::max(top, 0.0))) - 1;
  last_row_ = static_cast<int>(std::ceil(std::min(bottom, static_cast<double>(height)))) - 1;
}

bool PolygonCoverage::next_row() {
  if (edges_.empty()) return false;
  while (++y_ <= last_row_) {
    const double row_top = y_, row_bottom = y_ + 1.0;
    while (next_edge_ < edges_.size() && edges_[next_edge_].top < row_bottom) {
      active_.push_back(next_edge_++);
    }
    begin_ = width_;
    end_ = 0;
    for (std::size_t i = 0; i < active_.size();) {
      const Edge& edge = edges_[active_[i]];
      if (edge.bottom <= row_top) {  // erased in order: see the sums above
        active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      const double from = std::max(edge.top, row_top), to = std::min(edge.bottom, row_bottom);
      add(edge.x_top + (from - edge.top) * edge.slope, edge.x_top + (to - edge.top) * edge.slope,
          edge.sign * (to - from));
      ++i;
    }
    if (begin_ >= end_) continue;

    double covered = 0;
    for (int x = begin_; x < end_; ++x) {
      covered += delta_[static_cast<std::size_t>(x)];
      delta_[static_cast<std::size_t>(x)] = 0;
      const double area = std::min(std::fabs(covered), 1.0);
      alpha_[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(area * 255 + 0.5);
    }
    delta_[static_cast<std::size_t>(end_)] = 0;
    delta_[static_cast<std::size_t>(end_) + 1] = 0;
    return true;
  }
  return false;
}

void PolygonCoverage::add(double x0, double x1, double dy) {
  if (x0 > x1) std::swap(x0, x1);  // only the area counts
  if (x0 >= width_) {
    end_ = width_;  // whatever is open here stays open up to the border
    return;
  }
  if (x1 <= 0) {
    delta_[0] += dy;
    begin_ = 0;
    end_ = std::max(end_, 1);
    return;
  }
  const double dy_dx = x1 > x0 ? dy / (x1 - x0) : 0;
  if (x0 < 0) {
    const double outside = -x0 * dy_dx;
    delta_[0] += outside;
    begin_ = 0;
    end_ = std::max(end_, 1);
    dy -= outside;
    x0 = 0;
  }
  if (x1 > width_) {
    dy -= (x1 - width_) * dy_dx;
    x1 = width_;
    end_ = width_;
  }
  add_inside(x0, x1, dy);
}

void PolygonCoverage::add_inside(double x0, double x1, double dy) {
  const int first = static_cast<int>(x0), last = static_cast<int>(x1);
  begin_ = std::min(begin_, first);
  end_ = std::max(end_, std::min(last + 2, width_));
  const auto put = [this](int column, double from, double to, double part) {
    const double right_of_it = column + 1 - 0.5 * (from + to);  // of the pixel, in [0, 1]
    delta_[static_cast<std::size_t>(column)] += part * right_of_it;
    delta_[static_cast<std::size_t>(column) + 1] += part * (1 - right_of_it);
  };
  if (first == last) {
    put(first, x0, x1, dy);
    return;
  }
  const double dy_dx = dy / (x1 - x0);
  put(first, x0, first + 1, (first + 1 - x0) * dy_dx);
  for (int column = first + 1; column < last; ++column) put(column, column, column + 1, dy_dx);
  put(last, last, x1, (x1 - last) * dy_dx);
}

}  // namespace tern
