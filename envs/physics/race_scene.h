#pragma once
// All that a picture of CarRacing is drawn from: track, car, colours, score.

#include <cstdint>
#include <vector>

#include "envs/physics/car_dynamics.h"
#include "envs/physics/race_track.h"

namespace tern {

struct RaceColors {
  Color road{102, 102, 102}, field{102, 204, 102}, grass{102, 230, 102};
};

/// A moment of a race.
struct RaceScene {
  const RaceTrack& track;
  const Car& car;
  const RaceColors& colors;
  const std::vector<std::uint8_t>& touched;  // of each tile: 1 after the car has been on it
  const std::vector<std::uint8_t>& visited_tiles;  // 1 after one of its wheels has
  double time;                               // s since the start
  double score;                              // rewards so far
  double visited;                            // part of the tiles, 0 to 1
};

}  // namespace tern
