#include "envs/grid/lake_map.h"

#include <deque>

#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/rng.h"

namespace tern {
namespace {

constexpr double kFrozenShare = 0.8;
const char* const kExpected =
    "expected 4x4, 8x8, generated, or rows of S, F, H and G divided by '/', as in "
    "SFFF/FHFH/FFFH/HFFG";

[[noreturn]] void refuse(const std::string& what, const std::string& suggestion = "") {
  throw Error("env.map: " + what + "; " + kExpected + (suggestion.empty() ? "" : ".") + suggestion);
}

/// Calls visit(neighbour) for the cells left, below, right and above.
template <class Visit>
void for_each_neighbour(const LakeMap& map, int cell, const Visit& visit) {
  const int row = cell / map.columns, column = cell % map.columns;
  if (column > 0) visit(cell - 1);
  if (row + 1 < map.rows) visit(cell + map.columns);
  if (column + 1 < map.columns) visit(cell + 1);
  if (row > 0) visit(cell - map.columns);
}

/// The way from cell 0 to the last one that crosses the fewest holes, last cell first (a search
/// over edges of weight 0 and 1: free ones go to the front of the queue).
std::vector<int> way_through_fewest_holes(const LakeMap& map) {
  const std::size_t n = static_cast<std::size_t>(map.size());
  std::vector<int> holes(n, map.size() + 1), previous(n, -1);
  std::deque<int> open = {0};
  holes[0] = 0;
  while (!open.empty()) {
    const int cell = open.front();
    open.pop_front();
    for_each_neighbour(map, cell, [&](int next) {
      const bool is_hole = map.tile(next) == 'H';
      const int crossed = holes[static_cast<std::size_t>(cell)] + (is_hole ? 1 : 0);
      if (crossed >= holes[static_cast<std::size_t>(next)]) return;
      holes[static_cast<std::size_t>(next)] = crossed;
      previous[static_cast<std::size_t>(next)] = cell;
      if (is_hole) {
        open.push_back(next);
      } else {
        open.push_front(next);
      }
    });
  }
  std::vector<int> way;
  for (int cell = map.size() - 1; cell != -1; cell = previous[static_cast<std::size_t>(cell)]) {
    way.push_back(cell);
  }
  return way;
}

}  // namespace

LakeMap parse_lake_map(const std::string& text) {
  if (text == "4x4") return parse_lake_map("SFFF/FHFH/FFFH/HFFG");
  if (text == "8x8") {
    return parse_lake_map(
        "SFFFFFFF/FFFFFFFF/FFFHFFFF/FFFFFHFF/FFFHFFFF/FHHFFFHF/FHFFHFHF/FFFHFFFG");
  }
  LakeMap map;
  std::size_t begin = 0;
  while (true) {
    const std::size_t slash = text.find('/', begin);
    const std::string row = text.substr(begin, slash - begin);
    const std::size_t bad = row.find_first_not_of("SFHG");
    if (row.empty() || bad != std::string::npos) {
      refuse("'" + text + "' is no map" +
             (row.empty() ? " (row " + std::to_string(map.rows + 1) + " is empty)"
                          : " ('" + row.substr(bad, 1) + "' is no tile)"),
             did_you_mean(text, {"4x4", "8x8", "generated"}));
    }
    if (map.rows > 0 && static_cast<int>(row.size()) != map.columns) {
      refuse("row " + std::to_string(map.rows + 1) + " of '" + text + "' has " +
             std::to_string(row.size()) + " tiles, the rows above have " +
             std::to_string(map.columns));
    }
    if (map.rows == kMaxLakeSide || row.size() > static_cast<std::size_t>(kMaxLakeSide)) {
      refuse("the map has more than " + std::to_string(kMaxLakeSide) + " rows or columns");
    }
    map.columns = static_cast<int>(row.size());
    map.tiles += row;
    ++map.rows;
    if (slash == std::string::npos) break;
    begin = slash + 1;
  }
  if (map.tiles.find('S') == std::string::npos) refuse("'" + text + "' has no start (S)");
  if (map.tiles.find('G') == std::string::npos) refuse("'" + text + "' has no goal (G)");
  return map;
}

LakeMap generate_lake_map(int size, std::uint64_t level) {
  LakeMap map;
  map.rows = map.columns = size;
  Rng rng(level, "frozen lake");
  for (int cell = 0; cell < map.size(); ++cell) map.tiles += rng.chance(kFrozenShare) ? 'F' : 'H';
  map.tiles.front() = 'S';
  map.tiles.back() = 'G';
  for (const int cell : way_through_fewest_holes(map)) {
    char& tile = map.tiles[static_cast<std::size_t>(cell)];
    if (tile == 'H') tile = 'F';
  }
  return map;
}

int lake_distance(const LakeMap& map, int start) {
  std::vector<int> distance(static_cast<std::size_t>(map.size()), -1);
  std::deque<int> open = {start};
  distance[static_cast<std::size_t>(start)] = 0;
  while (!open.empty()) {
    const int cell = open.front();
    open.pop_front();
    if (map.tile(cell) == 'G') return distance[static_cast<std::size_t>(cell)];
    for_each_neighbour(map, cell, [&](int next) {
      if (map.tile(next) == 'H' || distance[static_cast<std::size_t>(next)] != -1) return;
      distance[static_cast<std::size_t>(next)] = distance[static_cast<std::size_t>(cell)] + 1;
      open.push_back(next);
    });
  }
  return -1;
}

}  // namespace tern
