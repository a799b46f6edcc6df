#pragma once
// What a policy expected of an episode, and what came.

#include <cstddef>

#include "render/episode.h"
#include "render/frame_data.h"
#include "render/panel_column.h"

namespace tern {

/// Of the last kRememberedValues moments up to t; see ValueChart. Empty where the policy gives no
/// values. gamma: discount factor, in [0, 1]. Throws Error if there is no moment t.
ValueChart value_chart(const Episode& episode, std::size_t t, double gamma);

/// A section of the side panel: values, returns and TD errors over time. Nothing where the policy
/// gives no values.
void draw_value_section(PanelColumn& column, const FrameData& frame);

}  // namespace tern
