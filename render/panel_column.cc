#include "render/panel_column.h"

#include <cstdio>

#include "core/field_groups.h"

namespace tern {
namespace {

constexpr float kFoot = 40;  // what is pinned to the panel's lower end

}  // namespace

PanelColumn::PanelColumn(Canvas& canvas, Point low, Point high, float scale, const FrameData& frame)
    : canvas_(canvas),
      frame_(frame),
      left_(low.x + 18 * scale),
      right_(high.x - 18 * scale),
      bottom_(low.y + kFoot * scale),
      top_(high.y),
      y_(high.y + (frame.panel_scroll - 16) * scale),
      scale_(scale) {}

void PanelColumn::text(float height, const std::string& line, Color color, const std::string& right,
                       Color right_color) {
  if (!take(height)) return;
  const float size = px(height);
  const std::string end = widgets::fitted(right, size, 0.6f * width());
  const float room = end.empty() ? width() : 0.97f * width() - widgets::text_width(end, size);
  canvas_.text({left_, y_}, size, widgets::fitted(line, size, room), color);
  if (!end.empty()) canvas_.text({right_, y_}, size, end, right_color, Align::kRight);
}

void PanelColumn::rule() {
  skip(14);
  if (take(0)) canvas_.line({left_, y_}, {right_, y_}, 0.5f, widgets::kRule);
  skip(14);
}

bool PanelColumn::section(PanelSection section, const std::string& title, const std::string& right,
                          Color right_color) {
  rule();
  const bool is_folded = frame_.folded[static_cast<std::size_t>(section)];
  text(kSmallText, is_folded ? "+ " + title : title, widgets::kLabel, right, right_color);
  if (in_sight(kSmallText)) {
    add_area(kSmallText, "");
    map.areas.back().is_title = true;
    map.areas.back().section = section;
  }
  return !is_folded;
}

bool PanelColumn::group(const std::string& name, int depth) {
  const bool is_folded = frame_.folded_groups.count(name) > 0;
  if (take(kBodyText)) {
    const float indent = px(kGroupIndent) * static_cast<float>(depth);
    canvas_.text({left_ + indent, y_}, px(kBodyText),
                 widgets::fitted((is_folded ? "+ " : "- ") + name_in_group(name), px(kBodyText),
                                 right_ - left_ - indent),
                 widgets::kLabel);
    add_area(kBodyText, is_folded ? name + ": click to unfold" : name + ": click to fold");
    map.areas.back().group = name;
  }
  return !is_folded;
}

void PanelColumn::add_area(float height, const std::string& hint) {
  add_area({{left_, y_ - px(5)}, {right_, y_ + px(height + 5)}}, hint);
}

std::string exact_number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

}  // namespace tern
