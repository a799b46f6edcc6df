#pragma once
// The panel beside the env: episode, value, actions, rewards, observation, memory.

#include "core/canvas.h"
#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// Fills low-high; one unit is one pixel. FrameData::panel_scroll moves the contents up, folded
/// sections show their titles alone. scale: size of text, 1 for 11-pixel capitals.
PanelMap draw_side_panel(Canvas& canvas, Point low, Point high, float scale,
                         const FrameData& frame);

}  // namespace tern
