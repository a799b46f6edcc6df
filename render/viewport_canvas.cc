#include "render/viewport_canvas.h"

#include <algorithm>
#include <cmath>

#include "core/drawing/view_transform.h"
#include "core/error.h"
#include "core/trig.h"

namespace tern {
namespace {

constexpr float kPi = 3.14159265f;

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
  if (begin > end) return false;
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
  const auto beside = static_cast<float>(((high_.x - low_.x) / scale - (high.x - low.x)) / 2);
  const auto above = static_cast<float>(((high_.y - low_.y) / scale - (high.y - low.y)) / 2);
  return {{low.x - beside, low.y - above}, {high.x + beside, high.y + above}};
}

void ViewportCanvas::polygon(const Point* corners, std::size_t count, Color color) {
  switch (place(corners, count, 0)) {
    case Place::kOutside:
      return;
    case Place::kInside:
      return target_.polygon(corners, count, color);
    case Place::kAcross:
      outline_.assign(corners, corners + count);
      cut_outline(color);
  }
}

void ViewportCanvas::circle(Point center, float radius, Color color) {
  switch (place(&center, 1, radius)) {
    case Place::kOutside:
      return;
    case Place::kInside:
      return target_.circle(center, radius, color);
    case Place::kAcross:
      outline_.clear();
      add_arc(center, radius, 0, 2 * kPi);
      cut_outline(color);
  }
}

void ViewportCanvas::capsule(Point a, Point b, float radius, Color color) {
  const Point ends[] = {a, b};
  switch (place(ends, 2, radius)) {
    case Place::kOutside:
      return;
    case Place::kInside:
      return target_.capsule(a, b, radius, color);
    case Place::kAcross:
      const float across = std::atan2(b.y - a.y, b.x - a.x) + kPi / 2;
      outline_.clear();
      add_arc(a, radius, across, kPi);
      add_arc(b, radius, across + kPi, kPi);
      cut_outline(color);
  }
}

void ViewportCanvas::line(Point a, Point b, float width, Color color) {
  const Point ends[] = {a, b};
  const Place where = place(ends, 2, 0);
  if (where == Place::kOutside) return;
  if (where == Place::kAcross) {
    a = now()(a);
    b = now()(b);
    if (!cut_segment(clip_, a, b)) return;
    a = now().back(a);
    b = now().back(b);
  }
  target_.line(a, b, width, color);
}

ViewportCanvas::Place ViewportCanvas::place(const Point* points, std::size_t count,
                                            float reach) const {
  if (!has_view_) return Place::kInside;
  reach *= now().scale();
  bool is_across = false;
  for (int border = 0; border < 4; ++border) {
    bool all_outside = count > 0;
    for (std::size_t i = 0; i < count; ++i) {
      const float distance = inside(clip_, now()(points[i]), border);
      all_outside = all_outside && distance < -reach;
      is_across = is_across || distance < reach;
    }
    if (all_outside) return Place::kOutside;
  }
  return is_across ? Place::kAcross : Place::kInside;
}

void ViewportCanvas::cut_outline(Color color) {
  for (Point& p : outline_) p = now()(p);
  for (int border = 0; border < 4; ++border) {
    cut_.clear();
    for (std::size_t i = 0; i < outline_.size(); ++i) {
      const Point &a = outline_[i], &b = outline_[(i + 1) % outline_.size()];
      const float da = inside(clip_, a, border), db = inside(clip_, b, border);
      if (!(da < 0)) cut_.push_back(a);
      if ((da < 0) != (db < 0)) cut_.push_back(between(a, b, da / (da - db)));
    }
    outline_.swap(cut_);
  }
  if (outline_.size() < 3) return;
  for (Point& p : outline_) p = now().back(p);
  target_.polygon(outline_.data(), outline_.size(), color);
}

void ViewportCanvas::add_arc(Point center, float radius, float from, float turn) {
  const int pieces = static_cast<int>(std::ceil(turn / 0.1f));
  for (int i = 0; i <= pieces; ++i) {
    const float angle = from + turn * static_cast<float>(i) / static_cast<float>(pieces);
    outline_.push_back(
        {center.x + radius * std::cos(angle), center.y + radius * std::sin(angle)});
  }
}

void ViewportCanvas::push(Point move, float angle, float scale) {
  const Turn& t = now();
  const SinCos turn = sincos(static_cast<double>(angle));
  const float c = scale * static_cast<float>(turn.cos), s = scale * static_cast<float>(turn.sin);
  const Point origin = t(move);
  turns_.push_back({t.c * c - t.s * s, t.s * c + t.c * s, origin.x, origin.y});
  target_.push(move, angle, scale);
}

void ViewportCanvas::pop() {
  if (turns_.size() < 2) throw Error("Canvas::pop without a push before it");
  turns_.pop_back();
  target_.pop();
}

Point ViewportCanvas::Turn::back(Point p) const {
  const float dx = p.x - x, dy = p.y - y, squared = c * c + s * s;
  return {(c * dx + s * dy) / squared, (c * dy - s * dx) / squared};
}

float ViewportCanvas::Turn::scale() const {
  return std::sqrt(c * c + s * s);
}

void ViewportCanvas::leave() {
  for (; turns_.size() > 1; turns_.pop_back()) target_.pop();
  if (has_view_) target_.pop();
  has_view_ = false;
}

}  // namespace tern
