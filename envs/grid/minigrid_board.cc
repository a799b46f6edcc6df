#include "envs/grid/minigrid_board.h"

#include <algorithm>

#include "core/error.h"

namespace tern::minigrid {

Board::Board(int width, int height)
    : width_(width), height_(height),
      cells_(static_cast<std::size_t>((width + 2 * (kView - 1)) * (height + 2 * (kView - 1))),
             kWallCell) {
  clear();
}

void Board::clear() {
  for (int y = 0; y < height_; ++y) {
    Cell* const row = &cells_[index({0, y})];
    const bool is_border = y == 0 || y == height_ - 1;
    std::fill(row, row + width_, is_border ? kWallCell : kNothing);
    row[0] = row[width_ - 1] = kWallCell;
  }
  agent = {1, 1};
  direction = kRight;
  carried = kNothing;
}

void Board::wall_row(int x, int y, int length) {
  for (int i = 0; i < length; ++i) put({x + i, y}, kWallCell);
}

void Board::wall_column(int x, int y, int length) {
  for (int i = 0; i < length; ++i) put({x, y + i}, kWallCell);
}

void Board::wall_in(Rect rect) {
  wall_row(rect.x, rect.y, rect.width);
  wall_row(rect.x, rect.y + rect.height - 1, rect.width);
  wall_column(rect.x, rect.y, rect.height);
  wall_column(rect.x + rect.width - 1, rect.y, rect.height);
}

Spot Board::place(Rng& rng, Rect rect, Cell cell) {
  Spot spot;
  if (!find(rng, rect, [](Spot) { return true; }, spot)) fail_to_place();
  put(spot, cell);
  return spot;
}

void Board::place_agent(Rng& rng, Rect rect) {
  agent = {-1, -1};  // its old cell is as good as any
  Spot spot;
  if (!find(rng, rect, [](Spot) { return true; }, spot)) fail_to_place();
  agent = spot;
  direction = static_cast<int>(rng.below(kNumDirections));
}

Cell Board::act(int action) {
  const Spot spot = ahead();
  const Cell cell = at(spot);
  switch (action) {
    case kTurnLeft: direction = (direction + 3) & 3; break;
    case kTurnRight: direction = (direction + 1) & 3; break;
    case kForward:
      if (can_enter(cell)) agent = spot;
      break;
    case kPickup:
      if (!can_pick_up(cell) || carried != kNothing) break;
      carried = cell;
      put(spot, kNothing);
      break;
    case kDrop:
      if (seen(cell) != kNothing || carried == kNothing) break;
      put(spot, carried);
      carried = kNothing;
      break;
    case kToggle:
      if (object_of(cell) == kBox) put(spot, kNothing);  // ours hold nothing
      if (object_of(cell) != kDoor) break;
      if (state_of(cell) == kLocked) {
        const bool fits = object_of(carried) == kKey && color_of(carried) == color_of(cell);
        if (fits) put(spot, make_cell(kDoor, color_of(cell), kOpen));
      } else {
        put(spot, make_cell(kDoor, color_of(cell), state_of(cell) == kOpen ? kClosed : kOpen));
      }
      break;
    default: break;  // "done" means nothing here
  }
  return cell;
}

void Board::fail_to_place() {
  throw Error::failure("MiniGrid: no cell is left to place an object on");
}

}  // namespace tern::minigrid
