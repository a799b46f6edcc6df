#pragma once
// Values and arrows over the cells of a tabular env, and the panel's section on them.

#include <string>

#include "core/canvas.h"
#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// "V(s) of the policy", "optimum V*(s)", "V(s) - V*(s)", "visits of the episodes shown".
std::string board_title(BoardView view);

/// Draws FrameData::board over the env, on a canvas in its scene units: a tint and a number for
/// what FrameData::board_view says, an arrow (or its name) for the action; red where a better one
/// is known.
void draw_board_overlay(Canvas& scene, const FrameData& frame);

/// A section of the side panel: what is thought of the present state, and how far the policy is
/// from the optimum over all states. Nothing where no board is shown.
void draw_board_section(PanelColumn& column, const FrameData& frame);

}  // namespace tern
