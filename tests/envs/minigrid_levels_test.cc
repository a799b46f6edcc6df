// MiniGrid's generated levels: each is solved by a search that reads the board and plays the true
// rules (law), there are enough different ones, and each has what its description promises.

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "envs/registry/registry.h"
#include "tests/envs/minigrid_board.h"

namespace tern::minigrid {
namespace {

using Plan = std::vector<std::int32_t>;

/// An env that shows its whole board, at some level.
class Level {
 public:
  Level(const std::string& id, std::uint64_t level)
      : env_(registry().find(id).make({{"observation", "full", "test"}})),
        obs_(env_->spec().obs.size()) {
    width = env_->spec().obs.fields()[0].shape[0];
    height = env_->spec().obs.fields()[0].shape[1];
    ResetContext ctx{rng_, level};
    env_->reset(ctx, ObsRow(Row<std::uint8_t>(obs_)));
    find_agent();
  }

  Cell at(Spot spot) const {
    const std::uint8_t* cell = &obs_[static_cast<std::size_t>(3 * (spot.x * height + spot.y))];
    if (cell[0] == kAgent) return under_agent_;
    return make_cell(static_cast<Object>(cell[0]), static_cast<ObjectColor>(cell[1]),
                     static_cast<DoorState>(cell[2]));
  }
  std::vector<Spot> all(Object object) const {
    std::vector<Spot> found;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        if (object_of(at({x, y})) == object) found.push_back({x, y});
      }
    }
    return found;
  }
  StepResult step(std::int32_t action) {
    const Spot ahead{agent.x + kStep[direction].x, agent.y + kStep[direction].y};
    const Cell cell = at(ahead);
    const StepResult result = env_->step(ActionRow(Row<const std::int32_t>(&action, 1)), rng_,
                                         ObsRow(Row<std::uint8_t>(obs_)));
    if (action == kForward && can_enter(cell)) under_agent_ = cell;
    if (action == kPickup && can_pick_up(cell) && carried == kNothing) carried = cell;
    if (action == kDrop && cell == kNothing) carried = kNothing;
    find_agent();
    return result;
  }
  const EnvSpec& spec() const { return env_->spec(); }
  std::uint8_t mission(std::size_t i) const { return obs_[obs_.size() - 2 + i]; }
  const std::vector<std::uint8_t>& obs() const { return obs_; }

  int width = 0, height = 0;
  Spot agent;
  int direction = 0;
  Cell carried = kNothing;

 private:
  void find_agent() {
    for (int x = 0; x < width; ++x) {
      for (int y = 0; y < height; ++y) {
        const std::uint8_t* cell = &obs_[static_cast<std::size_t>(3 * (x * height + y))];
        if (cell[0] != kAgent) continue;
        agent = {x, y};
        direction = cell[2];
      }
    }
  }

  std::unique_ptr<Env> env_;
  Rng rng_{0, "level"};
  std::vector<std::uint8_t> obs_;
  Cell under_agent_ = kNothing;
};

/// The way, by fewest moves, to a pose for which `is_there(spot, direction)`: turning, walking, and
/// opening doors that are closed or to which the key is carried. Balls are passed through if asked.
template <class IsThere>
std::optional<Plan> find_way(const Level& level, const IsThere& is_there, bool ignores_balls) {
  struct Pose {
    Spot spot;
    int direction;
  };
  const auto index = [&](const Pose& p) {
    return static_cast<std::size_t>((p.spot.y * level.width + p.spot.x) * 4 + p.direction);
  };
  std::vector<std::pair<int, Plan>> came(static_cast<std::size_t>(level.width * level.height * 4),
                                         {-2, {}});
  std::vector<Pose> open = {{level.agent, level.direction}};
  came[index(open[0])] = {-1, {}};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Pose now = open[i];
    if (is_there(now.spot, now.direction)) {
      Plan plan;
      for (int k = static_cast<int>(index(now)); k >= 0; k = came[static_cast<std::size_t>(k)].first) {
        const Plan& moves = came[static_cast<std::size_t>(k)].second;
        plan.insert(plan.begin(), moves.begin(), moves.end());
      }
      return plan;
    }
    const auto go = [&](const Pose& next, const Plan& moves) {
      if (came[index(next)].first != -2) return;
      came[index(next)] = {static_cast<int>(index(now)), moves};
      open.push_back(next);
    };
    go({now.spot, (now.direction + 3) % 4}, {kTurnLeft});
    go({now.spot, (now.direction + 1) % 4}, {kTurnRight});
    const Spot ahead{now.spot.x + kStep[now.direction].x, now.spot.y + kStep[now.direction].y};
    if (ahead.x < 0 || ahead.y < 0 || ahead.x >= level.width || ahead.y >= level.height) continue;
    const Cell cell = level.at(ahead);
    const Pose next{ahead, now.direction};
    if (object_of(cell) == kDoor && state_of(cell) != kOpen) {
      const bool fits = object_of(level.carried) == kKey && color_of(level.carried) == color_of(cell);
      if (state_of(cell) == kClosed || fits) go(next, {kToggle, kForward});
    } else if (object_of(cell) == kBall && ignores_balls) {
      go(next, {kForward});
    } else if (can_enter(cell) && object_of(cell) != kLava) {
      go(next, {kForward});
    }
  }
  return std::nullopt;
}

