#pragma once

#include "core/canvas.h"
#include "render/frame_data.h"

namespace tern {

/// The panel beside the env: episode, value, actions, observation. Fills low-high; one unit is
/// one pixel. Rows that do not fit are left out and counted. scale: size of text, 1 for 11-pixel
/// capitals.
void draw_side_panel(Canvas& canvas, Point low, Point high, float scale, const FrameData& frame);

}  // namespace tern
