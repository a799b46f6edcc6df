#include "envs/physics/race_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/trig.h"

namespace tern {
namespace {

// What is shown of the env, with the car at the origin.
constexpr Point kLow{-32, -21}, kHigh{32, 43};
constexpr float kReach = 60;  // of the view's farthest corner, with room for a tile
// Below, a dashboard; in the upper right corner, a map.
constexpr float kDashboard = 5.5f;  // its height
constexpr float kMapSide = 14;

constexpr Color kField{206, 226, 190}, kTuft{170, 202, 150}, kBeyond{128, 112, 96};
constexpr Color kRoad{120, 126, 130}, kVisited{146, 151, 154}, kWhite{255, 255, 255};
constexpr Color kRubber{52, 56, 60}, kMud{138, 118, 72}, kTyre{30, 34, 38}, kRim{150, 156, 160};
constexpr Color kGlass{38, 50, 56};

float farthest_corner(const Rectangle& shown) {
  return std::hypot(std::max(-shown.low.x, shown.high.x), std::max(-shown.low.y, shown.high.y));
}

/// What lies around the car, turned so that the car looks up. Draws nothing outside of what is
/// shown: canvases that show several pictures do not clip. What is shown as a whole is drawn in
/// coordinates of the env, the same at every step, so that a recording keeps it once.
class Surroundings {
 public:
  Surroundings(Canvas& canvas, const b2Body& hull)
      : canvas_(canvas),
        shown_(canvas.shown(kLow, kHigh)),
        reach_(kReach + farthest_corner(shown_) - farthest_corner({kLow, kHigh})),
        car_(hull.GetPosition()),
        angle_(-hull.GetAngle()) {
    const SinCos turn = sincos(static_cast<double>(angle_));
    cos_ = static_cast<float>(turn.cos);
    sin_ = static_cast<float>(turn.sin);
  }

  b2Vec2 car() const { return car_; }
  float reach() const { return reach_; }  // m, of anything that may be seen
  bool is_near(double x, double y) const {
    return std::fabs(static_cast<float>(x) - car_.x) < reach_ &&
           std::fabs(static_cast<float>(y) - car_.y) < reach_;
  }

  /// From here on the canvas takes points of the env; until pop.
  void push() const { canvas_.push(place({0, 0}), angle_); }
  /// corners: at most 8, of the env.
  void polygon(const Point* corners, std::size_t count, Color color) const {
    constexpr std::size_t kMost = 40;  // each border at most adds half of the corners
    Point now[kMost], next[kMost];
    std::copy_n(corners, count, now);
    for (int border = 0; border < 4; ++border) {
      std::size_t left = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const Point &a = now[i], &b = now[(i + 1) % count];
        const float da = inside(a, border), db = inside(b, border);
        if (da >= 0) next[left++] = a;
        if ((da >= 0) != (db >= 0)) next[left++] = between(a, b, da / (da - db));
      }
      count = left;
      std::copy_n(next, count, now);
    }
    if (count >= 3) canvas_.polygon(now, count, color);
  }
  void rectangle(Point low, Point high, Color color) const {
    const Point corners[4] = {low, {high.x, low.y}, high, {low.x, high.y}};
    polygon(corners, 4, color);
  }
  void line(Point a, Point b, float width, Color color) const {
    float begin = 0, end = 1;
    for (int border = 0; border < 4; ++border) {
      const float da = inside(a, border), db = inside(b, border);
      if (da < 0 && db < 0) return;
      if (da < 0) begin = std::max(begin, da / (da - db));
      if (db < 0) end = std::min(end, da / (da - db));
    }
    if (begin >= end) return;
    canvas_.line(begin > 0 ? between(a, b, begin) : a, end < 1 ? between(a, b, end) : b, width,
                 color);
  }

  /// Of grass: drawn as a whole or not at all.
  void blade(Point a, Point b) const {
    for (int border = 0; border < 4; ++border) {
      if (std::min(inside(a, border), inside(b, border)) < 0) return;
    }
    canvas_.line(a, b, 0.3f, kTuft);
  }

 private:
  /// Where a point of the env is shown.
  Point place(Point p) const {
    const float x = p.x - car_.x, y = p.y - car_.y;
    return {cos_ * x - sin_ * y, sin_ * x + cos_ * y};
  }
  /// How far inside a border of what is shown.
  float inside(Point p, int border) const {
    p = place(p);
    return border == 0   ? p.x - shown_.low.x
           : border == 1 ? shown_.high.x - p.x
           : border == 2 ? p.y - shown_.low.y
                         : shown_.high.y - p.y;
  }

