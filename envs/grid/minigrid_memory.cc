// MiniGrid-Memory: remember the object of the first room; at the end of the hallway go to its like.
//
// Observation, reward: envs/grid/minigrid_env.h. Action 3 (pickup) toggles here: nothing can be taken.
// A small room on the left has a green key or a green ball in a corner; a hallway leads from it to a
// fork, with a ball at one end and a key at the other. Going before the one that matches the room's
// object is success, before the other one failure: 0, and the episode terminates. The agent starts
// anywhere between the room's left wall and the fork and looks along the hallway, so at times the
// object lies behind it. Limit: 5 size^2 steps.
//
// Reference: MiniGrid's MemoryEnv; `random_length` as in its S13Random and S17Random.

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::memory {
namespace {

constexpr std::uint32_t kSuccessTag = 1, kFailureTag = 2;

struct MemoryParams {
  int size = 7;
  bool random_length = false;
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("size", size, "cells along a side, walls included; odd", in_range(7, 63));
    v("random_length", random_length, "whether the level chooses where the hallway ends");
    common.visit(v);
  }
};

Facts facts_of(const MemoryParams& params) {
  if (params.size % 2 == 0) {
    throw Error("env.size: " + std::to_string(params.size) + " is even; expected an odd number");
  }
  Facts facts;
  facts.id = "MiniGrid-MemoryS" + std::to_string(params.size) +
             (params.random_length ? "Random-v0" : "-v0");
  facts.summary = "go to the matching object at the end of the hallway";
  facts.width = facts.height = params.size;
  facts.max_steps = 5 * params.size * params.size;
  return facts;
}

class Memory final : public MiniGridEnv {
 public:
  using Params = MemoryParams;

  explicit Memory(const Params& params)
      : MiniGridEnv(facts_of(params), params.common), has_random_length_(params.random_length) {}

 private:
  void build(Rng& rng) override {
    const int size = env_.width(), middle = size / 2;
    int end = size - 3;  // the column of the wall before the fork
    if (has_random_length_) end = 4 + static_cast<int>(rng.below(static_cast<std::uint32_t>(size - 6)));
    // The room, 3 cells high, and the hallway out of it.
    env_.wall_row(1, middle - 2, 4);
    env_.wall_row(1, middle + 2, 4);
    env_.wall_row(4, middle - 1, end - 4);
    env_.wall_row(4, middle + 1, end - 4);
    // The fork, a column between two walls.
    env_.wall_column(end, 0, size);
    env_.put({end, middle}, kNothing);
    env_.wall_column(end + 2, 0, size);

    env_.agent = {1 + static_cast<int>(rng.below(static_cast<std::uint32_t>(end))), middle};
    env_.direction = kRight;

    const Object shown = rng.chance(0.5) ? kKey : kBall;
    const Object above = rng.chance(0.5) ? kKey : kBall;
    const Object below = above == kBall ? kKey : kBall;
    const bool is_above = above == shown;
    env_.put({1, middle - 1}, make_cell(shown, kGreen));
    env_.put({end + 1, middle - 2}, make_cell(above, kGreen));
    env_.put({end + 1, middle + 2}, make_cell(below, kGreen));
    // Where one stands before them.
    env_.put({end + 1, middle - 1},
               make_cell(kEmpty, kRed, kOpen, is_above ? kSuccessTag : kFailureTag));
    env_.put({end + 1, middle + 1},
               make_cell(kEmpty, kRed, kOpen, is_above ? kFailureTag : kSuccessTag));
  }

  Outcome act(int action, Rng&) override {
    const Outcome outcome = act_in_place(action == kPickup ? kToggle : action);
    switch (tag_of(env_.at(env_.agent))) {
      case kSuccessTag: return Outcome::kSuccess;
      case kFailureTag: return Outcome::kFailure;
      default: return outcome;
    }
  }

  bool has_random_length_;
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<Memory>("built-in");
  struct Variant {
    const char *name, *size, *is_random;
  };
  for (const Variant& v :
       {Variant{"S9", "9", "false"}, Variant{"S11", "11", "false"}, Variant{"S13", "13", "false"},
        Variant{"S13Random", "13", "true"}, Variant{"S17Random", "17", "true"}}) {
    const std::string id = std::string("MiniGrid-Memory") + v.name + "-v0";
    registry.add_alias(id, "MiniGrid-MemoryS7-v0",
                       {{"size", v.size, id}, {"random_length", v.is_random, id}});
  }
}

}  // namespace tern::minigrid::memory
