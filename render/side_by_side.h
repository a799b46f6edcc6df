#pragma once
// Two episodes side by side: where each is drawn, and what the panel says of them.

#include <string>
#include <vector>

#include "core/canvas.h"
#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// One of the two.
struct Side {
  const FrameData* frame = nullptr;
  Rectangle env, caption;  // pixels; the caption is empty where there is one episode
  bool is_in_panel = true;
};

/// The left one first, whichever of them the panel shows; one alone without FrameData::other.
/// Pointers are into `frame`.
std::vector<const FrameData*> sides_in_order(const FrameData& frame);

/// How an area is shared out: to the left and right halves, in tall areas to the upper and lower
/// one, each below a caption. The whole area for a frame without FrameData::other. Pointers are
/// into `frame`.
std::vector<Side> sides_of(const Rectangle& area, float scale, const FrameData& frame);

/// The captions: what plays, and its return so far or at the end.
void draw_captions(Canvas& canvas, const std::vector<Side>& sides, float scale);

/// "return 12.5", "return 12.5, over at 30".
std::string outcome_text(const FrameData& frame);
/// "differ from step 12 on", "no difference so far".
std::string difference_text(const FrameData& frame);

/// A section of the side panel; nothing without FrameData::other.
void draw_sides_section(PanelColumn& column, const FrameData& frame);

}  // namespace tern
