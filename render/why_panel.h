#pragma once
// The panel's section on why: what the policy's output owes to each number of the observation.

#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// Nothing unless FrameData::why is there.
void draw_why_section(PanelColumn& column, const FrameData& frame);

}  // namespace tern
