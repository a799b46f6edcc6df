#pragma once
// The panel beside the env: episode, value, actions, rewards, observation, memory.

#include <string>
#include <vector>

#include "core/canvas.h"
#include "render/frame_data.h"

namespace tern {

/// What lies where in a panel that was drawn, for the mouse. In the panel's pixels.
struct PanelMap {
  struct Area {
    Rectangle at;
    std::string hint;  // what a pointer on it is told: "cart velocity -3.5021 m/s"; "": nothing
    bool is_title = false;
    PanelSection section = PanelSection::kValue;  // of a title: what a click folds
  };
  std::vector<Area> areas;  // those in sight
  float hidden = 0;         // height of the contents that the panel has no room for; 0: all fits
  Rectangle panel;          // empty where the window shows none
  float scale = 1;
};

/// Fills low-high; one unit is one pixel. FrameData::panel_scroll moves the contents up, folded
/// sections show their titles alone. scale: size of text, 1 for 11-pixel capitals.
PanelMap draw_side_panel(Canvas& canvas, Point low, Point high, float scale,
                         const FrameData& frame);

}  // namespace tern
