// MiniGrid-LavaCrossing and -SimpleCrossing: cross rivers of lava, or walls, each with one opening.
//
// Observation, actions, reward: envs/grid/minigrid_env.h.
// Rivers run straight across the room, from wall to wall, in `crossings` of its even rows and columns,
// and have one opening each, so that one way leads through all of them. The agent starts in the upper
// left corner and looks right; the goal is in the lower right one. Stepping into lava is possible and
// ends the episode with 0. Limit: 4 size^2 steps.
//
// Reference: MiniGrid's CrossingEnv. With few crossings there are few layouts (42 for S9N1).

#include <algorithm>
#include <vector>

#include "envs/grid/minigrid_env.h"
#include "envs/registry/registry.h"

namespace tern::minigrid::crossing {
namespace {

struct CrossingParams {
  int size = 9;
  int crossings = 1;
  std::string obstacle = "lava";
  CommonParams common;

  template <class V>
  void visit(V& v) {
    v("size", size, "cells along a side, walls included; odd", in_range(5, 63));
    v("crossings", crossings, "rivers, or walls", in_range(1, 58));
    v("obstacle", obstacle, "what the rivers are of", one_of({"lava", "wall"}));
    common.visit(v);
  }
};

Facts facts_of(const CrossingParams& params) {
  if (params.size % 2 == 0) {
    throw Error("env.size: " + std::to_string(params.size) + " is even; expected an odd number");
  }
  const int most = params.size - 3;  // the even rows and columns, but for the corners'
  if (params.crossings > most) {
    throw Error("env.crossings: " + std::to_string(params.crossings) + " do not fit; a board of size " +
                std::to_string(params.size) + " has room for " + std::to_string(most));
  }
  Facts facts;
  facts.id = std::string("MiniGrid-") + (params.obstacle == "lava" ? "Lava" : "Simple") +
             "CrossingS" + std::to_string(params.size) + "N" + std::to_string(params.crossings) + "-v0";
  facts.summary = params.obstacle == "lava" ? "avoid the lava and get to the goal"
                                            : "find the openings and get to the goal";
  facts.width = facts.height = params.size;
  facts.max_steps = 4 * params.size * params.size;
  return facts;
}

class Crossing final : public MiniGridEnv {
 public:
  using Params = CrossingParams;

  explicit Crossing(const Params& params)
      : MiniGridEnv(facts_of(params), params.common),
        num_crossings_(static_cast<std::size_t>(params.crossings)),
        obstacle_(params.obstacle == "lava" ? kLavaCell : kWallCell) {
    const auto most = static_cast<std::size_t>(params.size);
    rivers_.reserve(most);
    columns_.reserve(most);
    rows_.reserve(most);
    order_.reserve(most);
  }

 private:
  struct River {
    bool is_column = false;
    int at = 0;
  };

  void build(Rng& rng) override {
    const int last = env_.width() - 1;
    env_.put({last - 1, last - 1}, kGoalCell);

    rivers_.clear();
    for (const bool is_column : {true, false}) {
      for (int at = 2; at < last - 1; at += 2) rivers_.push_back({is_column, at});
    }
    rng.shuffle(Row<River>(rivers_));
    rivers_.resize(num_crossings_);
    // The banks: 0, the rivers in order, and the far wall.
    columns_.assign(1, 0);
    rows_.assign(1, 0);
    for (const River& river : rivers_) (river.is_column ? columns_ : rows_).push_back(river.at);
    std::sort(columns_.begin(), columns_.end());
    std::sort(rows_.begin(), rows_.end());
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      for (int x = 1; x < last; ++x) env_.put({x, rows_[i]}, obstacle_);
    }
    for (std::size_t i = 1; i < columns_.size(); ++i) {
      for (int y = 1; y < last; ++y) env_.put({columns_[i], y}, obstacle_);
    }

    // One way through all of them: in which order rivers that are columns (1) and rows (0) are
    // crossed, and where along the bank of the field one stands in.
    order_.assign(columns_.size() - 1, 1);
    order_.resize(num_crossings_, 0);
    rng.shuffle(Row<std::uint8_t>(order_));
    columns_.push_back(last);
    rows_.push_back(last);
    std::size_t i = 0, j = 0;  // the field: between columns i and i + 1, rows j and j + 1
    const auto inside = [&rng](int low, int high) {
      return low + 1 + static_cast<int>(rng.below(static_cast<std::uint32_t>(high - low - 1)));
    };
    for (const std::uint8_t crosses_column : order_) {
      if (crosses_column) {
        env_.put({columns_[i + 1], inside(rows_[j], rows_[j + 1])}, kNothing);
        ++i;
      } else {
        env_.put({inside(columns_[i], columns_[i + 1]), rows_[j + 1]}, kNothing);
        ++j;
      }
    }
  }

  std::size_t num_crossings_;
  Cell obstacle_;
  // Kept between levels for their memory:
  std::vector<River> rivers_;
  std::vector<int> columns_, rows_;
  std::vector<std::uint8_t> order_;
};

}  // namespace

void add(EnvRegistry& registry) {
  const std::string base = "MiniGrid-LavaCrossingS9N1-v0";
  registry.add<Crossing>("built-in");
  struct Variant {
    const char *size, *crossings;
  };
  for (const char* const obstacle : {"lava", "wall"}) {
    for (const Variant& v : {Variant{"9", "1"}, Variant{"9", "2"}, Variant{"9", "3"},
                             Variant{"11", "5"}}) {
      const std::string kind = std::string(obstacle) == "lava" ? "Lava" : "Simple";
      const std::string id =
          "MiniGrid-" + kind + "CrossingS" + v.size + "N" + v.crossings + "-v0";
      if (id == base) continue;
      registry.add_alias(
          id, base,
          {{"size", v.size, id}, {"crossings", v.crossings, id}, {"obstacle", obstacle, id}});
    }
  }
}

}  // namespace tern::minigrid::crossing
