#pragma once
// How both MountainCars look: the hill, the flag and the car on the slope.

#include <algorithm>
#include <cmath>

#include "core/canvas.h"

namespace tern {

/// Draws a car at `position` (m) and the flag at `goal` (m). Heights are those of the landscape,
/// 0.45 sin(3 x) + 0.55.
inline void draw_mountain_car(Canvas& canvas, double position, double goal) {
  constexpr float kLeft = -1.3f, kRight = 0.7f, kBottom = -0.12f, kTop = 1.38f;
  constexpr int kSegments = 60, kMostSegments = 180;
  const auto height = [](double x) { return static_cast<float>(0.45 * std::sin(3 * x) + 0.55); };

  canvas.set_view({kLeft, kBottom}, {kRight, kTop}, palette::kBackground);
  const Rectangle shown = canvas.shown({kLeft, kBottom}, {kRight, kTop});
  const float width = shown.high.x - shown.low.x;
  const int segments = std::min(static_cast<int>(std::ceil(kSegments * width / (kRight - kLeft))),
                                kMostSegments);
  Point hill[kMostSegments + 3];
  for (int i = 0; i <= segments; ++i) {
    const float x = shown.low.x + width * static_cast<float>(i) / static_cast<float>(segments);
    hill[i] = {x, height(static_cast<double>(x))};
  }
  hill[segments + 1] = {shown.high.x, shown.low.y};
  hill[segments + 2] = {shown.low.x, shown.low.y};
  canvas.polygon(hill, static_cast<std::size_t>(segments) + 3, palette::kFloor);
  for (int i = 0; i < segments; ++i) canvas.capsule(hill[i], hill[i + 1], 0.008f, palette::kInk);

  // The wall at the left end, which stops the car.
  const float wall = -1.2f - 0.06f;
  canvas.rectangle({wall - 0.02f, height(-1.2) - 0.02f}, {wall, height(-1.2) + 0.22f},
                   palette::kMuted);
  const float foot = height(goal), at = static_cast<float>(goal);
  canvas.capsule({at, foot}, {at, foot + 0.3f}, 0.008f, palette::kInk);
  const Point flag[3] = {{at, foot + 0.31f}, {at, foot + 0.19f}, {at - 0.15f, foot + 0.25f}};
  canvas.polygon(flag, 3, palette::kGoal);

  const double slope = 1.35 * std::cos(3 * position);  // of the height
  canvas.push({static_cast<float>(position), height(position)},
              static_cast<float>(std::atan(slope)), /*scale=*/1.4f);
  canvas.capsule({-0.055f, 0.065f}, {0.055f, 0.065f}, 0.025f, palette::kAgent);
  canvas.capsule({-0.02f, 0.095f}, {0.025f, 0.095f}, 0.02f, palette::kAgentLight);
  for (const float axle : {-0.05f, 0.05f}) {
    canvas.circle({axle, 0.03f}, 0.03f, palette::kInk);
    canvas.circle({axle, 0.03f}, 0.012f, palette::kFloor);
  }
  canvas.pop();
}

}  // namespace tern
