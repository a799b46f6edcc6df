#pragma once
// A race for people: seen from above, the car looking up.

#include "core/canvas.h"
#include "envs/physics/race_scene.h"

namespace tern {

void draw_race(Canvas& canvas, const RaceScene& scene);

}  // namespace tern
