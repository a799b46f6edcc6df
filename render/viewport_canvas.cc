#include "render/viewport_canvas.h"

#include "core/drawing/view_transform.h"
#include "core/error.h"

namespace tern {

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
