#pragma once
// How a Gaussian policy is shown at the bar of its action, in panels and in films.

#include "core/canvas.h"
#include "render/frame_data.h"

namespace tern {

/// The policy's mean as a dot and one standard deviation to both sides as a line, along the lower
/// edge of the bar low-high. Nothing where the policy has no mean.
void draw_gaussian(Canvas& canvas, Point low, Point high, const RealBar& bar);

}  // namespace tern
