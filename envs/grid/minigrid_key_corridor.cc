// MiniGrid-KeyCorridor: find the key, unlock the door with it, and pick up the object behind it.
//
//   observation                      range
//   ..                               envs/grid/minigrid_env.h
//   target object (categorical)      MiniGrid's number of what to pick up: 6 ball or 5 key, of 11
//   target color (categorical)       its colour, of 6
//
// Three columns of `rows` square rooms share their walls. The middle column is one corridor, where
// the agent starts, not in front of an object. Behind a locked door in the right column lies the
// target; the key of the door's colour lies in a room of the left column. Further closed doors are
// added at random until every room can be reached. What is carried must be put down before the
// target can be picked up. Actions, reward: envs/grid/minigrid_env.h. Limit: 30 room_size^2 steps.
//
// Reference: MiniGrid's KeyCorridorEnv.

#include <array>
#include <cstdlib>
#include <vector>

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::key_corridor {
namespace {

constexpr int kColumns = 3, kCorridor = 1;
constexpr std::uint32_t kTargetTag = 1;

struct KeyCorridorParams {
  int room_size = 3;
  int rows = 1;
  std::string object = "ball";
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("room_size", room_size, "cells along a side of a room, walls included", in_range(3, 12));
    v("rows", rows, "rooms in a column", in_range(1, 6));
    v("object", object, "what is to be picked up", one_of({"ball", "key"}));
    common.visit(v);
  }
};

Facts facts_of(const KeyCorridorParams& params) {
  Facts facts;
  facts.id = "MiniGrid-KeyCorridorS" + std::to_string(params.room_size) + "R" +
             std::to_string(params.rows) + "-v0";
  facts.summary = "find the key and pick up the object behind the locked door";
  facts.width = kColumns * (params.room_size - 1) + 1;
  facts.height = params.rows * (params.room_size - 1) + 1;
  facts.max_steps = 30 * params.room_size * params.room_size;
  Field object, color;
  object.name = "target object";
  object.categories = kNumObjects;
  color.name = "target color";
  color.categories = kNumColors;
  facts.mission = {object, color};
  return facts;
}

class KeyCorridor final : public MiniGridEnv {
 public:
  using Params = KeyCorridorParams;

  explicit KeyCorridor(const Params& params)
      : MiniGridEnv(facts_of(params), params.common), pitch_(params.room_size - 1),
        rows_(params.rows), target_(params.object == "ball" ? kBall : kKey),
        rooms_(static_cast<std::size_t>(kColumns * params.rows)) {}

 private:
  /// What leads out of a room, by direction.
  struct Room {
    std::array<Spot, kNumDirections> door{};       // where a door would be
    std::array<bool, kNumDirections> is_open_to{};  // connected, by a door or without a wall
    bool is_locked = false;
  };

  Room& room(int column, int row) {
    return rooms_[static_cast<std::size_t>(row * kColumns + column)];
  }
  Rect rect(int column, int row) const {
    return {column * pitch_, row * pitch_, pitch_ + 1, pitch_ + 1};
  }
  bool has_neighbour(int column, int row, int side) const {
    const int x = column + kStep[side].x, y = row + kStep[side].y;
    return x >= 0 && y >= 0 && x < kColumns && y < rows_;
  }
  Room& neighbour(int column, int row, int side) {
    return room(column + kStep[side].x, row + kStep[side].y);
  }
  static ObjectColor any_color(Rng& rng) { return static_cast<ObjectColor>(rng.below(kNumColors)); }
  int any_row(Rng& rng) const { return static_cast<int>(rng.below(static_cast<std::uint32_t>(rows_))); }

  void build(Rng& rng) override {
    lay_rooms(rng);
    for (int row = 1; row < rows_; ++row) open_corridor(row);

    const int locked = any_row(rng);
    const ObjectColor key_color = any_color(rng), target_color = any_color(rng);
    add_door(2, locked, kLeft, key_color, kLocked);
    // As in the reference, nothing is put next to the middle of the corridor, where the agent stands
    // until it is placed.
    env_.agent = {kCorridor * pitch_ + (pitch_ + 1) / 2, rows_ / 2 * pitch_ + (pitch_ + 1) / 2};
    put_away_from_agent(rng, rect(2, locked), make_cell(target_, target_color, kOpen, kTargetTag));
    put_away_from_agent(rng, rect(0, any_row(rng)), make_cell(kKey, key_color));
    do {
      env_.place_agent(rng, rect(kCorridor, rows_ / 2));
    } while (env_.at(env_.ahead()) != kNothing && env_.at(env_.ahead()) != kWallCell);
    connect_all(rng);
    mission_ = {static_cast<std::uint8_t>(target_), static_cast<std::uint8_t>(target_color)};
  }

  Outcome act(int action, Rng&) override {
    const Outcome outcome = act_in_place(action);
    const bool has_target = tag_of(env_.carried) == kTargetTag;
    return action == kPickup && has_target ? Outcome::kSuccess : outcome;
  }

  /// Walls, and where doors may be: somewhere along each wall between two rooms.
  void lay_rooms(Rng& rng) {
    for (Room& each : rooms_) each = Room();
    const auto inside = [&](int first) {
      return first + 1 + static_cast<int>(rng.below(static_cast<std::uint32_t>(pitch_ - 1)));
    };
    for (int row = 0; row < rows_; ++row) {
      for (int column = 0; column < kColumns; ++column) {
        const Rect r = rect(column, row);
        env_.wall_in(r);
        if (has_neighbour(column, row, kRight)) {
          const Spot door{r.x + pitch_, inside(r.y)};
          room(column, row).door[kRight] = door;
          neighbour(column, row, kRight).door[kLeft] = door;
        }
        if (has_neighbour(column, row, kDown)) {
          const Spot door{inside(r.x), r.y + pitch_};
          room(column, row).door[kDown] = door;
          neighbour(column, row, kDown).door[kUp] = door;
        }
      }
    }
  }

  void connect(int column, int row, int side) {
    room(column, row).is_open_to[static_cast<std::size_t>(side)] = true;
    neighbour(column, row, side).is_open_to[static_cast<std::size_t>((side + 2) % 4)] = true;
  }

  /// Takes away the wall above a room of the corridor.
  void open_corridor(int row) {
    const Rect r = rect(kCorridor, row);
    for (int x = r.x + 1; x < r.x + pitch_; ++x) env_.put({x, r.y}, kNothing);
    connect(kCorridor, row, kUp);
  }

  void add_door(int column, int row, int side, ObjectColor color, DoorState state) {
    Room& from = room(column, row);
    from.is_locked = state == kLocked;
    env_.put(from.door[static_cast<std::size_t>(side)], make_cell(kDoor, color, state));
    connect(column, row, side);
  }

  void put_away_from_agent(Rng& rng, Rect rect, Cell cell) {
    Spot spot;
    const auto is_away = [this](Spot s) {
      return std::abs(s.x - env_.agent.x) + std::abs(s.y - env_.agent.y) >= 2;
    };
    if (env_.find(rng, rect, is_away, spot)) {
      env_.put(spot, cell);
    } else {
      env_.place(rng, rect, cell);
    }
  }

  /// Adds closed doors, in any colour, between rooms that no locked door belongs to, until there is a
  /// way to every room.
  void connect_all(Rng& rng) {
    while (!is_all_connected()) {
      const int column = static_cast<int>(rng.below(kColumns)), row = any_row(rng);
      const int side = static_cast<int>(rng.below(kNumDirections));
      if (!has_neighbour(column, row, side)) continue;
      if (room(column, row).is_open_to[static_cast<std::size_t>(side)]) continue;
      if (room(column, row).is_locked || neighbour(column, row, side).is_locked) continue;
      add_door(column, row, side, any_color(rng), kClosed);
    }
  }

  /// Whether ways lead from the corridor to every room.
  bool is_all_connected() {
    std::uint32_t reached = 1u << (rows_ / 2 * kColumns + kCorridor), before = 0;  // a bit a room
    while (reached != before) {
      before = reached;
      for (int row = 0; row < rows_; ++row) {
        for (int column = 0; column < kColumns; ++column) {
          if ((reached >> (row * kColumns + column) & 1) == 0) continue;
          for (int side = 0; side < kNumDirections; ++side) {
            if (!room(column, row).is_open_to[static_cast<std::size_t>(side)]) continue;
            reached |= 1u << ((row + kStep[side].y) * kColumns + column + kStep[side].x);
          }
        }
      }
    }
    return reached == (1u << rooms_.size()) - 1;
  }

  int pitch_;  // from a room to the next: they share a wall
  int rows_;
  Object target_;
  std::vector<Room> rooms_;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<KeyCorridor>("built-in");
  struct Variant {
    const char *size, *rows;
  };
  for (const Variant& v : {Variant{"3", "2"}, Variant{"3", "3"}, Variant{"4", "3"},
                           Variant{"5", "3"}, Variant{"6", "3"}}) {
    const std::string id = std::string("MiniGrid-KeyCorridorS") + v.size + "R" + v.rows + "-v0";
    registry.add_alias(id, "MiniGrid-KeyCorridorS3R1-v0",
                       {{"room_size", v.size, id}, {"rows", v.rows, id}});
  }
}

}  // namespace tern::minigrid::key_corridor
