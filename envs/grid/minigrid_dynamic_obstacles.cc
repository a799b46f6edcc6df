// MiniGrid-Dynamic-Obstacles: get to the goal without touching the balls that roll about.
//
// Observation, reward on success: envs/grid/minigrid_env.h; walls do not hide anything here.
// Actions: 0 left, 1 right (turns), 2 forward. In each step first every blue ball moves to one of the
// free cells around it, each equally likely, if there is one; then the agent acts. Going forward while
// something other than the goal is ahead, a ball or a wall, at the beginning of the step, is a
// collision: -1, and the episode terminates. A ball that rolls before the agent only blocks it.
// Room, goal and start are as in MiniGrid-Empty; `obstacles` balls lie anywhere. Limit: 4 size^2.
//
// Reference: MiniGrid's DynamicObstaclesEnv. Differs: a ball with a free cell beside it always moves;
// there it gives up after 101 tries, once in 10^5 moves at most.

#include <algorithm>
#include <vector>

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::dynamic_obstacles {
namespace {

constexpr Cell kBallCell = make_cell(kBall, kBlue);

struct ObstacleParams {
  int size = 8;
  int obstacles = 4;
  std::string start = "corner";
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("size", size, "cells along a side, walls included", in_range(5, 64));
    v("obstacles", obstacles, "balls; at most size / 2 where more than size / 2 + 1 are asked for",
      in_range(0, 64));
    v("start", start, "where the agent starts", one_of({"corner", "random"}));
    common.visit(v);
  }
};

Facts facts_of(const ObstacleParams& params) {
  Facts facts;
  const std::string size = std::to_string(params.size);
  facts.id = std::string("MiniGrid-Dynamic-Obstacles-") +
             (params.start == "random" ? "Random-" : "") + size + "x" + size + "-v0";
  facts.summary = "get to the goal without touching the balls that roll about";
  facts.width = facts.height = params.size;
  facts.max_steps = 4 * params.size * params.size;
  facts.sees_through_walls = true;
  facts.has_levels = params.obstacles > 0 || params.start == "random";
  facts.only_moves = true;
  facts.reward_terms = {"goal", "collision"};
  return facts;
}

class DynamicObstacles final : public MiniGridEnv {
 public:
  using Params = ObstacleParams;

  explicit DynamicObstacles(const Params& params)
      : MiniGridEnv(facts_of(params), params.common),
        num_balls_(2 * params.obstacles <= params.size + 2 ? params.obstacles : params.size / 2),
        starts_anywhere_(params.start == "random") {
    balls_.reserve(static_cast<std::size_t>(num_balls_));
  }

  void save(StateWriter& out) const override {
    MiniGridEnv::save(out);
    for (const Spot ball : balls_) out.write(ball.x, ball.y);  // in the order in which they move
  }
  bool load(StateReader& in) override {
    MiniGridEnv::load(in);  // finds all balls
    for (Spot& ball : balls_) {
      in.read(ball.x, ball.y);
      const bool is_inside = ball.x >= 0 && ball.y >= 0 && ball.x < env_.width() &&
                             ball.y < env_.height();
      if (!is_inside || env_.at(ball) != kBallCell) {
        throw Error::failure(spec().id + ": saved state has a ball where there is none");
      }
    }
    return true;
  }

 private:
  void build(Rng& rng) override {
    env_.put({env_.width() - 2, env_.height() - 2}, kGoalCell);
    if (starts_anywhere_) env_.place_agent(rng, env_.board());
    balls_.clear();
    for (int i = 0; i < num_balls_; ++i) {
      balls_.push_back(env_.place(rng, env_.board(), kBallCell));
    }
  }

  void board_changed() override {
    balls_.clear();
    for (int y = 0; y < env_.height(); ++y) {
      for (int x = 0; x < env_.width(); ++x) {
        if (env_.at({x, y}) == kBallCell) balls_.push_back({x, y});
      }
    }
  }

  Outcome act(int action, Rng& rng) override {
    const Object ahead = object_of(env_.at(env_.ahead()));
    const bool is_clear = ahead == kEmpty || ahead == kGoal;
    for (Spot& ball : balls_) {
      const int left = std::max(ball.x - 1, 0), top = std::max(ball.y - 1, 0);
      const Rect around{left, top, std::min(3, env_.width() - left),
                        std::min(3, env_.height() - top)};
      Spot next;
      if (!env_.find(rng, around, [](Spot) { return true; }, next)) continue;
      env_.put(next, kBallCell);
      env_.put(ball, kNothing);
      ball = next;
    }
    const Outcome outcome = act_in_place(action);
    return action == kForward && !is_clear ? Outcome::kCollision : outcome;
  }

  int num_balls_;
  bool starts_anywhere_;
  std::vector<Spot> balls_;  // in the order in which they move
};

}  // namespace

void add(EnvRegistry& registry) {
  registry.add<DynamicObstacles>("built-in");
  struct Variant {
    const char *name, *size, *obstacles, *start;
  };
  for (const Variant& v :
       {Variant{"5x5", "5", "2", "corner"}, Variant{"Random-5x5", "5", "2", "random"},
        Variant{"6x6", "6", "3", "corner"}, Variant{"Random-6x6", "6", "3", "random"},
        Variant{"16x16", "16", "8", "corner"}}) {
    const std::string id = std::string("MiniGrid-Dynamic-Obstacles-") + v.name + "-v0";
    registry.add_alias(
        id, "MiniGrid-Dynamic-Obstacles-8x8-v0",
        {{"size", v.size, id}, {"obstacles", v.obstacles, id}, {"start", v.start, id}});
  }
}

}  // namespace tern::minigrid::dynamic_obstacles
