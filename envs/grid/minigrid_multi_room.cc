// MiniGrid-MultiRoom: go through a chain of rooms, opening their doors, to the goal in the last one.
//
// Observation, actions, reward: envs/grid/minigrid_env.h.
// On a 25x25 board `rooms` rooms of 4 to `room_size` cells a side, walls included, hang together in a
// chain; from each to the next leads a closed door, no two in a row of the same colour. The agent is
// anywhere in the first room, the goal anywhere in the last. Limit: 20 steps a room.
//
// Reference: MiniGrid's MultiRoomEnv. As there, N4-S5-v0 has six rooms, not four (a slip that is kept
// for comparison); N4-S5-v1 has four.

#include <vector>

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::multi_room {
namespace {

constexpr int kBoard = 25, kSmallestRoom = 4, kTriesForARoom = 8;

struct MultiRoomParams {
  int rooms = 6;
  int room_size = 10;
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("rooms", rooms, "rooms in the chain", in_range(1, 8));
    v("room_size", room_size, "the largest side of a room, walls included", in_range(4, 10));
    common.visit(v);
  }
};

/// A registered variant, and N6 for all others.
struct Variant {
  const char* id;
  int rooms, room_size;
};
constexpr Variant kVariants[] = {{"MiniGrid-MultiRoom-N6-v0", 6, 10},
                                 {"MiniGrid-MultiRoom-N2-S4-v0", 2, 4},
                                 {"MiniGrid-MultiRoom-N4-S5-v0", 6, 5},
                                 {"MiniGrid-MultiRoom-N4-S5-v1", 4, 5}};

std::string id_of(const MultiRoomParams& params) {
  for (const Variant& variant : kVariants) {
    if (variant.rooms == params.rooms && variant.room_size == params.room_size) return variant.id;
  }
  return kVariants[0].id;
}

Facts facts_of(const MultiRoomParams& params) {
  Facts facts;
  facts.id = id_of(params);
  facts.summary = "traverse the rooms to get to the goal";
  facts.width = facts.height = kBoard;
  facts.max_steps = 20 * params.rooms;
  return facts;
}

struct Room {
  Rect rect;
  Spot entry;  // the door to the room before
};

class MultiRoom final : public MiniGridEnv {
 public:
  using Params = MultiRoomParams;

  explicit MultiRoom(const Params& params)
      : MiniGridEnv(facts_of(params), params.common),
        num_rooms_(static_cast<std::size_t>(params.rooms)), room_size_(params.room_size) {
    rooms_.reserve(num_rooms_);
  }

 private:
  void build(Rng& rng) override {
    do {
      lay_chain(rng);
    } while (rooms_.size() < num_rooms_);
    for (int y = 0; y < kBoard; ++y) {  // no outer walls but those of the rooms
      for (int x = 0; x < kBoard; ++x) env_.put({x, y}, kNothing);
    }
    std::uint32_t color = kNumColors;
    for (std::size_t i = 0; i < rooms_.size(); ++i) {
      env_.wall_in(rooms_[i].rect);
      if (i == 0) continue;
      const std::uint32_t last = color;
      color = rng.below(i == 1 ? kNumColors : kNumColors - 1);
      if (i > 1 && color >= last) ++color;  // any but the last door's
      env_.put(rooms_[i].entry,
                 make_cell(kDoor, static_cast<ObjectColor>(color), kClosed));
    }
    env_.place_agent(rng, rooms_.front().rect);
    env_.place(rng, rooms_.back().rect, kGoalCell);
  }

  static int between(Rng& rng, int low, int end) {
    return low + static_cast<int>(rng.below(static_cast<std::uint32_t>(end - low)));
  }

  /// Tries once to lay all rooms; may end with fewer.
  void lay_chain(Rng& rng) {
    rooms_.clear();
    const Spot corner{between(rng, 0, kBoard - 2), between(rng, 0, kBoard - 2)};
    const Rect first{corner.x, corner.y, room_side(rng), room_side(rng)};
    if (!fits(first)) return;
    rooms_.push_back({first, corner});
    int entry_wall = kLeft;
    while (rooms_.size() < num_rooms_) {
      if (!add_room(rng, entry_wall)) return;
    }
  }

  int room_side(Rng& rng) const { return between(rng, kSmallestRoom, room_size_ + 1); }

  /// Hangs a room on any wall of the last one but that of its entry; updates `entry_wall`.
  bool add_room(Rng& rng, int& entry_wall) {
    const Rect from = rooms_.back().rect;
    for (int i = 0; i < kTriesForARoom; ++i) {
      int wall = static_cast<int>(rng.below(kNumDirections - 1));
      if (wall >= entry_wall) ++wall;
      Spot door{from.x, from.y};
      if (wall == kRight) door.x += from.width - 1;
      if (wall == kDown) door.y += from.height - 1;
      const bool is_beside = wall == kRight || wall == kLeft;
      if (is_beside) {
        door.y += between(rng, 1, from.height - 1);
      } else {
        door.x += between(rng, 1, from.width - 1);
      }
      const Rect rect = room_at(rng, door, wall);
      if (!fits(rect)) continue;
      rooms_.push_back({rect, door});
      entry_wall = (wall + 2) % kNumDirections;
      return true;
    }
    return false;
  }

  /// A room on the other side of a door that is in `wall` of the room before.
  Rect room_at(Rng& rng, Spot door, int wall) const {
    Rect rect{door.x, door.y, room_side(rng), room_side(rng)};
    if (wall == kLeft) rect.x -= rect.width - 1;
    if (wall == kUp) rect.y -= rect.height - 1;
    if (wall == kLeft || wall == kRight) {
      rect.y = between(rng, door.y - rect.height + 2, door.y);
    } else {
      rect.x = between(rng, door.x - rect.width + 2, door.x);
    }
    return rect;
  }

  /// Whether it lies on the board (as in the reference, not in its last row) and clear of all rooms
  /// but the last, with which it shares a wall.
  bool fits(Rect rect) const {
    if (rect.x < 0 || rect.y < 0 || rect.x + rect.width > kBoard ||
        rect.y + rect.height >= kBoard) {
      return false;
    }
    for (std::size_t i = 0; i + 1 < rooms_.size(); ++i) {
      const Rect other = rooms_[i].rect;
      const bool is_clear = rect.x + rect.width < other.x || other.x + other.width <= rect.x ||
                            rect.y + rect.height < other.y || other.y + other.height <= rect.y;
      if (!is_clear) return false;
    }
    return true;
  }

  std::size_t num_rooms_;
  int room_size_;
  std::vector<Room> rooms_;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<MultiRoom>("built-in");
  for (const Variant& variant : kVariants) {
    if (&variant == kVariants) continue;
    registry.add_alias(variant.id, kVariants[0].id,
                       {{"rooms", std::to_string(variant.rooms), variant.id},
                        {"room_size", std::to_string(variant.room_size), variant.id}});
  }
}

}  // namespace tern::minigrid::multi_room
