#pragma once
// The side panel's column of text, rules and section titles, and the map of what a mouse may point
// at.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/canvas.h"
#include "render/action_change.h"
#include "render/frame_data.h"
#include "render/widgets.h"

namespace tern {

/// What lies where in a panel that was drawn, for the mouse. In the panel's pixels.
struct PanelMap {
  struct Area {
    Rectangle at;
    std::string hint;  // what a pointer on it is told: "cart velocity -3.5021 m/s"; "": nothing
    bool is_title = false;
    PanelSection section = PanelSection::kValue;  // of a title: what a click folds
    std::string group = {};                       // of fields, which a click folds
    std::optional<std::int64_t> checkpoint = {};  // a click asks for its policy
    std::optional<ActionChange> change = {};      // a click asks what becomes of it
    Rectangle bar = {};                           // of a real component: from low to high
    double low = 0, high = 0;
  };
  std::vector<Area> areas;  // those in sight
  std::vector<Rectangle> tiles;  // of a grid of envs, which a click selects
  float hidden = 0;         // height of the contents that the panel has no room for; 0: all fits
  Rectangle panel;          // empty where the window shows none
  float scale = 1;
};

/// Heights of capitals, pixels at scale 1.
constexpr float kSmallText = 9, kBodyText = 10;
/// How much further right what is in a group begins.
constexpr float kGroupIndent = 10;

/// Writes from the top of a rectangle to its bottom, moved up by what was scrolled. What is not
/// wholly in sight is left out. Lengths are pixels at scale 1, but for positions.
class PanelColumn {
 public:
  PanelColumn(Canvas& canvas, Point low, Point high, float scale, const FrameData& frame);

  Canvas& canvas() const { return canvas_; }
  float left() const { return left_; }
  float right() const { return right_; }
  float width() const { return right_ - left_; }
  float bottom() const { return bottom_; }
  float y() const { return y_; }
  float px(float pixels) const { return pixels * scale_; }
  void skip(float pixels) { y_ -= px(pixels); }
  /// Goes down by `height`; true if what is drawn there is in sight.
  bool take(float height) {
    y_ -= px(height);
    return in_sight(height);
  }
  bool in_sight(float height) const { return y_ >= bottom_ && y_ + px(height) <= top_; }

  /// One line with its capitals `height` high below the present place; goes below it.
  void text(float height, const std::string& line, Color color, const std::string& right = "",
            Color right_color = widgets::kLabel);
  void rule();
  /// The title of a section, whose right end may say something; false if it is folded.
  bool section(PanelSection section, const std::string& title, const std::string& right = "",
               Color right_color = widgets::kLabel);
  /// The heading of a group of fields, so many groups deep; false if it is folded.
  bool group(const std::string& name, int depth);
  /// Something that a pointer may rest on: the `height` pixels above the present place.
  void add_area(float height, const std::string& hint);
  void add_area(const Rectangle& at, const std::string& hint) { map.areas.push_back({at, hint}); }

  PanelMap map;

 private:
  Canvas& canvas_;
  const FrameData& frame_;
  float left_, right_, bottom_, top_, y_, scale_;
};

/// All digits that a float has.
std::string exact_number(double value);

}  // namespace tern
