#include "envs/physics/race_track.h"

#include <algorithm>
#include <cmath>

#include "core/trig.h"

namespace tern {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kCheckpoints = 12;
constexpr double kTwelfth = 2 * kPi / kCheckpoints;
constexpr double kRadius = 900 / RaceTrack::kScale;
constexpr double kStartRadius = 1.5 * kRadius;  // of the first and the last checkpoint
constexpr double kLapAngle = -0.5 * kTwelfth;   // where laps are counted, before the first one
constexpr double kTurnRate = 0.31;              // rad a step, at most
constexpr int kMaxLaps = 4;
constexpr double kHardTurn = 0.2 * kTurnRate;   // rad a step
constexpr int kHardTurnTiles = 4;               // a kerb is at least as long

int sign_of(double x) { return (x > 0) - (x < 0); }

Point across(const TrackPoint& p, double distance) {
  const SinCos heading = sincos(p.heading);
  return {static_cast<float>(p.x + distance * heading.cos),
          static_cast<float>(p.y + distance * heading.sin)};
}

}  // namespace

void RaceTrack::generate(Rng& rng) {
  walked_.reserve(kMaxTiles);
  points_.reserve(kMaxTiles);
  edges_.reserve(kMaxTiles);
  kerbs_.reserve(kMaxTiles);
  while (!try_to_generate(rng)) {
  }
  edges_.clear();
  for (const TrackPoint& p : points_) {
    edges_.push_back({across(p, -kHalfWidth), across(p, kHalfWidth)});
  }
  mark_kerbs();
}

bool RaceTrack::try_to_generate(Rng& rng) {
  place_checkpoints(rng);
  walk();
  return keep_one_lap() && ends_meet();
}

void RaceTrack::place_checkpoints(Rng& rng) {
  for (int i = 0; i < kCheckpoints; ++i) {
    double angle = i * kTwelfth + rng.uniform(0, kTwelfth);
    double radius = rng.uniform(kRadius / 3, kRadius);
    if (i == 0 || i == kCheckpoints - 1) {
      angle = i * kTwelfth;
      radius = kStartRadius;
    }
    const SinCos direction = sincos(angle);
    checkpoints_[i] = {angle, radius * direction.cos, radius * direction.sin};
  }
}

void RaceTrack::walk() {
  walked_.clear();
  double x = kStartRadius, y = 0, heading = 0;
  int next = 0;  // checkpoint
  int laps = 0;
  bool was_below = false;  // y < 0 since the last lap
  while (laps <= kMaxLaps && walked_.size() < static_cast<std::size_t>(kMaxTiles)) {
    double angle = std::atan2(y, x);
    if (was_below && angle > 0) {
      ++laps;
      was_below = false;
    }
    if (angle < 0) {
      was_below = true;
      angle += 2 * kPi;
    }
    // The next checkpoint is the first that is not behind; past the last one a new turn begins.
    while (angle > checkpoints_[next].angle) {
      next = (next + 1) % kCheckpoints;
      if (next == 0) angle -= 2 * kPi;
    }

    while (heading - angle > 1.5 * kPi) heading -= 2 * kPi;
    while (heading - angle < -1.5 * kPi) heading += 2 * kPi;
    const SinCos before = sincos(heading);
    const double to_the_right =
        kScale * (before.cos * (checkpoints_[next].x - x) + before.sin * (checkpoints_[next].y - y));
    double turned = heading;
    if (std::fabs(to_the_right) > 0.3) {
      turned -= sign_of(to_the_right) * std::min(kTurnRate, 0.001 * std::fabs(to_the_right));
    }
    x += -before.sin * kStep;  // a step goes where the heading was, the road has the mean of both
    y += before.cos * kStep;
    walked_.push_back({angle, 0.5 * heading + 0.5 * turned, x, y});
    heading = turned;
  }
}

/// The last whole lap, without its last point; false: there is none.
bool RaceTrack::keep_one_lap() {
  std::size_t crossings[2], found = 0;  // the last, and the one before
  for (std::size_t i = walked_.size() - 1; i > 0 && found < 2; --i) {
    if (walked_[i].angle > kLapAngle && walked_[i - 1].angle <= kLapAngle) crossings[found++] = i;
  }
  if (found < 2) return false;
  points_.assign(walked_.begin() + static_cast<std::ptrdiff_t>(crossings[1]),
                 walked_.begin() + static_cast<std::ptrdiff_t>(crossings[0] - 1));
  return !points_.empty();
}

bool RaceTrack::ends_meet() const {
  const TrackPoint &first = points_.front(), &last = points_.back();
  const SinCos heading = sincos(first.heading);
  const double dx = heading.cos * (first.x - last.x), dy = heading.sin * (first.y - last.y);
  return std::sqrt(dx * dx + dy * dy) <= kStep;
}

void RaceTrack::mark_kerbs() {
  const std::size_t n = size();
  const auto back = [n](std::size_t i, std::size_t k) { return (i + n - k % n) % n; };
  kerbs_.assign(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    bool is_hard = true;
    int to_one_side = 0;
    for (std::size_t k = 0; k < kHardTurnTiles; ++k) {
      const double turn = points_[back(i, k)].heading - points_[back(i, k + 1)].heading;
      is_hard = is_hard && std::fabs(turn) > kHardTurn;
      to_one_side += sign_of(turn);
    }
    kerbs_[i] = is_hard && std::abs(to_one_side) == kHardTurnTiles;
  }
  // A kerb begins where its turn began. (In this order, marks may run round the start once more.)
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < kHardTurnTiles; ++k) {
      if (kerbs_[i]) kerbs_[back(i, k)] = 1;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (kerbs_[i] == 0) continue;
    kerbs_[i] = static_cast<std::int8_t>(sign_of(points_[before(i)].heading - points_[i].heading));
  }
}

RoadEdge RaceTrack::kerb_edge(std::size_t i, int side, double overlap) const {
  return {across(points_[i], side * (kHalfWidth - overlap)),
          across(points_[i], side * (kHalfWidth + kKerbWidth))};
}

}  // namespace tern