  Canvas& canvas_;
  Rectangle shown_;
  float reach_;
  b2Vec2 car_;
  float angle_, cos_, sin_;
};

/// Tufts of grass stand on a grid, a little out of line; beyond the field there are none.
void draw_ground(const Surroundings& canvas) {
  const b2Vec2 car = canvas.car();
  const float reach = canvas.reach();
  constexpr auto kEnd = static_cast<float>(RaceTrack::kField), kFar = 2 * kEnd;
  if (std::fabs(car.x) > kEnd - reach || std::fabs(car.y) > kEnd - reach) {
    canvas.rectangle({-kFar, -kFar}, {-kEnd, kFar}, kBeyond);
    canvas.rectangle({kEnd, -kFar}, {kFar, kFar}, kBeyond);
    canvas.rectangle({-kEnd, -kFar}, {kEnd, -kEnd}, kBeyond);
    canvas.rectangle({-kEnd, kEnd}, {kEnd, kFar}, kBeyond);
  }
  constexpr float kGrid = 8;
  const auto cell = [](float x) { return static_cast<int>(std::floor(x / kGrid)); };
  for (int i = cell(car.x - reach); i <= cell(car.x + reach); ++i) {
    for (int j = cell(car.y - reach); j <= cell(car.y + reach); ++j) {
      const unsigned mixed = static_cast<unsigned>(i) * 73856093u ^ static_cast<unsigned>(j) * 19349663u;
      const float x = kGrid * static_cast<float>(i) + static_cast<float>(mixed % 5);
      const float y = kGrid * static_cast<float>(j) + static_cast<float>(mixed / 5 % 5);
      if (std::fabs(x) > kEnd - 2 || std::fabs(y) > kEnd - 2) continue;
      canvas.blade({x, y}, {x - 0.5f, y + 1.3f});
      canvas.blade({x + 0.5f, y}, {x + 0.9f, y + 1.1f});
    }
  }
}

void draw_road(const Surroundings& canvas, const RaceScene& scene) {
  const RaceTrack& track = scene.track;
  for (std::size_t i = 0; i < track.size(); ++i) {
    const int side = track.kerb_side(i);
    if (side == 0 || !canvas.is_near(track.points()[i].x, track.points()[i].y)) continue;
    const RoadEdge here = track.kerb_edge(i, side, 1);
    const RoadEdge back = track.kerb_edge(track.before(i), side, 1);
    const Point corners[4] = {here.left, here.right, back.right, back.left};
    canvas.polygon(corners, 4, i % 2 == 0 ? kWhite : palette::kDanger);
  }
  for (std::size_t i = 0; i < track.size(); ++i) {
    if (!canvas.is_near(track.points()[i].x, track.points()[i].y)) continue;
    const std::size_t back = track.before(i);
    const RoadEdge &front = track.edge(i), &rear = track.edge(back);
    const RoadEdge& further = track.edge(track.before(back));
    const Point corners[6] = {front.left,
                              front.right,
                              rear.right,
                              between(rear.right, further.right, 0.2f),
                              between(rear.left, further.left, 0.2f),
                              rear.left};
    canvas.polygon(corners, 6, scene.visited_tiles[i] ? kVisited : kRoad);
    if (i % 2 == 1 && i + 1 < track.size()) {  // a broken line along the middle
      canvas.line(between(rear.left, rear.right, 0.5f), between(front.left, front.right, 0.5f), 0.3f,
                  {235, 235, 230});
    }
  }
  // The line where a lap begins.
  const RoadEdge& start = track.edge(0);
  if (canvas.is_near(track.points()[0].x, track.points()[0].y)) {
    canvas.line(start.left, start.right, 1, kWhite);
  }
}

void draw_skid_marks(const Surroundings& canvas, const Car& car) {
  for (int i = 0; i < Car::kSkidMarks; ++i) {
    const SkidMark& mark = car.skid_mark(i);
    for (int k = 1; k < mark.count; ++k) {
      canvas.line({mark.points[k - 1].x, mark.points[k - 1].y}, {mark.points[k].x, mark.points[k].y},
                  0.35f, mark.on_grass ? kMud : kRubber);
    }
  }
}

void draw_car(Canvas& canvas, const Car& car) {
  for (int i = 0; i < Car::kWheels; ++i) {
    const Wheel& wheel = car.wheel(i);
    draw_body(canvas, *wheel.body, kTyre);
    float from, to;
    if (!rolling_mark(wheel.phase, from, to)) continue;
    const b2Vec2 place = wheel.body->GetPosition();
    const float w = 0.8f * kCarUnit * kWheelHalfWidth, r = kCarUnit * kWheelRadius;
    const Point mark[4] = {{-w, r * from}, {w, r * from}, {w, r * to}, {-w, r * to}};
    canvas.push({place.x, place.y}, wheel.body->GetAngle());
    canvas.polygon(mark, 4, kRim);
    canvas.pop();
  }
  const b2Vec2 place = car.hull().GetPosition();
  canvas.push({place.x, place.y}, car.hull().GetAngle(), kCarUnit);
  canvas.polygon(kHullOutline, std::size(kHullOutline), palette::kAgent);
  const Point windscreen[4] = {{-26, -8}, {26, -8}, {20, 10}, {-20, 10}};
  canvas.polygon(windscreen, 4, palette::kAgentLight);
  canvas.circle({0, -35}, 17, palette::kItem);  // the driver's helmet
  canvas.pop();
}

/// A bar of `part` (0 to 1) of its length.
void draw_bar(Canvas& canvas, Point low, float length, float part, Color color) {
  canvas.rectangle(low, {low.x + length, low.y + 1}, {84, 98, 106});
  canvas.rectangle(low, {low.x + length * std::clamp(part, 0.0f, 1.0f), low.y + 1}, color);
}

void draw_dashboard(Canvas& canvas, const RaceScene& scene) {
  const Car& car = scene.car;
  const Rectangle shown = canvas.shown(kLow, kHigh);
  canvas.rectangle(shown.low, {shown.high.x, kLow.y + kDashboard}, kGlass);
  char text[32];
  const b2Vec2 v = car.hull().GetLinearVelocity();
  std::snprintf(text, sizeof text, "%.0f", static_cast<double>(v.Length()));
  const float base = kLow.y + 1.4f;
  canvas.text({-23.5f, base}, 2.7f, text, kWhite, Align::kRight);
  canvas.text({-22.5f, base}, 1.5f, "m/s", palette::kMuted);

  const float low = kLow.y + 0.8f, high = kLow.y + 3.2f;
  canvas.text({-15.5f, high}, 1.1f, "gas", palette::kMuted);
  draw_bar(canvas, {-11, high}, 9, static_cast<float>(car.wheel(2).gas), palette::kGoal);
  canvas.text({-15.5f, low}, 1.1f, "brake", palette::kMuted);
  draw_bar(canvas, {-11, low}, 9, static_cast<float>(car.wheel(2).brake), palette::kDanger);

  // The steering: a needle from the middle to where the wheels look.
  const float steer = car.wheel(0).joint->GetJointAngle() / 0.4f;
  canvas.rectangle({1, low}, {11, low + 1}, {84, 98, 106});
  canvas.rectangle({std::min(6.0f, 6 - 5 * steer), low}, {std::max(6.0f, 6 - 5 * steer), low + 1},
                   palette::kAgentLight);
  canvas.text({6, high}, 1.1f, "steering", palette::kMuted, Align::kCenter);

  canvas.text({20.5f, high}, 1.1f, "lap", palette::kMuted, Align::kRight);
  std::snprintf(text, sizeof text, "%.0f%%", std::floor(100 * scene.visited));
  canvas.text({20.5f, low}, 1.9f, text, kWhite, Align::kRight);
  canvas.text({30.5f, high}, 1.1f, "score", palette::kMuted, Align::kRight);
  std::snprintf(text, sizeof text, "%.0f", scene.score);
  canvas.text({30.5f, low}, 1.9f, text, palette::kItem, Align::kRight);
}

/// The whole road, what was visited of it, and the car.
void draw_map(Canvas& canvas, const RaceScene& scene) {
  const RaceTrack& track = scene.track;
  const float scale = kMapSide / (2 * 255.0f);  // no road goes farther from the middle
  const Point middle{kHigh.x - 1 - kMapSide / 2, kHigh.y - 1 - kMapSide / 2};
  canvas.rectangle({middle.x - kMapSide / 2, middle.y - kMapSide / 2},
                   {middle.x + kMapSide / 2, middle.y + kMapSide / 2}, {250, 250, 247, 205});
  canvas.push(middle, 0, scale);
  constexpr std::size_t kTiles = 3;  // in a piece
  for (std::size_t i = 0; i < track.size(); i += kTiles) {
    const TrackPoint& a = track.points()[i];
    const TrackPoint& b = track.points()[(i + kTiles < track.size()) ? i + kTiles : 0];
    const bool is_done = scene.visited_tiles[std::min(i + kTiles / 2, track.size() - 1)] != 0;
    canvas.capsule({static_cast<float>(a.x), static_cast<float>(a.y)},
                   {static_cast<float>(b.x), static_cast<float>(b.y)}, 8,
                   is_done ? palette::kGoal : palette::kMuted);
  }
  const b2Vec2 car = scene.car.hull().GetPosition();
  canvas.circle({car.x, car.y}, 20, palette::kAgent);
  canvas.pop();
}

}  // namespace

void draw_race(Canvas& canvas, const RaceScene& scene) {
  canvas.set_view(kLow, kHigh, kField);
  const Surroundings around(canvas, scene.car.hull());
  around.push();
  draw_ground(around);
  draw_road(around, scene);
  draw_skid_marks(around, scene.car);
  draw_car(canvas, scene.car);
  canvas.pop();
  draw_map(canvas, scene);
  draw_dashboard(canvas, scene);
}

}  // namespace tern
