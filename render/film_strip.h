#pragma once

#include <vector>

#include "core/canvas.h"
#include "render/frame_data.h"

namespace tern {

/// The frames as pictures in rows, each with its step, below them a line with env, policy and
/// return. The number of columns makes the pictures as large as they can be with the shape of the
/// envs' views. frames: at least one.
void draw_film_strip(Canvas& canvas, int width, int height, const std::vector<FrameData>& frames);

}  // namespace tern
