// MiniGrid-Empty: get to the goal in the far corner of an empty room.
//
// Observation, actions, reward: envs/grid/minigrid_env.h; walls do not hide anything here.
// The room is size x size, its outer walls included; the goal is in the lower right corner. The agent
// starts in the upper left one and looks right; with `start=random` anywhere but on the goal, looking
// anywhere, as the level says. Limit: 4 size^2 steps.
//
// Reference: MiniGrid's EmptyEnv. Differs: there are as many layouts as there are starts (32 on 5x5);
// many levels share one.

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::empty_room {
namespace {

struct EmptyParams {
  int size = 8;
  std::string start = "corner";
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("size", size, "cells along a side, walls included", in_range(4, 64));
    v("start", start, "where the agent starts", one_of({"corner", "random"}));
    common.visit(v);
  }
};

Facts facts_of(const EmptyParams& params) {
  Facts facts;
  const std::string size = std::to_string(params.size);
  facts.id = std::string("MiniGrid-Empty-") + (params.start == "random" ? "Random-" : "") + size +
             "x" + size + "-v0";
  facts.summary = "get to the green goal square of an empty room";
  facts.width = facts.height = params.size;
  facts.max_steps = 4 * params.size * params.size;
  facts.sees_through_walls = true;
  facts.has_levels = params.start == "random";
  return facts;
}

class Empty final : public MiniGridEnv {
 public:
  using Params = EmptyParams;

  explicit Empty(const Params& params)
      : MiniGridEnv(facts_of(params), params.common), starts_anywhere_(params.start == "random") {}

 private:
  void build(Rng& rng) override {
    env_.put({env_.width() - 2, env_.height() - 2}, kGoalCell);
    if (starts_anywhere_) env_.place_agent(rng, env_.board());
  }

  bool starts_anywhere_;
};

}  // namespace

void add(EnvRegistry& registry) {
  const char* const base = "MiniGrid-Empty-8x8-v0";
  registry.add<Empty>("built-in");
  for (const char* const size : {"5", "6", "16"}) {
    const std::string id = std::string("MiniGrid-Empty-") + size + "x" + size + "-v0";
    registry.add_alias(id, base, {{"size", size, id}});
  }
  for (const char* const size : {"5", "6"}) {
    const std::string id = std::string("MiniGrid-Empty-Random-") + size + "x" + size + "-v0";
    registry.add_alias(id, base, {{"size", size, id}, {"start", "random", id}});
  }
}

}  // namespace tern::minigrid::empty_room
