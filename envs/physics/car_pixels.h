#pragma once
// What the agent of CarRacing sees: 96x96 RGB pixels. The reference paints 1000x800 pixels and
// shrinks them by averaging, so that its picture is a little taller than the env; here the shapes
// are drawn in the small picture at once, by the area that they cover.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/drawing/raster_canvas.h"
#include "core/trig.h"
#include "core/views.h"
#include "envs/physics/race_scene.h"

namespace tern {

/// Keeps the memory that drawing takes. One for each env.
class CarPixels {
 public:
  static constexpr int kSide = 96;
  CarPixels();

  /// pixels: [96, 96, 3], top row first.
  void draw(const RaceScene& scene, Row<std::uint8_t> pixels);

 private:
  /// From the env to pixels; y up.
  struct Camera {
    double x, y, cos, sin, zoom;  // zoom: pixels of the reference's picture in a unit
    Point operator()(double wx, double wy) const;
    Point operator()(Point p) const { return (*this)(p.x, p.y); }
  };

  void draw_ground(const Camera& camera, const RaceColors& colors);
  void draw_road(const Camera& camera, const RaceScene& scene);
  void draw_whole_road(const Camera& camera, const RaceScene& scene);
  void draw_tiles(const Camera& camera, const RaceScene& scene);
  void draw_car(const Camera& camera, const Car& car);
  void draw_indicators(const Car& car);
  void write_score(double score);

  RasterCanvas canvas_{kSide, kSide};
  RasterCanvas score_;
  long shown_score_;
  std::vector<Point> corners_;
};

}  // namespace tern
