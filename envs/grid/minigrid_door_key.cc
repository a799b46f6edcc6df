// MiniGrid-DoorKey: pick up the key, unlock the door with it, and get to the goal behind it.
//
// Observation, actions, reward: envs/grid/minigrid_env.h.
// A wall splits the room at a column that leaves at least one free on each side. The agent and the
// yellow key are left of it, anywhere; the locked yellow door is in it, in any row but the lowest
// free one; the goal is in the lower right corner. Limit: 10 size^2 steps.
//
// Reference: MiniGrid's DoorKeyEnv.

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::door_key {
namespace {

struct DoorKeyParams {
  int size = 8;
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("size", size, "cells along a side, walls included", in_range(5, 64));
    common.visit(v);
  }
};

Facts facts_of(const DoorKeyParams& params) {
  Facts facts;
  const std::string size = std::to_string(params.size);
  facts.id = "MiniGrid-DoorKey-" + size + "x" + size + "-v0";
  facts.summary = "use the key to open the door and then get to the goal";
  facts.width = facts.height = params.size;
  facts.max_steps = 10 * params.size * params.size;
  return facts;
}

class DoorKey final : public MiniGridEnv {
 public:
  using Params = DoorKeyParams;

  explicit DoorKey(const Params& params) : MiniGridEnv(facts_of(params), params.common) {}

 private:
  void build(Rng& rng) override {
    const int size = env_.width();
    env_.put({size - 2, size - 2}, kGoalCell);
    const int split = 2 + static_cast<int>(rng.below(static_cast<std::uint32_t>(size - 4)));
    env_.wall_column(split, 0, size);
    const Rect left{0, 0, split, size};
    env_.place_agent(rng, left);
    const int door = 1 + static_cast<int>(rng.below(static_cast<std::uint32_t>(size - 3)));
    env_.put({split, door}, make_cell(kDoor, kYellow, kLocked));
    env_.place(rng, left, make_cell(kKey, kYellow));
  }
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<DoorKey>("built-in");
  for (const char* const size : {"5", "6", "16"}) {
    const std::string id = std::string("MiniGrid-DoorKey-") + size + "x" + size + "-v0";
    registry.add_alias(id, "MiniGrid-DoorKey-8x8-v0", {{"size", size, id}});
  }
}

}  // namespace tern::minigrid::door_key
