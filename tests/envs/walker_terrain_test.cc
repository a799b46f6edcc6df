// Terrain of BipedalWalker: laws of its shape, and an oracle (statistics of 1000 terrains of
// Gymnasium's generator, tests/data/golden/bipedal_walker_terrain.json).

#include "envs/physics/walker_terrain.h"
#include "tests/source_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace tern {
namespace {

constexpr double kStep = WalkerTerrain::kStep;
using Kind = WalkerTerrain::Kind;

WalkerTerrain terrain_of(std::uint64_t level, bool is_hardcore, double roughness = 1) {
  WalkerTerrain terrain;
  generate_walker_terrain(level, is_hardcore, roughness, terrain);
  return terrain;
}

int steps(double length) { return static_cast<int>(std::lround(length / kStep)); }

/// How often each obstacle occurs: "stump2", "up3", "down4", "pit3".
std::map<std::string, double> obstacles_of(const WalkerTerrain& terrain) {
  std::map<std::string, double> count;
  for (int i = 0; i < terrain.num_blocks;) {
    const WalkerTerrain::Block* block = &terrain.blocks[static_cast<std::size_t>(i)];
    if (block->kind == Kind::kStump) {
      ++count["stump" + std::to_string(steps(block->right - block->left))];
      i += 1;
    } else if (block->kind == Kind::kPitWall) {
      ++count["pit" + std::to_string(steps(block[1].left - block->left))];
      i += 2;
    } else {
      int stairs = 1;
      while (i + stairs < terrain.num_blocks && block[stairs].kind == Kind::kStair &&
             std::fabs(block[stairs].left - block[stairs - 1].right) < 1e-9) {
        ++stairs;
      }
      ++count[(block[1].top > block->top ? "up" : "down") + std::to_string(stairs)];
      i += stairs;
    }
  }
  return count;
}

nlohmann::json golden() {
  std::ifstream file(source_path("tests/data/golden/bipedal_walker_terrain.json"));
  return nlohmann::json::parse(file);
}

struct Sample {
  double sum = 0, squares = 0;
  int n = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++n;
  }
  double mean() const { return sum / n; }
  double variance_of_mean() const { return (squares / n - mean() * mean()) / n; }
};

/// Means within 4 standard errors of the difference.
void expect_alike(const Sample& ours, double mean, double deviation, int n, const std::string& of) {
  const double error = std::sqrt(ours.variance_of_mean() + deviation * deviation / n);
  EXPECT_NEAR(ours.mean(), mean, 4 * error) << of;
}

TEST(WalkerTerrain, StartsLevelAndThenRolls) {
  const WalkerTerrain terrain = terrain_of(0, false);
  for (std::size_t i = 0; i <= 20; ++i) EXPECT_EQ(terrain.heights[i], WalkerTerrain::kHeight);
  for (std::size_t i = 22; i < 200; ++i) {
    EXPECT_LT(std::fabs(terrain.heights[i] - terrain.heights[i - 1]), 5 * (1.0 / 30 + 0.01));
  }
  EXPECT_NE(terrain.heights[199], WalkerTerrain::kHeight);
  EXPECT_EQ(terrain.num_blocks, 0);
}

// Within a section of grass: slope' = 0.8 slope + 0.01 towards the first height + U[-1, 1] / 30. Of
// so many points some come near to both ends of the last term, and none may be beyond.
TEST(WalkerTerrain, GrassRollsByItsFormula) {
  double least = 0, most = 0;
  for (std::uint64_t level = 0; level < 500; ++level) {
    const auto& heights = terrain_of(level, false).heights;
    double slope = 0;
    for (std::size_t i = 21; i < heights.size(); ++i) {
      const double above = heights[i - 1] - WalkerTerrain::kHeight,
                   rise = heights[i] - heights[i - 1];
      if (rise == 0) continue;  // a section begins, as steep as the last one ended
      const double pull = above < 0 ? 0.01 : above > 0 ? -0.01 : 0;
      const double chance = rise - 0.8 * slope - pull;
      least = std::min(least, chance);
      most = std::max(most, chance);
      slope = rise;
    }
  }
  EXPECT_NEAR(30 * least, -1, 1e-3);
  EXPECT_NEAR(30 * most, 1, 1e-3);
}

TEST(WalkerTerrain, IsLevelWithoutRoughness) {
  for (const double height : terrain_of(5, false, 0).heights) {
    EXPECT_EQ(height, WalkerTerrain::kHeight);
  }
}

TEST(WalkerTerrain, EveryLevelHasItsOwnAndAlwaysTheSame) {
  for (const bool is_hardcore : {false, true}) {
    std::set<double> ends, pushes;
    for (std::uint64_t level = 0; level < 1000; ++level) {
      const WalkerTerrain terrain = terrain_of(level, is_hardcore);
      ends.insert(terrain.heights[150]);
      pushes.insert(terrain.push);
      EXPECT_LE(std::fabs(terrain.push), 5);
      const WalkerTerrain again = terrain_of(level, is_hardcore);
      EXPECT_EQ(again.heights, terrain.heights);
      EXPECT_EQ(again.push, terrain.push);
    }
    EXPECT_EQ(ends.size(), 1000u);
    EXPECT_EQ(pushes.size(), 1000u);
  }
}

