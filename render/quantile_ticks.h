#pragma once
// How the distribution of returns of a policy that learns quantiles is shown.

#include "core/canvas.h"
#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// At the bar low-high of Q(s, a): across it a tick at each quantile, where there are more than 100
/// at so many of them, darker where they lie closer together; along its lower edge a line over the
/// middle half of them. Nothing where there are no quantiles.
void draw_quantiles(Canvas& canvas, Point low, Point high, const ChoiceBar& bar);

/// A section of the side panel: the quantiles of all actions on one scale, from the least to the
/// largest, and a dot at each mean. Nothing where there are none.
void draw_quantile_section(PanelColumn& column, const FrameData& frame);

}  // namespace tern
