// Roads of CarRacing: laws of their shape, and an oracle (the roads that Gymnasium's generator
// makes of the same random numbers, tests/data/golden/car_racing.json).

#include "envs/physics/race_track.h"
#include "tests/source_tree.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace tern {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kMostTurn = 0.31;  // rad a step

RaceTrack track_of(std::uint64_t level) {
  Rng rng(level, "car racing");
  RaceTrack track;
  track.generate(rng);
  return track;
}

double distance(const TrackPoint& a, const TrackPoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// The angle from a to b, in [-pi, pi].
double turn(double a, double b) {
  return std::remainder(b - a, 2 * kPi);
}

TEST(RaceTrack, EveryLevelHasAClosedRoadOnceRoundTheMiddle) {
  for (std::uint64_t level = 0; level < 300; ++level) {
    const RaceTrack track = track_of(level);
    const auto& points = track.points();
    ASSERT_GT(points.size(), 150u);
    double round = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const TrackPoint &here = points[i], &back = points[track.before(i)];
      if (i > 0) {
        EXPECT_NEAR(distance(back, here), RaceTrack::kStep, 1e-9) << level;
      } else {  // tile 0 closes the ring: one point is left out there, and two laps differ a little
        EXPECT_LT(distance(back, here), 4 * RaceTrack::kStep) << level;
      }
      EXPECT_LE(std::fabs(turn(back.heading, here.heading)), kMostTurn + 1e-9) << level;
      EXPECT_LT(std::fmax(std::fabs(here.x), std::fabs(here.y)), RaceTrack::kField - 50);
      round += turn(std::atan2(back.y, back.x), std::atan2(here.y, here.x));
    }
    EXPECT_NEAR(round, 2 * kPi, 1e-6) << level;
  }
}

TEST(RaceTrack, LevelsDifferAndAreAlwaysTheSame) {
  std::set<double> starts;
  for (std::uint64_t level = 0; level < 300; ++level) {
    const RaceTrack track = track_of(level);
    const TrackPoint& middle = track.points()[track.size() / 2];
    starts.insert(middle.x);
    const RaceTrack again = track_of(level);
    EXPECT_EQ(again.size(), track.size());
    EXPECT_EQ(again.points()[track.size() / 2].x, middle.x);
  }
  EXPECT_EQ(starts.size(), 300u);
}

// A whole turn is taken off a heading more than 1.5 pi ahead of its place; kerbs depend on where.
TEST(RaceTrack, HeadingsStayWithinThreeQuartersOfATurnOfTheirPlaces) {
  double most = 0;
  for (std::uint64_t level = 0; level < 1000; ++level) {
    const RaceTrack track = track_of(level);
    for (const TrackPoint& point : track.points()) {
      most = std::fmax(most, std::fabs(point.heading - point.angle));
    }
  }
  EXPECT_LE(most, 1.5 * kPi + kMostTurn / 2);
  EXPECT_GE(most, 1.5 * kPi - 0.01);
}

TEST(RaceTrack, IsAsWideEverywhere) {
  const RaceTrack track = track_of(0);
  for (std::size_t i = 0; i < track.size(); ++i) {
    const TrackPoint& point = track.points()[i];
    const RoadEdge& edge = track.edge(i);
    EXPECT_NEAR(std::hypot(edge.right.x - edge.left.x, edge.right.y - edge.left.y), 80 / 6.0, 1e-4);
    EXPECT_NEAR(0.5f * (edge.left.x + edge.right.x), point.x, 1e-4);
    // Forward is a quarter turn to the left of left-to-right.
    const float forward_x = edge.left.y - edge.right.y, forward_y = edge.right.x - edge.left.x;
    EXPECT_GT(static_cast<double>(forward_x) * -std::sin(point.heading) +
                  static_cast<double>(forward_y) * std::cos(point.heading),
              0);
  }
}

TEST(RaceTrack, KerbsStandInsideHardTurnsAndAreFourTilesLongAtLeast) {
  int kerbs = 0;
  for (std::uint64_t level = 0; level < 50; ++level) {
    const RaceTrack track = track_of(level);
    const auto turn_at = [&](std::size_t i) {  // positive: to the left
      return track.points()[i].heading - track.points()[track.before(i)].heading;
    };
    for (std::size_t i = 4; i + 4 < track.size(); ++i) {
      bool after_three_more = true;  // hard turns to one side, here and on the three tiles before
      for (std::size_t k = 0; k < 4; ++k) {
        after_three_more = after_three_more && std::fabs(turn_at(i - k)) > 0.2 * kMostTurn &&
                           (turn_at(i - k) > 0) == (turn_at(i) > 0);
      }
      if (after_three_more) {
        for (std::size_t k = 0; k < 4; ++k) {
          EXPECT_EQ(track.kerb_side(i - k), turn_at(i) > 0 ? -1 : 1) << level << " " << i;
        }
      }
      if (track.kerb_side(i) == 0) continue;
      ++kerbs;
      EXPECT_EQ(track.kerb_side(i), turn_at(i) > 0 ? -1 : 1);
      const RoadEdge kerb = track.kerb_edge(i, track.kerb_side(i));
      EXPECT_NEAR(std::hypot(kerb.right.x - kerb.left.x, kerb.right.y - kerb.left.y), 8 / 6.0,
                  1e-4);
    }
  }
  EXPECT_GT(kerbs, 500);
}

TEST(RaceTrack, IsTheReferencesRoadTileByTile) {
  std::ifstream file(source_path("tests/data/golden/car_racing.json"));
  const nlohmann::json roads = nlohmann::json::parse(file)["tracks"]["levels"];
  ASSERT_EQ(roads.size(), 200u);
  for (std::size_t level = 0; level < roads.size(); ++level) {
    const RaceTrack track = track_of(level);
    ASSERT_EQ(track.size(), roads[level][0].get<std::size_t>()) << level;
    std::size_t column = 1;
    for (const std::size_t i : {std::size_t{0}, track.size() / 2, track.size() - 1}) {
      const TrackPoint& point = track.points()[i];
      for (const double value : {point.x, point.y, point.heading}) {
        EXPECT_NEAR(value, roads[level][column++].get<double>(), 2e-6) << level;
      }
    }
  }
}

}  // namespace
}  // namespace tern
