#include "envs/physics/lander_picture.h"

#include <cmath>
#include <cstdint>

namespace tern {
namespace {

constexpr Color kNight{17, 24, 39}, kRock{126, 132, 138}, kRockEdge{196, 201, 204};
constexpr Color kCrater{108, 113, 119}, kStar{226, 232, 240}, kFaintStar{122, 134, 152};
constexpr Color kEarth{56, 130, 190}, kLand{70, 160, 120}, kPole{214, 218, 222};
constexpr Color kHullEdge{44, 92, 130}, kWindow{224, 242, 252};
constexpr float kSceneWidth = static_cast<float>(kMoonWidth);
constexpr float kTop = 15;  // m, of the view: the reference's, and room for the lander above it

float ground_x(std::size_t i) {
  return static_cast<float>(kMoonStride * static_cast<double>(i));
}

void draw_sky(Canvas& canvas, const Rectangle& shown) {
  // Additive steps of two irrational numbers spread points evenly and without a pattern.
  for (int i = 0; i < 70; ++i) {
    const double u = std::fmod(0.5 + 0.754877666 * i, 1.0),
                 v = std::fmod(0.5 + 0.569840291 * i, 1.0);
    const bool is_bright = i % 4 == 0;
    canvas.circle({static_cast<float>(u) * kSceneWidth, static_cast<float>(v) * kTop},
                  is_bright ? 0.05f : 0.03f, is_bright ? kStar : kFaintStar);
  }
  // Beyond the view: as dense as in it, the ground's half left out.
  const float width = shown.high.x - shown.low.x, height = shown.high.y;
  const int around = static_cast<int>(70 * (width * height / (kSceneWidth * kTop) - 1));
  for (int i = 0; i < around; ++i) {
    const double u = std::fmod(0.25 + 0.754877666 * i, 1.0),
                 v = std::fmod(0.75 + 0.569840291 * i, 1.0);
    const Point at{shown.low.x + static_cast<float>(u) * width, static_cast<float>(v) * height};
    if (at.x > 0 && at.x < kSceneWidth && at.y < kTop) continue;
    canvas.circle(at, i % 4 == 0 ? 0.05f : 0.03f, i % 4 == 0 ? kStar : kFaintStar);
  }
  canvas.circle({16.6f, 12.9f}, 0.75f, kEarth);
  canvas.circle({16.4f, 13.15f}, 0.28f, kLand);
  canvas.circle({16.85f, 12.7f}, 0.22f, kLand);
}

/// Text canvases have drawn the stars as letters: takes them away again. Invisible in pictures.
void clear_letters(Canvas& canvas) {
  constexpr float kCell = 0.25f;  // m, a column of a text canvas of 80
  constexpr int kRows = static_cast<int>(kTop / kCell), kColumns = static_cast<int>(kSceneWidth / kCell);
  static constexpr std::uint8_t kKinds[kRows * kColumns] = {};
  static constexpr CellStyle kBlank[] = {{{0, 0, 0, 0}, ' '}};
  canvas.cells({0, kTop}, kCell, kRows, kColumns, kKinds, kBlank, 1);
}

/// Level where the terrain ends, and rock all the way down.
void draw_ground_around(Canvas& canvas, const Rectangle& shown, const MoonGround& ground) {
  const auto beside = [&](float from, float to, double height) {
    const float y = static_cast<float>(height);
    canvas.rectangle({from, 0}, {to, y}, kRock);
    canvas.capsule({from, y}, {to, y}, 0.05f, kRockEdge);
  };
  constexpr float kSeam = 0.1f;  // m below the terrain, so that no seam shows
  if (shown.low.x < 0) beside(shown.low.x, kSeam, ground[0]);
  if (shown.high.x > kSceneWidth) beside(kSceneWidth - kSeam, shown.high.x, ground[kMoonPoints - 1]);
  if (shown.low.y < 0) canvas.rectangle(shown.low, {shown.high.x, kSeam}, kRock);
}

void draw_ground(Canvas& canvas, const MoonGround& ground) {
  for (std::size_t i = 0; i + 1 < kMoonPoints; ++i) {
    const Point left{ground_x(i), static_cast<float>(ground[i])};
    const Point right{ground_x(i + 1), static_cast<float>(ground[i + 1])};
    const float seam =
        i + 2 < kMoonPoints ? 0.03f : 0;  // m, under the next slab: no gap shines through
    const Point slab[4] = {{left.x, 0}, {right.x + seam, 0}, {right.x + seam, right.y}, left};
    canvas.polygon(slab, 4, kRock);
    const float depth = 0.5f * (left.y + right.y);
    if (depth > 1.2f) {
      const float radius = 0.2f + 0.06f * static_cast<float>(i * 7 % 4);
      canvas.circle({left.x + 0.7f + 0.2f * static_cast<float>(i * 3 % 5), 0.55f * depth}, radius,
                    kCrater);
    }
  }
  for (std::size_t i = 0; i + 1 < kMoonPoints; ++i) {
    canvas.capsule({ground_x(i), static_cast<float>(ground[i])},
                   {ground_x(i + 1), static_cast<float>(ground[i + 1])}, 0.05f, kRockEdge);
  }
}

void draw_pad(Canvas& canvas, const MoonGround& ground) {
  constexpr std::size_t kMiddle = kMoonPoints / 2;
  const float left = ground_x(kMiddle - 1), right = ground_x(kMiddle + 1);
  const float y = static_cast<float>(ground[kMiddle]);
  canvas.rectangle({left, y - 0.16f}, {right, y + 0.05f}, palette::kGoal);
  for (const float x : {left, right}) {
    canvas.line({x, y}, {x, y + 1.7f}, 0.07f, kPole);
    const Point flag[3] = {{x, y + 1.7f}, {x, y + 1.1f}, {x + 0.9f, y + 1.4f}};
    canvas.polygon(flag, 3, palette::kItem);
  }
}

/// A tongue of fire from `at` along `to`, which is a vector, with a bright core.
void draw_flame(Canvas& canvas, Point at, Point to, float half_width) {
  const float length = std::sqrt(to.x * to.x + to.y * to.y);
  const Point across{-to.y / length * half_width, to.x / length * half_width};
  const auto tongue = [&](float share, Color color) {
    const Point corners[4] = {{at.x + across.x * share, at.y + across.y * share},
                              {at.x - across.x * share, at.y - across.y * share},
                              {at.x + to.x * 0.3f * share - across.x * 1.2f * share,
                               at.y + to.y * 0.3f * share - across.y * 1.2f * share},
                              {at.x + to.x * share, at.y + to.y * share}};
    const Point other[3] = {corners[0],
                            {at.x + to.x * 0.3f * share + across.x * 1.2f * share,
                             at.y + to.y * 0.3f * share + across.y * 1.2f * share},
                            corners[3]};
    canvas.polygon(corners, 4, color);
    canvas.polygon(other, 3, color);
  };
  tongue(1, palette::kDanger);
  tongue(0.65f, palette::kItem);
  tongue(0.35f, kWindow);
}

/// In the hull's own coordinates: the engines sit where the reference's impulses attack.
void draw_flames(Canvas& canvas, const LanderFlames& flames) {
  const auto flicker = static_cast<float>(1 + 0.2 * flames.flicker);
  if (flames.main > 0) {
    const float length = (0.5f + 0.9f * static_cast<float>(flames.main)) * flicker;
    draw_flame(canvas, {0, -0.36f}, {0, -length}, 0.24f);
  }
  if (flames.side > 0) {
    const auto away = static_cast<float>(-flames.direction);
    const float length = (0.3f + 0.5f * static_cast<float>(flames.side)) * flicker;
    draw_flame(canvas, {away * 0.52f, 0.36f}, {away * length, 0}, 0.12f);
  }
}

void draw_hull(Canvas& canvas, const LanderBodies& bodies, const LanderFlames& flames) {
  const b2Vec2 at = bodies.lander().GetPosition();
  canvas.push({at.x, at.y}, bodies.lander().GetAngle());
  draw_flames(canvas, flames);
  const Point nozzle[4] = {{-0.2f, -0.42f}, {0.2f, -0.42f}, {0.13f, -0.3f}, {-0.13f, -0.3f}};
  canvas.polygon(nozzle, 4, palette::kMuted);
  canvas.pop();

  draw_body(canvas, bodies.lander(),
            bodies.has_crashed() ? palette::kDanger : palette::kAgentLight);

  canvas.push({at.x, at.y}, bodies.lander().GetAngle());
  canvas.rectangle({-0.56f, -0.33f}, {0.56f, -0.2f}, kHullEdge);
  canvas.circle({0, 0.2f}, 0.19f, kHullEdge);
  canvas.circle({0, 0.2f}, 0.14f, kWindow);
  canvas.pop();
}

}  // namespace

void draw_lander(Canvas& canvas, const MoonGround& ground, const LanderBodies& bodies,
                 const LanderFlames& flames) {
  canvas.set_view({0, 0}, {kSceneWidth, kTop}, kNight);
  const Rectangle shown = canvas.shown({0, 0}, {kSceneWidth, kTop});
  draw_sky(canvas, shown);
  clear_letters(canvas);
  draw_ground_around(canvas, shown, ground);
  draw_ground(canvas, ground);
  draw_pad(canvas, ground);
  const b2Vec2 at = bodies.lander().GetPosition();
  for (std::size_t i = 0; i < 2; ++i) {
    const b2Vec2 foot = bodies.leg(i).GetWorldPoint({0, -0.2f});
    canvas.capsule({at.x, at.y}, {foot.x, foot.y}, 0.04f, palette::kMuted);
    draw_body(canvas, bodies.leg(i), bodies.leg_touches(i) ? palette::kGoal : kPole);
  }
  draw_hull(canvas, bodies, flames);
  if (at.y > kTop + 0.5f) {  // out of sight: an arrow says where
    const Point arrow[3] = {
        {at.x - 0.35f, kTop - 0.8f}, {at.x + 0.35f, kTop - 0.8f}, {at.x, kTop - 0.2f}};
    canvas.polygon(arrow, 3, palette::kAgentLight);
  }
}

}  // namespace tern
