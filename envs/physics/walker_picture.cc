#include "envs/physics/walker_picture.h"

#include <algorithm>
#include <cmath>

#include "envs/physics/bodies.h"

namespace tern {
namespace {

constexpr float kStep = static_cast<float>(WalkerTerrain::kStep);
constexpr float kWidth = 14, kHeight = 9.4f;  // m, of the view
constexpr float kAhead = 0.3f;                // the hull stands this share of it from the left

constexpr Color kSky{224, 240, 250}, kCloud{255, 255, 255};
constexpr Color kHill{205, 226, 222};
constexpr Color kGrass{0, 158, 115}, kSoil{122, 96, 72}, kSoilDeep{104, 80, 60};
constexpr Color kStone{144, 155, 160}, kStoneLight{176, 186, 190};
constexpr Color kFarLeg{0, 74, 122}, kNearLeg{86, 180, 233};
constexpr Color kRay{213, 94, 0, 150};

/// The rectangle of the world that is seen.
struct View {
  float left, bottom;
  float right() const { return left + kWidth; }
  float top() const { return bottom + kHeight; }
};

/// The height of the line at x, continued level at both ends.
float ground_at(const WalkerTerrain& terrain, float x) {
  const float at = std::clamp(x / kStep, 0.0f, WalkerTerrain::kPoints - 1.001f);
  const std::size_t i = static_cast<std::size_t>(at);
  const float share = at - static_cast<float>(i);
  return static_cast<float>(terrain.heights[i]) * (1 - share) +
         static_cast<float>(terrain.heights[i + 1]) * share;
}

void draw_sky(Canvas& canvas, const View& view, const WalkerTerrain& terrain) {
  // Clouds and hills drift by more slowly than the ground, which puts them far away.
  for (const WalkerTerrain::Cloud& cloud : terrain.clouds) {
    const float x = cloud.x + view.left / 2, y = view.bottom + cloud.y - 3.6f, s = cloud.size;
    canvas.circle({x - 0.75f * s, y}, 0.42f * s, kCloud);
    canvas.circle({x, y + 0.2f * s}, 0.62f * s, kCloud);
    canvas.circle({x + 0.8f * s, y}, 0.46f * s, kCloud);
    canvas.rectangle({x - 0.75f * s, y - 0.42f * s}, {x + 0.8f * s, y}, kCloud);
  }
  constexpr float kHillStep = 8, kDrift = 0.7f;
  const float shift = view.left * kDrift;
  const int first = static_cast<int>(std::floor((view.left - shift) / kHillStep)) - 1;
  for (int i = first; i < first + 5; ++i) {
    const float rise = 0.5f * static_cast<float>((i * 7 % 3 + 3) % 3);
    canvas.circle({shift + (static_cast<float>(i) + 0.5f) * kHillStep, view.bottom - 1.9f + rise},
                  5.6f, kHill);
  }
}

/// Two shades of soil, so that one sees the ground move, and grass on top.
void draw_ground(Canvas& canvas, const View& view, const WalkerTerrain& terrain) {
  const int first = static_cast<int>(std::floor(view.left / kStep)) - 1;
  const int last = static_cast<int>(std::ceil(view.right() / kStep)) + 1;
  for (int i = first; i < last; ++i) {
    const float x = static_cast<float>(i) * kStep, next = x + kStep;
    const Point corners[4] = {{x, view.bottom},
                              {next, view.bottom},
                              {next, ground_at(terrain, next)},
                              {x, ground_at(terrain, x)}};
    canvas.polygon(corners, 4, (i & 4) == 0 ? kSoil : kSoilDeep);
  }
  for (int i = 0; i < terrain.num_blocks; ++i) {
    const WalkerTerrain::Block& block = terrain.blocks[static_cast<std::size_t>(i)];
    const float left = static_cast<float>(block.left), right = static_cast<float>(block.right);
    if (right < view.left || left > view.right()) continue;
    const float bottom = static_cast<float>(block.bottom), top = static_cast<float>(block.top);
    canvas.rectangle({left, bottom}, {right, top}, kStone);
    canvas.rectangle({left, top - 0.09f}, {right, top}, kStoneLight);
  }
  for (int i = first; i < last; ++i) {
    const float x = static_cast<float>(i) * kStep, next = x + kStep;
    canvas.capsule({x, ground_at(terrain, x)}, {next, ground_at(terrain, next)}, 0.05f, kGrass);
  }
}

void draw_flag(Canvas& canvas, const WalkerTerrain& terrain, float x, Color color) {
  const float foot = ground_at(terrain, x), top = foot + 1.9f;
  canvas.capsule({x, foot}, {x, top}, 0.035f, palette::kInk);
  const Point cloth[3] = {{x, top}, {x, top - 0.55f}, {x + 0.85f, top - 0.27f}};
  canvas.polygon(cloth, 3, color);
}

void draw_leg(Canvas& canvas, const b2Body& thigh, const b2Body& shin, bool has_contact,
              Color color) {
  draw_body(canvas, thigh, color);
  draw_body(canvas, shin, color);
  constexpr float kHalfLength = 17.0f / 30;
  const b2Vec2 knee = shin.GetWorldPoint({0, kHalfLength});
  canvas.circle({knee.x, knee.y}, 0.075f, palette::kInk);
  if (!has_contact) return;
  const b2Vec2 sole = shin.GetWorldPoint({0, -kHalfLength});
  canvas.circle({sole.x, sole.y}, 0.13f, palette::kItem);
}

void draw_hull(Canvas& canvas, const b2Body& hull, bool has_fallen) {
  draw_body(canvas, hull, has_fallen ? palette::kDanger : palette::kAgent);
  const b2Vec2 hip = hull.GetWorldPoint({0, -8.0f / 30}), eye = hull.GetWorldPoint({0.55f, 0.02f});
  canvas.circle({eye.x, eye.y}, 0.13f, palette::kBackground);
  canvas.circle({eye.x + 0.03f, eye.y}, 0.06f, palette::kInk);
  canvas.circle({hip.x, hip.y}, 0.09f, palette::kInk);
}

}  // namespace

void draw_walker_world(Canvas& canvas, const WalkerPicture& picture) {
  const b2Vec2 at = picture.hull.GetPosition();
  const float ground = ground_at(picture.terrain, at.x);
  const View view{at.x - kAhead * kWidth, std::min(ground, at.y) - 3};
  canvas.set_view({view.left, view.bottom}, {view.right(), view.top()}, kSky);
  draw_sky(canvas, view, picture.terrain);
  draw_ground(canvas, view, picture.terrain);
  draw_flag(canvas, picture.terrain, 3 * kStep, palette::kDanger);
  draw_flag(canvas, picture.terrain, static_cast<float>(picture.finish), palette::kGoal);

  draw_leg(canvas, *picture.legs[0], *picture.shins[0], picture.has_contact[0], kFarLeg);
  for (int i = 0; i < picture.num_rays; ++i) {
    const LidarRay& ray = picture.rays[i];
    canvas.line({ray.from.x, ray.from.y}, {ray.to.x, ray.to.y}, 0.012f, kRay);
    if (ray.has_hit) canvas.circle({ray.to.x, ray.to.y}, 0.06f, palette::kDanger);
  }
  draw_hull(canvas, picture.hull, picture.has_fallen);
  draw_leg(canvas, *picture.legs[1], *picture.shins[1], picture.has_contact[1], kNearLeg);
}

}  // namespace tern
