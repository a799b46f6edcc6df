// MiniGrid-FourRooms: find the goal in one of four rooms that gaps connect.
//
// Observation, actions, reward: envs/grid/minigrid_env.h.
// Two walls cross in the middle of a 19x19 board; each of their four arms has a gap of one cell,
// anywhere along it. Agent and goal are on any free cells. Limit: 100 steps; the longest
// of the shortest ways take about half of that.
//
// Reference: MiniGrid's FourRoomsEnv.

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::four_rooms {
namespace {

struct FourRoomsParams {
  int size = 19;
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("size", size, "cells along a side, walls included", in_range(7, 64));
    common.visit(v);
  }
};

Facts facts_of(const FourRoomsParams& params) {
  Facts facts;
  facts.id = "MiniGrid-FourRooms-v0";
  facts.summary = "reach the goal in one of four connected rooms";
  facts.width = facts.height = params.size;
  facts.max_steps = 100;
  return facts;
}

class FourRooms final : public MiniGridEnv {
 public:
  using Params = FourRoomsParams;

  explicit FourRooms(const Params& params) : MiniGridEnv(facts_of(params), params.common) {}

 private:
  void build(Rng& rng) override {
    const int size = env_.width(), middle = size / 2;
    env_.wall_column(middle, 0, size);
    env_.wall_row(0, middle, size);
    // The free cells of an arm: 1 to middle - 1, and middle + 1 to the last before the border.
    const auto before = [&] {
      return 1 + static_cast<int>(rng.below(static_cast<std::uint32_t>(middle - 1)));
    };
    const auto behind = [&] {
      return middle + 1 +
             static_cast<int>(rng.below(static_cast<std::uint32_t>(size - 2 - middle)));
    };
    env_.put({middle, before()}, kNothing);
    env_.put({middle, behind()}, kNothing);
    env_.put({before(), middle}, kNothing);
    env_.put({behind(), middle}, kNothing);
    env_.place_agent(rng, env_.board());
    env_.place(rng, env_.board(), kGoalCell);
  }
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<FourRooms>("built-in");
}

}  // namespace tern::minigrid::four_rooms
