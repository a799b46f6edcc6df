#include "render/side_by_side.h"

#include <algorithm>

#include "render/widgets.h"

namespace tern {
namespace {

using namespace widgets;  // NOLINT: the panel's own vocabulary

constexpr float kCaption = 26, kGap = 2;  // pixels at scale 1

/// What does not fit is left out at the beginning: names of one run's checkpoints differ at the
/// end.
std::string fitted_end(const std::string& line, float height, float width) {
  if (text_width(line, height) <= width) return line;
  for (std::size_t begin = 1; begin < line.size(); ++begin) {
    if ((line[begin] & 0xC0) == 0x80) continue;  // inside of a character
    const std::string end = ".." + line.substr(begin);
    if (text_width(end, height) <= width) return end;
  }
  return "";
}

}  // namespace

std::vector<const FrameData*> sides_in_order(const FrameData& frame) {
  if (frame.other == nullptr) return {&frame};
  if (frame.is_second) return {frame.other.get(), &frame};
  return {&frame, frame.other.get()};
}

std::vector<Side> sides_of(const Rectangle& area, float scale, const FrameData& frame) {
  if (frame.other == nullptr) return {{&frame, area, {}, true}};
  const float width = area.high.x - area.low.x, height = area.high.y - area.low.y;
  const bool is_tall = height > width;
  const float gap = kGap * scale, caption = std::min(kCaption * scale, height / 8);
  std::vector<Side> sides;
  for (const FrameData* each : sides_in_order(frame)) {
    Rectangle part = area;
    const bool is_first = sides.empty();
    if (is_tall) {
      const float middle = (area.low.y + area.high.y) / 2;
      (is_first ? part.low.y : part.high.y) = middle + (is_first ? gap / 2 : -gap / 2);
    } else {
      const float middle = (area.low.x + area.high.x) / 2;
      (is_first ? part.high.x : part.low.x) = middle - (is_first ? gap / 2 : -gap / 2);
    }
    const float top = part.high.y - caption;
    sides.push_back(
        {each, {part.low, {part.high.x, top}}, {{part.low.x, top}, part.high}, each == &frame});
  }
  return sides;
}

std::string outcome_text(const FrameData& frame) {
  const std::string end = end_label(frame);
  const std::string text = "return " + return_text(frame);
  return end.empty() ? text : text + ", over at " + std::to_string(frame.step);
}

std::string difference_text(const FrameData& frame) {
  if (!frame.first_difference) return "no difference so far";
  return "differ from step " + std::to_string(*frame.first_difference) + " on";
}

void draw_captions(Canvas& canvas, const std::vector<Side>& sides, float scale) {
  for (const Side& side : sides) {
    const float height = side.caption.high.y - side.caption.low.y;
    if (height <= 0) continue;
    const float text = std::min(10 * scale, 0.5f * height), margin = 10 * scale;
    canvas.rectangle(side.caption.low, side.caption.high, kPaper);
    canvas.line(side.caption.low, {side.caption.high.x, side.caption.low.y}, 0.5f, kRule);
    const float y = side.caption.low.y + (height - text) / 2;
    const float left = side.caption.low.x + margin, right = side.caption.high.x - margin;
    const std::string outcome = fitted(outcome_text(*side.frame), text, 0.7f * (right - left));
    canvas.text({right, y}, text, outcome, palette::kInk, Align::kRight);
    const float room = right - left - text_width(outcome, text) - margin;
    canvas.text({left, y}, text, fitted_end(side.frame->side, text, room),
                side.is_in_panel ? palette::kAgent : kLabel);
  }
}

void draw_sides_section(PanelColumn& column, const FrameData& frame) {
  if (frame.other == nullptr) return;
  const Color color = frame.first_difference ? palette::kDanger : kLabel;
  if (!column.section(PanelSection::kSides, "side by side", difference_text(frame), color)) return;
  for (const FrameData* each : sides_in_order(frame)) {
    column.skip(11);
    column.text(10, each->side, each == &frame ? palette::kAgent : palette::kInk,
                return_text(*each), palette::kInk);
  }
}

}  // namespace tern
