#pragma once
// The closed road that CarRacing drives on: how it is laid out, and its tiles and kerbs. Without
// Box2D, so that a track can be made and looked at alone.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/canvas.h"
#include "core/rng.h"

namespace tern {

/// The point that part of the way from a to b: 0 is a, 1 is b.
inline Point between(Point a, Point b, float part) {
  return {a.x + part * (b.x - a.x), a.y + part * (b.y - a.y)};
}

/// A place on the middle line. The road runs along (-sin, cos) of the heading.
struct TrackPoint {
  double angle = 0;    // rad, of the place seen from the middle of the field
  double heading = 0;  // rad
  double x = 0, y = 0;
};

/// The two ends of a cut across the road.
struct RoadEdge {
  Point left, right;
};

/// A loop of tiles. Tile i reaches from point i - 1 (of tile 0: the last) to point i; the car starts
/// on point 0. Lengths are those of the simulated env; the car is 5 of them long.
///
/// Twelve checkpoints stand around the middle, one in each twelfth of the circle, at a random angle
/// and a random distance of 50 to 150; the first and the last stand still, at 225. From the first
/// one a pen goes forward in steps of 3.5 and turns towards the next checkpoint ahead of it, at most
/// 0.31 rad a step, for up to five laps. The road is its second-last whole lap; a lap whose ends do
/// not meet is thrown away with its checkpoints. The method is Gymnasium's.
class RaceTrack {
 public:
  static constexpr double kScale = 6;                 // all lengths are given in sixths
  static constexpr double kHalfWidth = 40 / kScale;   // of the road
  static constexpr double kStep = 21 / kScale;        // between points
  static constexpr double kKerbWidth = 8 / kScale;
  static constexpr double kField = 2000 / kScale;     // |x| and |y| of the border of the env
  static constexpr int kMaxTiles = 2500;

  /// Makes a new road; allocates nothing after the first time.
  void generate(Rng& rng);

  std::size_t size() const { return points_.size(); }
  std::size_t before(std::size_t i) const { return i > 0 ? i - 1 : size() - 1; }
  const std::vector<TrackPoint>& points() const { return points_; }
  /// The edge of the road at point i.
  const RoadEdge& edge(std::size_t i) const { return edges_[i]; }
  /// The kerb beside tile i: -1 on its left, +1 on its right, 0 none. Kerbs stand on the inside of
  /// hard turns.
  int kerb_side(std::size_t i) const { return kerbs_[i]; }
  /// The ends of a kerb on `side` at point i: where it meets the road, or `overlap` further in, and
  /// its outside.
  RoadEdge kerb_edge(std::size_t i, int side, double overlap = 0) const;

 private:
  struct Checkpoint {
    double angle, x, y;
  };

  bool try_to_generate(Rng& rng);
  void place_checkpoints(Rng& rng);
  void walk();
  bool keep_one_lap();
  bool ends_meet() const;
  void mark_kerbs();

  Checkpoint checkpoints_[12] = {};
  std::vector<TrackPoint> walked_;
  std::vector<TrackPoint> points_;
  std::vector<RoadEdge> edges_;
  std::vector<std::int8_t> kerbs_;
};

}  // namespace tern