auto standing_on(Spot target) {
  return [target](Spot spot, int) { return spot == target; };
}
auto facing(Spot target) {
  return [target](Spot spot, int direction) {
    return Spot{spot.x + kStep[direction].x, spot.y + kStep[direction].y} == target;
  };
}

/// Plays until the episode ends; the last result.
struct Played {
  StepResult result;
  int steps = 0;
};
void play(Level& level, const Plan& plan, Played& played) {
  for (const std::int32_t action : plan) {
    if (played.result.terminated) return;
    played.result = level.step(action);
    ++played.steps;
  }
}

/// Gets whatever key there is, if a way leads to it.
bool fetch_key(Level& level, Played& played) {
  for (const Spot key : level.all(kKey)) {
    const auto way = find_way(level, facing(key), false);
    if (!way) continue;
    play(level, *way, played);
    play(level, {kPickup}, played);
    return level.carried != kNothing;
  }
  return false;
}

/// Where Memory's agent has to stand: beside the object that is like the one in the room.
Spot memory_goal(const Level& level) {
  const int middle = level.height / 2;
  const Object shown = object_of(level.at({1, middle - 1}));
  for (const Spot spot : level.all(shown)) {
    if (spot.x > 1) return {spot.x, spot.y < middle ? spot.y + 1 : spot.y - 1};
  }
  return {};
}

Played solve(const std::string& id, Level& level) {
  Played played;
  const bool is_memory = id.find("Memory") != std::string::npos;
  const bool has_target = level.spec().obs.fields().size() == 4;
  if (has_target) {
    EXPECT_EQ(level.mission(0), kBall);
    const std::vector<Spot> targets = level.all(kBall);
    EXPECT_EQ(targets.size(), 1u);
    EXPECT_EQ(level.mission(1), color_of(level.at(targets[0])));
    if (!fetch_key(level, played)) return played;
    const auto way = find_way(level, facing(targets[0]), false);
    if (!way) return played;
    play(level, *way, played);
    // Put the key down wherever there is room, and turn back.
    int turns = 0;
    while (turns < 4 && level.carried != kNothing) {
      play(level, {kDrop}, played);
      if (level.carried == kNothing) break;
      play(level, {kTurnLeft}, played);
      ++turns;
    }
    for (; turns > 0; --turns) play(level, {kTurnRight}, played);
    play(level, {kPickup}, played);
    return played;
  }
  const Spot goal = is_memory ? memory_goal(level) : level.all(kGoal).at(0);
  auto way = find_way(level, standing_on(goal), false);
  if (!way && fetch_key(level, played)) way = find_way(level, standing_on(goal), false);
  if (way) play(level, *way, played);
  return played;
}

/// Every env of the family that generates levels.
std::vector<std::string> generated() {
  std::vector<std::string> ids;
  for (const EnvEntry* entry : registry().entries()) {
    if (entry->spec.id.rfind("MiniGrid-", 0) == 0 && entry->spec.num_levels > 0) {
      ids.push_back(entry->spec.id);
    }
  }
  return ids;
}

class Levels : public testing::TestWithParam<std::string> {};

constexpr std::uint64_t kLevels = 150;

TEST_P(Levels, CanAllBeSolved) {
  const bool has_balls = GetParam().find("Obstacles") != std::string::npos;
  for (std::uint64_t number = 0; number < kLevels; ++number) {
    Level level(GetParam(), number);
    SCOPED_TRACE("level " + std::to_string(number));
    if (has_balls) {  // they roll; there is a way when they are out of it
      const auto way = find_way(level, standing_on(level.all(kGoal).at(0)), true);
      ASSERT_TRUE(way.has_value());
      ASSERT_LT(static_cast<int>(way->size()), level.spec().max_episode_steps);
      continue;
    }
    const Played played = solve(GetParam(), level);
    ASSERT_TRUE(played.result.terminated);
    ASSERT_FLOAT_EQ(played.result.reward, 1 - 0.9f * static_cast<float>(played.steps) /
                                                  static_cast<float>(level.spec().max_episode_steps));
    ASSERT_LE(played.steps, level.spec().max_episode_steps);
  }
}

