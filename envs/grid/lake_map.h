#pragma once
// Maps of frozen lakes: S start, F frozen, H hole, G goal. Named, written out, or generated.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tern {

struct LakeMap {
  int rows = 0;
  int columns = 0;
  std::string tiles;  // rows * columns letters, row by row from the top

  int size() const { return rows * columns; }
  char tile(int cell) const { return tiles[static_cast<std::size_t>(cell)]; }
  /// A hole or the goal.
  bool ends_episode(int cell) const { return tile(cell) == 'H' || tile(cell) == 'G'; }
};

constexpr int kMaxLakeSide = 64;

/// "4x4" or "8x8" (Gymnasium's), or rows divided by '/': "SFFF/FHFH/FFFH/HFFG".
/// Throws Error for other letters, rows of different lengths, more than kMaxLakeSide rows or
/// columns, and a map without a start or a goal.
LakeMap parse_lake_map(const std::string& text);

/// A size x size lake, start at the top left and goal at the bottom right, every other tile frozen
/// with probability 0.8; the same for the same level. Where no way leads to the goal, the holes on
/// the way that crosses the fewest of them freeze over, so each can be solved. size in
/// [2, kMaxLakeSide].
LakeMap generate_lake_map(int size, std::uint64_t level);

/// The steps on the shortest way from `start` to a goal, counting none but those that a hole
/// allows; -1 when there is no way.
int lake_distance(const LakeMap& map, int start);

}  // namespace tern
