#include "render/viewport_canvas.h"

#include <algorithm>

#include "core/drawing/view_transform.h"
#include "core/error.h"

namespace tern {
namespace {

/// How far p is inside one of the four borders.
float inside(const Rectangle& clip, Point p, int border) {
  return border == 0   ? p.x - clip.low.x
         : border == 1 ? clip.high.x - p.x
         : border == 2 ? p.y - clip.low.y
                       : clip.high.y - p.y;
}

Point between(Point a, Point b, float part) {
  return {a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)};
}

/// Cuts the segment a-b; false if nothing of it is left.
bool cut_segment(const Rectangle& clip, Point& a, Point& b) {
  float begin = 0, end = 1;
  for (int border = 0; border < 4; ++border) {
    const float da = inside(clip, a, border), db = inside(clip, b, border);
    if (da < 0 && db < 0) return false;
    if (da < 0) begin = std::max(begin, da / (da - db));
    if (db < 0) end = std::min(end, da / (da - db));
  }
  if (begin >= end && begin > 0) return false;
  const Point from = a, to = b;
  if (begin > 0) a = between(from, to, begin);
  if (end < 1) b = between(from, to, end);
  return true;
}

}  // namespace

ViewportCanvas::ViewportCanvas(Canvas& target, Point low, Point high)
    : target_(target), low_(low), high_(high) {}

ViewportCanvas::~ViewportCanvas() {
  leave();
}

void ViewportCanvas::set_view(Point low, Point high, Color background) {
  leave();
  ViewStack fit;
  fit.set_view(low, high, high_.x - low_.x, high_.y - low_.y);
  const PixelPoint origin = fit.now()(0, 0);  // from the upper left corner, y down
  target_.rectangle(low_, high_, background);
  target_.push({static_cast<float>(low_.x + origin.x), static_cast<float>(high_.y - origin.y)},
               /*angle=*/0, static_cast<float>(fit.now().scale()));
  has_view_ = true;
  clip_ = shown(low, high);
}

Rectangle ViewportCanvas::shown(Point low, Point high) const {
  ViewStack fit;
  fit.set_view(low, high, high_.x - low_.x, high_.y - low_.y);
  const double scale = fit.now().scale();
  const auto beside =
      static_cast<float>(((high_.x - low_.x) / scale - (high.x - low.x)) / 2);
  const auto above = static_cast<float>(((high_.y - low_.y) / scale - (high.y - low.y)) / 2);
  return {{low.x - beside, low.y - above}, {high.x + beside, high.y + above}};
}

void ViewportCanvas::polygon(const Point* corners, std::size_t count, Color color) {
  corners_.assign(corners, corners + count);
  for (int border = 0; border < 4 && is_clipping(); ++border) {
    clipped_.clear();
    for (std::size_t i = 0; i < corners_.size(); ++i) {
      const Point &a = corners_[i], &b = corners_[(i + 1) % corners_.size()];
      const float da = inside(clip_, a, border), db = inside(clip_, b, border);
      if (!(da < 0)) clipped_.push_back(a);
      if ((da < 0) != (db < 0)) clipped_.push_back(between(a, b, da / (da - db)));
    }
    corners_.swap(clipped_);
  }
  if (!corners_.empty() || count == 0) target_.polygon(corners_.data(), corners_.size(), color);
}

void ViewportCanvas::circle(Point center, float radius, Color color) {
  for (int border = 0; border < 4 && is_clipping(); ++border) {
    if (inside(clip_, center, border) < -radius) return;
  }
  target_.circle(center, radius, color);
}

void ViewportCanvas::capsule(Point a, Point b, float radius, Color color) {
  if (!is_clipping() || cut_segment(clip_, a, b)) target_.capsule(a, b, radius, color);
}

void ViewportCanvas::line(Point a, Point b, float width, Color color) {
  if (!is_clipping() || cut_segment(clip_, a, b)) target_.line(a, b, width, color);
}

void ViewportCanvas::pop() {
  if (depth_ == 0) throw Error("Canvas::pop without a push before it");
  --depth_;
  target_.pop();
}

void ViewportCanvas::leave() {
  for (; depth_ > 0; --depth_) target_.pop();
  if (has_view_) target_.pop();
  has_view_ = false;
}

}  // namespace tern
