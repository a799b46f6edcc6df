#include "envs/physics/walker_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "envs/physics/bodies.h"

namespace tern {
namespace {

constexpr float kGroundStep = static_cast<float>(WalkerTerrain::kStep);
constexpr float kGroundEnd = kGroundStep * (WalkerTerrain::kPoints - 1);
constexpr float kViewWidth = 14, kViewHeight = 9.4f;  // m, of the view
constexpr float kAhead = 0.3f;                // the hull stands this share of it from the left
constexpr float kSoilShown = 2.6f;            // m, below the usual ground

constexpr Color kSky{224, 240, 250}, kCloud{255, 255, 255}, kHill{203, 226, 220};
constexpr Color kGrass = palette::kGoal, kSoil{128, 102, 78}, kSoilDark{112, 88, 66};
constexpr Color kStone = palette::kMuted, kStoneTop{188, 197, 201};
constexpr Color kFarLeg{0, 74, 122}, kNearLeg = palette::kAgentLight;
constexpr Color kRay{213, 94, 0, 150};

/// The rectangle of the env that is seen, and as much around it as the canvas shows. Canvases need
/// not clip, so nothing is drawn outside.
struct View {
  float left, bottom;
  Rectangle shown = {};
  float right() const { return left + kViewWidth; }
  float top() const { return bottom + kViewHeight; }
  bool shows_more() const { return shown.low.x < left || shown.high.x > right(); }
  bool holds(Point low, Point high) const {
    return low.x >= shown.low.x && low.y >= shown.low.y && high.x <= shown.high.x &&
           high.y <= shown.high.y;
  }
  float clip_x(float x) const { return std::clamp(x, shown.low.x, shown.high.x); }
  float clip_y(float y) const { return std::clamp(y, shown.low.y, shown.high.y); }
  /// Where the ground begins and ends. Wide pictures show it go on level beyond the terrain.
  float ground_begin() const { return shows_more() ? std::min(shown.low.x, 0.0f) : 0; }
  float ground_end() const { return shows_more() ? std::max(shown.high.x, kGroundEnd) : kGroundEnd; }
};

/// The height of the line at x, continued level at both ends.
float ground_at(const WalkerTerrain& terrain, float x) {
  const float at = std::clamp(x / kGroundStep, 0.0f, WalkerTerrain::kPoints - 1.001f);
  const std::size_t i = static_cast<std::size_t>(at);
  const float share = at - static_cast<float>(i);
  return static_cast<float>(terrain.heights[i]) * (1 - share) +
         static_cast<float>(terrain.heights[i + 1]) * share;
}

/// The height around x, so smooth that the picture does not jump at a pit.
float usual_ground(const WalkerTerrain& terrain, float x) {
  constexpr int kReach = 24;  // steps to both sides
  float sum = 0, weights = 0;
  for (int i = -kReach; i <= kReach; ++i) {
    const float weight = static_cast<float>(kReach + 1 - std::abs(i));
    sum += weight * ground_at(terrain, x + kGroundStep * static_cast<float>(i));
    weights += weight;
  }
  return sum / weights;
}

/// Fills what is seen between the straight line `low` and the curve `high` of x, from x = a to b,
/// in pieces of at most `piece` m that begin at multiples of it.
template <class Low, class High>
void fill_between(Canvas& canvas, const View& view, float a, float b, float piece, const Low& low,
                  const High& high, Color color) {
  constexpr std::size_t kMax = 192;
  a = view.clip_x(a);
  b = view.clip_x(b);
  if (!(a < b)) return;
  Point corners[kMax + 2];
  std::size_t count = 0;
  for (float x = a; count < kMax - 1 && x < b; x = (std::floor(x / piece + 1e-3f) + 1) * piece) {
    corners[count++] = {x, view.clip_y(high(x))};
  }
  corners[count++] = {b, view.clip_y(high(b))};
  corners[count++] = {b, view.clip_y(low(b))};
  corners[count++] = {a, view.clip_y(low(a))};
  canvas.polygon(corners, count, color);
}

/// Three puffs on a flat base; a puff is the upper half of a circle.
void draw_cloud(Canvas& canvas, const View& view, float x, float y, float size) {
  struct Puff {
    float at, radius;
  };
  static constexpr Puff kPuffs[] = {{-0.8f, 0.45f}, {0, 0.8f}, {0.85f, 0.5f}};
  const auto shape = [](float at) {
    float best = 0;
    for (const Puff& puff : kPuffs) {
      const float off = at - puff.at;
      best = std::max(best, puff.radius * puff.radius - off * off);
    }
    return std::sqrt(best);
  };
  if (view.holds({x - 1.25f * size, y}, {x + 1.35f * size, y + 0.8f * size})) {
    // The same at every step, so that a recording keeps it once.
    constexpr int kPieces = 52;
    Point corners[kPieces + 1];
    for (int i = 0; i <= kPieces; ++i) {
      const float at = -1.25f + 0.05f * static_cast<float>(i);
      corners[i] = {at, shape(at)};
    }
    canvas.push({x, y}, 0, size);
    canvas.polygon(corners, kPieces + 1, kCloud);
    return canvas.pop();
  }
  const auto high = [=](float at) { return y + size * shape((at - x) / size); };
  fill_between(canvas, view, x - 1.25f * size, x + 1.35f * size, 0.08f, [=](float) { return y; },
               high, kCloud);
}

/// In parts that are the same at every step, so that a recording keeps them once.
void draw_hills(Canvas& canvas, const View& view, float shift, float horizon) {
  constexpr float kPart = 2, kPiece = 0.2f, kOverlap = 0.05f;  // m; without it seams would be seen
  const auto shape = [](float at) {
    return 1.0f + 0.55f * std::sin(0.45f * at) + 0.3f * std::sin(0.97f * at + 1);
  };
  const auto first = static_cast<int>(std::floor((view.shown.low.x - shift) / kPart));
  for (int i = first; shift + kPart * static_cast<float>(i) < view.shown.high.x; ++i) {
    const float a = kPart * static_cast<float>(i), b = a + kPart + kOverlap;
    if (view.holds({shift + a, horizon}, {shift + b, horizon + 2})) {
      constexpr int kPieces = 11;
      Point corners[kPieces + 3];
      for (int k = 0; k <= kPieces; ++k) {
        const float at = std::min(a + kPiece * static_cast<float>(k), b);
        corners[k] = {at, shape(at)};
      }
      corners[kPieces + 1] = {b, 0};
      corners[kPieces + 2] = {a, 0};
      canvas.push({shift, horizon}, 0);
      canvas.polygon(corners, kPieces + 3, kHill);
      canvas.pop();
    } else {
      fill_between(
          canvas, view, shift + a, shift + b, kPiece, [=](float) { return horizon; },
          [=](float x) { return horizon + shape(x - shift); }, kHill);
    }
  }
  canvas.rectangle(view.shown.low, {view.shown.high.x, view.clip_y(horizon + kOverlap)}, kHill);
}

/// Clouds and hills drift by more slowly than the ground, which puts them far away.
void draw_distance(Canvas& canvas, const View& view, const WalkerTerrain& terrain) {
  const float horizon = view.bottom + kSoilShown;
  for (const WalkerTerrain::Cloud& cloud : terrain.clouds) {
    draw_cloud(canvas, view, cloud.x / 2 + view.left / 2, horizon + cloud.y - 5.6f, cloud.size);
  }
  draw_hills(canvas, view, 0.7f * view.left, horizon);
}

/// Text canvases fill what was drawn so far with letters: takes them away again. Invisible in
/// pictures.
void clear_letters(Canvas& canvas, const View& view) {
  constexpr float kCell = 0.25f;  // m: 56 columns over the whole view
  constexpr int kRows = static_cast<int>(kViewHeight / kCell) + 1, kColumns = 56;
  static constexpr std::uint8_t kKinds[kRows * kColumns] = {};
  static constexpr CellStyle kBlank[] = {{{0, 0, 0, 0}, ' '}};
  canvas.cells({view.left, view.top()}, kCell, kRows, kColumns, kKinds, kBlank, 1);
}

void draw_ground(Canvas& canvas, const View& view, const WalkerTerrain& terrain) {
  const auto line = [&](float x) { return ground_at(terrain, x); };
  const auto bottom = [&](float) { return view.shown.low.y; };
  fill_between(canvas, view, view.ground_begin(), view.ground_end(), kGroundStep, bottom, line, kSoil);
  // Darker stripes, so that one sees the ground move.
  constexpr float kStripe = 4 * kGroundStep;
  const int first = static_cast<int>(std::floor(view.shown.low.x / kStripe)) & ~1;
  const int least = view.shows_more() ? first : 0;
  for (int i = std::max(first, least); static_cast<float>(i) * kStripe < view.shown.high.x; i += 2) {
    const float x = static_cast<float>(i) * kStripe;
    fill_between(canvas, view, x, std::min(x + kStripe, view.ground_end()), kGroundStep, bottom, line,
                 kSoilDark);
  }
  for (int i = 0; i < terrain.num_blocks; ++i) {
    const WalkerTerrain::Block& block = terrain.blocks[static_cast<std::size_t>(i)];
    const float left = static_cast<float>(block.left), right = static_cast<float>(block.right);
    const float base = static_cast<float>(block.bottom), top = static_cast<float>(block.top);
    fill_between(canvas, view, left, right, kViewWidth, [=](float) { return base; },
                 [=](float) { return top; }, kStone);
    fill_between(canvas, view, left, right, kViewWidth, [=](float) { return top - 0.1f; },
                 [=](float) { return top; }, kStoneTop);
  }
  constexpr float kHalf = 0.05f;  // m, of the grass
  const float from = std::max(view.shown.low.x + kHalf, view.ground_begin());
  const float to = std::min(view.shown.high.x - kHalf, view.ground_end());
  for (float x = from, next; x < to; x = next) {
    next = std::min((std::floor(x / kGroundStep + 1e-3f) + 1) * kGroundStep, to);
    canvas.capsule({x, line(x)}, {next, line(next)}, kHalf, kGrass);
  }
}

void draw_flag(Canvas& canvas, const View& view, const WalkerTerrain& terrain, float x,
               Color color) {
  constexpr float kPole = 1.9f, kCloth = 0.9f, kHalf = 0.28f;  // m
  const float foot = ground_at(terrain, x), middle = foot + kPole - kHalf;
  const auto half = [=](float at) { return kHalf * (1 - (at - x) / kCloth); };
  fill_between(canvas, view, x, x + kCloth, kCloth, [=](float at) { return middle - half(at); },
               [=](float at) { return middle + half(at); }, color);
  fill_between(canvas, view, x - 0.035f, x + 0.035f, kViewWidth, [=](float) { return foot; },
               [=](float) { return foot + kPole; }, palette::kInk);
}

void draw_leg(Canvas& canvas, const b2Body& thigh, const b2Body& shin, bool has_contact,
              Color color) {
  constexpr float kHalfLength = 17.0f / 30;  // m
  draw_body(canvas, thigh, color);
  draw_body(canvas, shin, color);
  const b2Vec2 knee = shin.GetWorldPoint({0, kHalfLength});
  canvas.circle({knee.x, knee.y}, 0.075f, palette::kInk);
  if (!has_contact) return;
  const b2Vec2 sole = shin.GetWorldPoint({0, -kHalfLength});
  canvas.circle({sole.x, sole.y}, 0.13f, palette::kItem);
}

void draw_hull(Canvas& canvas, const b2Body& hull, bool has_fallen) {
  draw_body(canvas, hull, has_fallen ? palette::kDanger : palette::kAgent);
  const b2Vec2 eye = hull.GetWorldPoint({0.55f, 0}), pupil = hull.GetWorldPoint({0.59f, 0});
  canvas.circle({eye.x, eye.y}, 0.13f, palette::kBackground);
  canvas.circle({pupil.x, pupil.y}, 0.06f, palette::kInk);
}

void draw_lidar(Canvas& canvas, const WalkerPicture& picture) {
  for (int i = 0; i < picture.num_rays; ++i) {
    const LidarRay& ray = picture.rays[i];
    canvas.line({ray.from.x, ray.from.y}, {ray.to.x, ray.to.y}, 0.012f, kRay);
    if (ray.has_hit) canvas.circle({ray.to.x, ray.to.y}, 0.06f, palette::kDanger);
  }
}

}  // namespace

void draw_walker_scene(Canvas& canvas, const WalkerPicture& picture) {
  const float x = picture.hull.GetPosition().x;
  View view{x - kAhead * kViewWidth, usual_ground(picture.terrain, x) - kSoilShown};
  view.shown = canvas.shown({view.left, view.bottom}, {view.right(), view.top()});
  canvas.set_view({view.left, view.bottom}, {view.right(), view.top()}, palette::kBackground);
  canvas.rectangle(view.shown.low, view.shown.high, kSky);
  draw_distance(canvas, view, picture.terrain);
  clear_letters(canvas, view);
  draw_ground(canvas, view, picture.terrain);
  draw_flag(canvas, view, picture.terrain, 3 * kGroundStep, palette::kDanger);
  draw_flag(canvas, view, picture.terrain, static_cast<float>(picture.finish), palette::kItem);
  draw_lidar(canvas, picture);
  draw_leg(canvas, *picture.legs[0], *picture.shins[0], picture.has_contact[0], kFarLeg);
  draw_hull(canvas, picture.hull, picture.has_fallen);
  draw_leg(canvas, *picture.legs[1], *picture.shins[1], picture.has_contact[1], kNearLeg);
  const b2Vec2 hip = picture.hull.GetWorldPoint({0, -8.0f / 30});
  canvas.circle({hip.x, hip.y}, 0.085f, palette::kInk);
}

}  // namespace tern
