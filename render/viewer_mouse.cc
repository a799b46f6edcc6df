// What the mouse does in a viewer: it scrubs, points, folds, chooses.

#include <algorithm>
#include <cmath>

#include "render/frame_layout.h"
#include "render/viewer.h"

namespace tern {
namespace {

bool is_inside(Point p, const Rectangle& area) {
  return p.x >= area.low.x && p.x < area.high.x && p.y >= area.low.y && p.y < area.high.y;
}

}  // namespace

void Viewer::use_mouse(const MouseInput& mouse, int width, int height) {
  point_at_panel(mouse);
  const Rectangle track = time_line_track(width, height);
  if (!player_->frame().is_by_hand && track.low.x < track.high.x) scrub(mouse, track);
}

void Viewer::scrub(const MouseInput& mouse, const Rectangle& track) {
  if (mouse.went_down) {
    const float reach = 2 * (track.high.y - track.low.y);  // a person need not hit it exactly
    is_scrubbing_ = is_inside(mouse.at, {{track.low.x - reach, track.low.y - reach},
                                         {track.high.x + reach, track.high.y + reach}});
  }
  if (!is_scrubbing_) return;
  const double part =
      std::clamp((mouse.at.x - track.low.x) / (track.high.x - track.low.x), 0.0f, 1.0f);
  time_line_.go_to(
      static_cast<std::size_t>(std::lround(part * static_cast<double>(time_line_.last()))));
  is_scrubbing_ = mouse.is_held;
  has_changed_ = true;
}

void Viewer::point_at_panel(const MouseInput& mouse) {
  constexpr float kNotch = 60;  // pixels at scale 1
  const float most = panel_.hidden / panel_.scale;
  const bool is_over = is_inside(mouse.at, panel_.panel);
  const float scrolled =
      std::clamp(panel_scroll_ - (is_over ? kNotch * mouse.wheel : 0), 0.0f, most);
  if (scrolled != panel_scroll_) has_changed_ = true;
  panel_scroll_ = scrolled;
  for (std::size_t i = 0; i < panel_.tiles.size(); ++i) {
    if (mouse.went_down && is_inside(mouse.at, panel_.tiles[i])) select_tile(i);
  }
  std::string hint;
  for (const PanelMap::Area& area : panel_.areas) {
    if (!is_over || !is_inside(mouse.at, area.at)) continue;
    if (!area.hint.empty()) hint = area.hint;
    if (mouse.went_down) click_on(area, mouse.at);
  }
  const bool has_moved = mouse.at.x != pointer_.x || mouse.at.y != pointer_.y;
  if (hint != hint_ || (has_moved && !hint.empty())) has_changed_ = true;
  hint_ = hint;
  pointer_ = mouse.at;
}

void Viewer::click_on(const PanelMap::Area& area, Point at) {
  if (area.is_title) {
    folded_.flip(static_cast<std::size_t>(area.section));
    has_changed_ = true;
  }
  if (!area.group.empty()) {
    if (folded_groups_.erase(area.group) == 0) folded_groups_.insert(area.group);
    has_changed_ = true;
  }
  if (area.checkpoint) policy_choice_ = PolicyChoice{area.checkpoint};
  if (!area.change) return;
  ActionChange change = *area.change;
  if (area.high > area.low) {  // a place in the bar of a real component
    const float width = area.bar.high.x - area.bar.low.x;
    const float part = std::clamp((at.x - area.bar.low.x) / width, 0.0f, 1.0f);
    change.value = static_cast<float>(area.low + part * (area.high - area.low));
  }
  branch(change);
}

}  // namespace tern
