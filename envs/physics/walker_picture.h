#pragma once
// How BipedalWalker looks: a view that follows the hull over the ground.

#include <box2d/box2d.h>

#include "core/canvas.h"
#include "envs/physics/walker_terrain.h"

namespace tern {

/// One ray of the lidar: where it starts and where it ended.
struct LidarRay {
  b2Vec2 from = {0, 0}, to = {0, 0};
  bool has_hit = false;
};

/// What is drawn of a walker; bodies and rays outlive the call.
struct WalkerPicture {
  const WalkerTerrain& terrain;
  const b2Body& hull;
  const b2Body* legs[2];    // thighs; the first leg is drawn behind the hull
  const b2Body* shins[2];
  bool has_contact[2];      // of the feet with the ground
  const LidarRay* rays;
  int num_rays;
  double finish = 0;        // m, where the episode ends
  bool has_fallen = false;
};

void draw_walker_scene(Canvas& canvas, const WalkerPicture& picture);

}  // namespace tern