/// How many layouts there are at all, where that is fewer than a hundred.
std::size_t layouts_of(const std::string& id) {
  static const std::map<std::string, std::size_t> few = {
      {"MiniGrid-Empty-Random-5x5-v0", 8 * 4},
      {"MiniGrid-Empty-Random-6x6-v0", 15 * 4},
      {"MiniGrid-DoorKey-5x5-v0", 3 * 4 * 2 * 2},
      {"MiniGrid-LavaCrossingS9N1-v0", 6 * 7},
      {"MiniGrid-SimpleCrossingS9N1-v0", 6 * 7},
      {"MiniGrid-Dynamic-Obstacles-5x5-v0", 7 * 6 / 2},
      {"MiniGrid-MemoryS7-v0", 4 * 2 * 2},
      {"MiniGrid-MemoryS9-v0", 6 * 2 * 2},
      {"MiniGrid-MemoryS11-v0", 8 * 2 * 2},
      {"MiniGrid-MemoryS13-v0", 10 * 2 * 2},
  };
  const auto found = few.find(id);
  return found == few.end() ? 0 : found->second;
}

TEST_P(Levels, DifferAndStayTheSame) {
  std::set<std::vector<std::uint8_t>> seen;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    seen.insert(Level(GetParam(), number).obs());
  }
  const std::size_t all = layouts_of(GetParam());
  if (all > 0) {
    EXPECT_EQ(seen.size(), all);
  } else {
    EXPECT_GE(seen.size(), 100u);
  }
  EXPECT_EQ(Level(GetParam(), 7).obs(), Level(GetParam(), 7).obs());
}

INSTANTIATE_TEST_SUITE_P(MiniGrid, Levels, testing::ValuesIn(generated()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(MiniGridLevels, HaveTheReferencesLimits) {
  const std::map<std::string, int> limits = {
      {"MiniGrid-Empty-5x5-v0", 100},           {"MiniGrid-Empty-16x16-v0", 1024},
      {"MiniGrid-DoorKey-5x5-v0", 250},         {"MiniGrid-DoorKey-16x16-v0", 2560},
      {"MiniGrid-FourRooms-v0", 100},           {"MiniGrid-MultiRoom-N2-S4-v0", 40},
      {"MiniGrid-MultiRoom-N4-S5-v0", 120},     {"MiniGrid-MultiRoom-N4-S5-v1", 80},
      {"MiniGrid-MultiRoom-N6-v0", 120},        {"MiniGrid-KeyCorridorS3R1-v0", 270},
      {"MiniGrid-KeyCorridorS6R3-v0", 1080},    {"MiniGrid-LavaCrossingS9N3-v0", 324},
      {"MiniGrid-SimpleCrossingS11N5-v0", 484}, {"MiniGrid-Dynamic-Obstacles-6x6-v0", 144},
      {"MiniGrid-MemoryS7-v0", 245},            {"MiniGrid-MemoryS17Random-v0", 1445}};
  for (const auto& [id, limit] : limits) {
    EXPECT_EQ(registry().find(id).spec.max_episode_steps, limit) << id;
  }
}

TEST(MiniGridLevels, HaveWhatTheirNamesSay) {
  const auto count = [](const std::string& id, Object object) {
    return Level(id, 3).all(object).size();
  };
  EXPECT_EQ(count("MiniGrid-MultiRoom-N2-S4-v0", kDoor), 1u);
  EXPECT_EQ(count("MiniGrid-MultiRoom-N4-S5-v0", kDoor), 5u);  // six rooms, as the reference
  EXPECT_EQ(count("MiniGrid-MultiRoom-N4-S5-v1", kDoor), 3u);
  EXPECT_EQ(count("MiniGrid-MultiRoom-N6-v0", kDoor), 5u);
  EXPECT_EQ(count("MiniGrid-Dynamic-Obstacles-5x5-v0", kBall), 2u);
  EXPECT_EQ(count("MiniGrid-Dynamic-Obstacles-6x6-v0", kBall), 3u);
  EXPECT_EQ(count("MiniGrid-Dynamic-Obstacles-8x8-v0", kBall), 4u);
  EXPECT_EQ(count("MiniGrid-Dynamic-Obstacles-16x16-v0", kBall), 8u);
  for (const char* id : {"MiniGrid-LavaCrossingS9N3-v0", "MiniGrid-LavaCrossingS11N5-v0"}) {
    const Level level(id, 3);
    EXPECT_GE(level.all(kLava).size(), static_cast<std::size_t>(3 * (level.width - 6)));
    EXPECT_EQ(level.agent, (Spot{1, 1}));
    EXPECT_EQ(level.direction, kRight);
  }
}

TEST(MiniGridLevels, ALockedDoorHasItsKeyOnTheNearSide) {
  for (std::uint64_t number = 0; number < 50; ++number) {
    const Level level("MiniGrid-KeyCorridorS4R3-v0", number);
    ASSERT_EQ(level.all(kKey).size(), 1u);
    int locked = 0;
    for (const Spot door : level.all(kDoor)) {
      if (state_of(level.at(door)) != kLocked) continue;
      ++locked;
      EXPECT_EQ(color_of(level.at(door)), color_of(level.at(level.all(kKey)[0])));
      EXPECT_EQ(door.x, 6);  // between the corridor and the right column
    }
    EXPECT_EQ(locked, 1);
    EXPECT_LT(level.all(kKey)[0].x, 3);
    EXPECT_GT(level.all(kBall)[0].x, 6);
  }
}

}  // namespace
}  // namespace tern::minigrid