TEST(WalkerTerrain, HalfOfAllLevelsAreLaidFromTheRight) {
  int from_right = 0;
  for (std::uint64_t level = 0; level < 1000; ++level) {
    from_right += terrain_of(level, false).is_laid_from_right ? 1 : 0;
  }
  EXPECT_NEAR(from_right, 500, 64);  // 4 standard deviations
}

TEST(WalkerTerrain, ObstaclesHaveTheirSizesAndGrassBetweenThem) {
  for (std::uint64_t level = 0; level < 300; ++level) {
    const WalkerTerrain terrain = terrain_of(level, true);
    ASSERT_LE(terrain.num_blocks, WalkerTerrain::kMaxBlocks);
    double end = 19 * kStep;  // of what stands before
    for (int i = 0; i < terrain.num_blocks; ++i) {
      const WalkerTerrain::Block& block = terrain.blocks[static_cast<std::size_t>(i)];
      const int width = steps(block.right - block.left), height = steps(block.top - block.bottom);
      const bool continues = block.kind == Kind::kStair && std::fabs(block.left - end) < 1e-9;
      const bool is_far_wall = block.kind == Kind::kPitWall && block.left - end < 3.5 * kStep;
      if (!continues && !is_far_wall) {
        EXPECT_GE(steps(block.left - end), 1);
      }
      if (block.kind == Kind::kStump) {
        EXPECT_TRUE(width == height && (width == 1 || width == 2));
      }
      if (block.kind == Kind::kStair) {
        EXPECT_TRUE(width == 4 && height == 1);
      }
      if (block.kind == Kind::kPitWall) {
        EXPECT_TRUE(width == 1 && height == 4);
      }
      end = block.right;
    }
  }
}

TEST(WalkerTerrain, APitIsFourStepsDeepBetweenItsWalls) {
  for (std::uint64_t level = 0; level < 50; ++level) {
    const WalkerTerrain terrain = terrain_of(level, true);
    for (int i = 0; i < terrain.num_blocks; ++i) {
      const WalkerTerrain::Block* wall = &terrain.blocks[static_cast<std::size_t>(i)];
      if (wall->kind != Kind::kPitWall) continue;
      const int left = steps(wall->left), width = steps(wall[1].left - wall->left);
      EXPECT_TRUE(width == 3 || width == 4);
      const std::size_t last = static_cast<std::size_t>(std::min(left + width, 199));
      for (std::size_t at = static_cast<std::size_t>(left) + 1; at <= last; ++at) {
        EXPECT_NEAR(terrain.heights[at], wall->bottom, 1e-9);
      }
      EXPECT_EQ(terrain.heights[static_cast<std::size_t>(left)], wall->top);
      ++i;  // the other wall
    }
  }
}

TEST(WalkerTerrain, HasAsManyObstaclesOfEachSizeAsTheReference) {
  const nlohmann::json theirs = golden()["hardcore"];
  std::map<std::string, Sample> ours;
  for (std::uint64_t level = 0; level < 2000; ++level) {
    std::map<std::string, double> count = obstacles_of(terrain_of(level, true));
    for (const std::string name : theirs["names"]) ours[name].add(count[name]);
  }
  for (std::size_t i = 0; i < theirs["names"].size(); ++i) {
    const std::string name = theirs["names"][i];
    EXPECT_GT(ours[name].mean(), 0) << name;
    expect_alike(ours[name], theirs["mean"][i], theirs["sd"][i], theirs["levels"], name);
  }
}

TEST(WalkerTerrain, StairsGoUpAsOftenAsDown) {
  double up = 0, down = 0;
  for (std::uint64_t level = 0; level < 20'000; ++level) {
    for (const auto& [name, count] : obstacles_of(terrain_of(level, true))) {
      if (name[0] == 'u') up += count;
      if (name[0] == 'd') down += count;
    }
  }
  EXPECT_NEAR(up / (up + down), 0.5, 0.01);
}

TEST(WalkerTerrain, RisesAndFallsAsTheReference) {
  for (const bool is_hardcore : {false, true}) {
    const nlohmann::json theirs = golden()[is_hardcore ? "hardcore" : "plain"];
    Sample ours[5];
    for (std::uint64_t level = 0; level < 2000; ++level) {
      const auto& heights = terrain_of(level, is_hardcore).heights;
      const double at[3] = {heights[50], heights[100], heights[199]};
      for (std::size_t i = 0; i < 3; ++i) ours[i].add(at[i] - WalkerTerrain::kHeight);
      double steepest = 0;
      for (std::size_t i = 1; i < heights.size(); ++i) {
        steepest = std::max(steepest, std::fabs(heights[i] - heights[i - 1]));
      }
      ours[3].add(steepest);
      const auto [low, high] = std::minmax_element(heights.begin(), heights.end());
      ours[4].add(*high - *low);
    }
    for (std::size_t i = 0; i < 5; ++i) {
      expect_alike(ours[i], theirs["height_mean"][i], theirs["height_sd"][i], theirs["levels"],
                   theirs["height_names"][i]);
    }
  }
}

}  // namespace
}  // namespace tern
