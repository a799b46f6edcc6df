#include "envs/physics/car_pixels.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "core/drawing/stroke_font.h"

namespace tern {
namespace {

// The reference's picture, in whose pixels its facts are given, and what becomes of one of them.
constexpr double kFieldWidth = 1000, kFieldHeight = 800;
constexpr double kAcross = CarPixels::kSide / kFieldWidth, kUp = CarPixels::kSide / kFieldHeight;
constexpr double kCarX = kFieldWidth / 2, kCarY = kFieldHeight / 4;  // where the car stands
constexpr double kZoom = 2.7 * RaceTrack::kScale, kFirstZoom = 0.1 * RaceTrack::kScale;
// Indicators stand in a grid of 40 x 40 on a black bar.
constexpr double kColumn = kFieldWidth / 40, kRow = kFieldHeight / 40, kBar = 5 * kRow;
constexpr double kLeastShown = 1e-4;
constexpr double kPatch = RaceTrack::kField / 20;  // of lighter grass, every second one
constexpr double kWholeRoadZoom = 6;               // below it tiles are smaller than two pixels
constexpr std::size_t kUsualCorners = 1200;        // of a whole road
constexpr int kScoreSide = 12;                     // pixels of the picture that the score has
constexpr int kLost = 2;  // levels of 255 that a colour loses where the reference shrinks its picture
constexpr Color kBlack{0, 0, 0}, kGlaring{255, 255, 255}, kRed{255, 0, 0};

Color with_shade(Color road, std::size_t tile) {
  const double lighter = 0.01 * static_cast<double>(tile % 3) * 255;
  const auto add = [lighter](std::uint8_t value) {
    return static_cast<std::uint8_t>(std::min(value + lighter, 255.0));
  };
  return {add(road.r), add(road.g), add(road.b)};
}

}  // namespace

CarPixels::CarPixels() : score_(kScoreSide, kScoreSide), shown_score_(0) {
  corners_.reserve(kUsualCorners);
  canvas_.reserve(kUsualCorners);
  score_.reserve(4);
  write_score(0);
}

Point CarPixels::Camera::operator()(double wx, double wy) const {
  const double dx = wx - x, dy = wy - y;
  return {static_cast<float>((kCarX + zoom * (cos * dx + sin * dy)) * kAcross),
          static_cast<float>((kCarY + zoom * (cos * dy - sin * dx)) * kUp)};
}

void CarPixels::draw(const RaceScene& scene, Row<std::uint8_t> pixels) {
  const b2Body& hull = scene.car.hull();
  const SinCos turn = sincos(static_cast<double>(hull.GetAngle()));
  // It begins far away and comes near within a second.
  const double near = std::min(scene.time, 1.0);
  const double zoom = kFirstZoom * (1 - near) + kZoom * near;
  const Camera camera{hull.GetPosition().x, hull.GetPosition().y, turn.cos, turn.sin, zoom};
  draw_ground(camera, scene.colors);
  draw_road(camera, scene);
  draw_car(camera, scene.car);
  draw_indicators(scene.car);
  std::copy(canvas_.rgb().begin(), canvas_.rgb().end(), pixels.begin());

  const long score = std::lround(scene.score);
  if (score != shown_score_) write_score(score);
  constexpr std::ptrdiff_t kBytes = 3 * kScoreSide;
  for (int row = 0; row < kScoreSide; ++row) {
    std::copy_n(score_.rgb().begin() + row * kBytes, kBytes,
                pixels.begin() + std::ptrdiff_t{3} * (kSide - kScoreSide + row) * kSide);
  }
  for (std::uint8_t& value : pixels) {
    value = static_cast<std::uint8_t>(std::max<int>(value, kLost) - kLost);
  }
}

void CarPixels::draw_ground(const Camera& camera, const RaceColors& colors) {
  // The part of the env above the bar: its corners seen from the camera, turned back.
  double low_x = camera.x, high_x = camera.x, low_y = camera.y, high_y = camera.y;
  for (const double across : {-kCarX, kFieldWidth - kCarX}) {
    for (const double up : {kBar - kCarY, kFieldHeight - kCarY}) {
      const double x = camera.x + (camera.cos * across - camera.sin * up) / camera.zoom;
      const double y = camera.y + (camera.sin * across + camera.cos * up) / camera.zoom;
      low_x = std::min(low_x, x);
      high_x = std::max(high_x, x);
      low_y = std::min(low_y, y);
      high_y = std::max(high_y, y);
    }
  }
  constexpr double kField = RaceTrack::kField;
  const bool is_inside = low_x > -kField && high_x < kField && low_y > -kField && high_y < kField;
  canvas_.set_view({0, 0}, {kSide, kSide}, is_inside ? colors.field : kBlack);
  const auto fill = [&](double x, double y, double side, Color color) {
    const Point corners[4] = {camera(x, y), camera(x + side, y), camera(x + side, y + side),
                              camera(x, y + side)};
    canvas_.polygon(corners, 4, color);
  };
  if (!is_inside) fill(-kField, -kField, 2 * kField, colors.field);

  const auto patch = [](double x) { return static_cast<int>(std::floor(x / (2 * kPatch))); };
  for (int i = std::max(patch(low_x), -10); i <= std::min(patch(high_x), 9); ++i) {
    for (int j = std::max(patch(low_y), -10); j <= std::min(patch(high_y), 9); ++j) {
      fill(2 * kPatch * i, 2 * kPatch * j, kPatch, colors.grass);
    }
  }
}

void CarPixels::draw_road(const Camera& camera, const RaceScene& scene) {
  // Kerbs lie partly under the road, so that no grass shows between them.
  const RaceTrack& track = scene.track;
  for (std::size_t i = 0; i < track.size(); ++i) {
    const int side = track.kerb_side(i);
    if (side == 0) continue;
    const RoadEdge here = track.kerb_edge(i, side, RaceTrack::kKerbWidth);
    const RoadEdge back = track.kerb_edge(track.before(i), side, RaceTrack::kKerbWidth);
    const Point corners[4] = {camera(here.left), camera(here.right), camera(back.right),
                              camera(back.left)};
    canvas_.polygon(corners, 4, i % 2 == 0 ? kGlaring : kRed);
  }
  if (camera.zoom < kWholeRoadZoom) {
    draw_whole_road(camera, scene);
  } else {
    draw_tiles(camera, scene);
  }
}

void CarPixels::draw_whole_road(const Camera& camera, const RaceScene& scene) {
  const std::size_t n = scene.track.size();
  corners_.clear();
  for (std::size_t i = 0; i <= n; ++i) corners_.push_back(camera(scene.track.edge(i % n).left));
  for (std::size_t i = 0; i <= n; ++i) {
    corners_.push_back(camera(scene.track.edge((n - i) % n).right));
  }
  canvas_.polygon(corners_.data(), corners_.size(), with_shade(scene.colors.road, 1));
}

void CarPixels::draw_tiles(const Camera& camera, const RaceScene& scene) {
  const RaceTrack& track = scene.track;
  // A tile is drawn about a pixel further back, over the end of the one before: two edges that only
  // meet would let the grass shine through.
  const double step = RaceTrack::kStep * camera.zoom * kAcross;  // pixels
  const auto overlap = static_cast<float>(std::min(1 / step, 1.0));
  const double reach = 12 * camera.zoom * kUp;  // pixels, half the diagonal of any tile
  for (std::size_t i = 0; i < track.size(); ++i) {
    const Point middle = camera(track.points()[i].x, track.points()[i].y);
    if (middle.x < -reach || middle.x > kSide + reach || middle.y < kBar * kUp - reach ||
        middle.y > kSide + reach) {
      continue;
    }
    const std::size_t back = track.before(i);
    const RoadEdge &front = track.edge(i), &rear = track.edge(back);
    const RoadEdge& further = track.edge(track.before(back));
    const Point corners[6] = {camera(front.left),
                              camera(front.right),
                              camera(rear.right),
                              camera(between(rear.right, further.right, overlap)),
                              camera(between(rear.left, further.left, overlap)),
                              camera(rear.left)};
    canvas_.polygon(corners, 6,
                    scene.touched[i] ? scene.colors.road : with_shade(scene.colors.road, i));
  }
}

void CarPixels::draw_car(const Camera& camera, const Car& car) {
  constexpr Color kHull{204, 0, 0}, kMark{77, 77, 77};
  const auto fill = [&](const b2Body& body, const Point* shape, std::size_t count, Color color) {
    const SinCos turn = sincos(static_cast<double>(body.GetAngle()));
    Point corners[std::size(kHullOutline)];
    for (std::size_t i = 0; i < count; ++i) {
      const double x = static_cast<double>(kCarUnit * shape[i].x);
      const double y = static_cast<double>(kCarUnit * shape[i].y);
      corners[i] = camera(body.GetPosition().x + turn.cos * x - turn.sin * y,
                          body.GetPosition().y + turn.sin * x + turn.cos * y);
    }
    canvas_.polygon(corners, count, color);
  };
  for (int i = 0; i < Car::kWheels; ++i) {
    constexpr float w = kWheelHalfWidth, r = kWheelRadius;
    const Point tyre[4] = {{-w, r}, {w, r}, {w, -r}, {-w, -r}};
    fill(*car.wheel(i).body, tyre, 4, kBlack);
    float from, to;
    if (!rolling_mark(car.wheel(i).phase, from, to)) continue;
    const Point mark[4] = {{-w, r * from}, {w, r * from}, {w, r * to}, {-w, r * to}};
    fill(*car.wheel(i).body, mark, 4, kMark);
  }
  fill(car.hull(), kHullOutline, std::size(kHullOutline), kHull);
}

/// The reference's rectangles have whole pixels, those of their right and lower borders included.
void CarPixels::draw_indicators(const Car& car) {
  const auto fill = [this](double left, double low, double right, double high, Color color) {
    canvas_.rectangle({static_cast<float>(left * kAcross), static_cast<float>(low * kUp)},
                      {static_cast<float>(right * kAcross), static_cast<float>(high * kUp)}, color);
  };
  const auto column = [&](double value, double place, double scale, Color color) {
    if (std::fabs(value) <= kLeastShown) return;
    const double end = std::ceil(kRow + kRow * scale * value);
    fill(place * kColumn, std::min(kRow, end) - 1, (place + 1) * kColumn + 1, std::max(kRow, end),
         color);
  };
  const auto row = [&](double value, double place, double scale, Color color) {
    if (std::fabs(value) <= kLeastShown) return;
    const double begin = place * kColumn, end = std::floor((place + scale * value) * kColumn);
    fill(std::min(begin, end), 2 * kRow - 1, std::max(begin, end) + 1, 4 * kRow, color);
  };
  fill(0, 0, kFieldWidth, kBar, kBlack);
  const b2Vec2 v = car.hull().GetLinearVelocity();
  column(std::sqrt(static_cast<double>(v.x * v.x + v.y * v.y)), 5, 0.02, kGlaring);
  for (int i = 0; i < Car::kWheels; ++i) {
    column(car.wheel(i).omega, 7 + i, 0.01, i < 2 ? Color{0, 0, 255} : Color{51, 0, 255});
  }
  row(static_cast<double>(car.wheel(0).joint->GetJointAngle()), 20, -10, {0, 255, 0});
  row(static_cast<double>(car.hull().GetAngularVelocity()), 30, -0.8, kRed);
}

/// The reference's letters are as high as this and as wide, in its pixels; too small to read.
void CarPixels::write_score(double score) {
  constexpr double kDigitHeight = 30, kDigitWidth = 23.4, kPen = 5.5, kMiddleX = 60, kMiddleY = 50;
  shown_score_ = std::lround(score);
  char text[16];
  const int length = std::snprintf(text, sizeof text, "%04ld", shown_score_);
  score_.set_view({0, 0}, {kScoreSide, kScoreSide}, kBlack);
  constexpr double kUnit = (kDigitHeight - kPen) / kFontCapHeight;
  for (int i = 0; i < length; ++i) {
    const Glyph& glyph = stroke_glyph(text[i]);
    const double middle = kMiddleX + kDigitWidth * (i - 0.5 * (length - 1));
    const double left = middle - 0.5 * kUnit * glyph.width;
    const double base = kMiddleY - 0.5 * kUnit * kFontCapHeight;
    for (const Stroke& stroke : glyph.strokes) {
      for (std::size_t k = 1; k < stroke.size(); ++k) {
        const double x0 = left + kUnit * stroke[k - 1].x, y0 = base + kUnit * stroke[k - 1].y;
        const double x1 = left + kUnit * stroke[k].x, y1 = base + kUnit * stroke[k].y;
        const double long_ = std::max(std::hypot(x1 - x0, y1 - y0), 1e-9);
        const double ox = -(y1 - y0) / long_ * kPen / 2, oy = (x1 - x0) / long_ * kPen / 2;
        const auto at = [](double x, double y) {
          return Point{static_cast<float>(x * kAcross), static_cast<float>(y * kUp)};
        };
        const Point corners[4] = {at(x0 + ox, y0 + oy), at(x1 + ox, y1 + oy), at(x1 - ox, y1 - oy),
                                  at(x0 - ox, y0 - oy)};
        score_.polygon(corners, 4, kGlaring);
      }
    }
  }
}

}  // namespace tern
