#pragma once
// What LunarLander looks like: night over a grey moon, the pad between two flags.

#include "core/canvas.h"
#include "envs/physics/lander_bodies.h"

namespace tern {

/// What burned in the last step.
struct LanderFlames {
  double main = 0;     // power, 0 to 1
  double side = 0;     // power, 0 to 1
  int direction = 0;   // of the push by the side engine: -1 left, 1 right
  double flicker = 0;  // in [-1, 1]: lengthens or shortens the flames
};

void draw_lander(Canvas& canvas, const MoonGround& ground, const LanderBodies& bodies,
                 const LanderFlames& flames);

}  // namespace tern
