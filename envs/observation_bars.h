#pragma once
// The picture of an env that draws none: its named observation as bars.

#include "core/canvas.h"
#include "core/views.h"
#include "envs/env.h"

namespace tern {

/// Draws each field of the observation with its name: a number as a bar within its range (from the
/// middle of an unbounded one), an index as a lit cell or a number, a vector as a row of small bars,
/// an image as a picture.
void draw_observation_bars(const ObsSpace& space, ObsRow obs, Canvas& canvas);

/// Draws the env by its own draw(), or the bars of `obs` when that draws nothing.
void draw_env(const Env& env, const EnvSpec& spec, ObsRow obs, Canvas& canvas);

}  // namespace tern
