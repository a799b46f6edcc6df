// Proof: worked examples by hand of epsilon-greedy in time, and its law of resuming.

#include "agents/dqn/exploration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace tern {
namespace {

constexpr double kAlways = 1;

std::vector<std::uint8_t> all(std::size_t count) {
  return std::vector<std::uint8_t>(count, 1);
}

/// The actions of env 0 in `steps` steps.
std::vector<std::int32_t> actions(Exploration& exploration, int steps, double epsilon = kAlways) {
  std::vector<std::uint8_t> mask = all(1000);  // so many that two draws are hardly ever the same
  std::vector<std::int32_t> taken;
  for (int t = 0; t < steps; ++t) {
    taken.push_back(exploration.choose(0, epsilon, MaskRow(mask)).value_or(-1));
  }
  return taken;
}

/// How many runs of equal actions have each length.
std::map<int, int> run_lengths(const std::vector<std::int32_t>& taken) {
  std::map<int, int> counts;
  int length = 1;
  for (std::size_t t = 1; t < taken.size(); ++t, ++length) {
    if (taken[t] == taken[t - 1]) continue;
    ++counts[length];
    length = 0;
  }
  return counts;
}

// P(1), P(2), P(3) are to each other as 1, 1/4, 1/9: 36/49, 9/49, 4/49.
TEST(Exploration, LastsNStepsWithAChanceAsOneOverNSquared) {
  Exploration exploration(0, 1, 3);
  std::map<int, int> counts = run_lengths(actions(exploration, 70'000));
  const double runs = counts[1] + counts[2] + counts[3];
  // About 52,000 runs: a standard deviation is at most 0.0019; 0.001 is for draws that repeat.
  EXPECT_NEAR(counts[1] / runs, 36.0 / 49, 0.011);
  EXPECT_NEAR(counts[2] / runs, 9.0 / 49, 0.011);
  EXPECT_NEAR(counts[3] / runs, 4.0 / 49, 0.011);
}

TEST(Exploration, OfOneStepIsThePlainRule) {
  Exploration exploration(3, 1, 1);
  Rng rng(3, "dqn actions", 0);
  std::vector<std::uint8_t> mask = all(5);
  for (int t = 0; t < 1000; ++t) {
    const auto taken = exploration.choose(0, 0.3, MaskRow(mask));
    ASSERT_EQ(taken.has_value(), rng.chance(0.3));
    if (taken) {
      ASSERT_EQ(*taken, static_cast<std::int32_t>(rng.below(5)));
    }
  }
}

TEST(Exploration, IsNotBegunWithoutEpsilonButCarriedOn) {
  Exploration exploration(1, 1, 100);
  std::vector<std::uint8_t> mask = all(1000);
  std::vector<int> carried;  // steps after the first that each exploration lasts
  for (int k = 0; k < 200; ++k) {
    ASSERT_TRUE(exploration.choose(0, kAlways, MaskRow(mask)));
    carried.push_back(0);
    while (exploration.choose(0, 0, MaskRow(mask))) ++carried.back();
  }
  EXPECT_GT(*std::max_element(carried.begin(), carried.end()), 5);
  EXPECT_EQ(*std::min_element(carried.begin(), carried.end()), 0);
}

TEST(Exploration, StopsWithTheEpisodeAndWhereItsActionIsForbidden) {
  std::vector<std::uint8_t> mask = all(1000);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Exploration exploration(seed, 2, 1000);
    ASSERT_TRUE(exploration.choose(0, kAlways, MaskRow(mask)));
    exploration.end_episode(0);
    EXPECT_FALSE(exploration.choose(0, 0, MaskRow(mask)));

    const auto taken = exploration.choose(1, kAlways, MaskRow(mask));
    std::vector<std::uint8_t> without = mask;
    without[static_cast<std::size_t>(*taken)] = 0;
    EXPECT_FALSE(exploration.choose(1, 0, MaskRow(without)));
    EXPECT_FALSE(exploration.choose(1, 0, MaskRow(mask))) << "dropped for good";
  }
}

TEST(Exploration, GoesOnAfterALoadAsIfItHadNotStopped) {
  Exploration exploration(5, 1, 50);
  actions(exploration, 37, 0.5);
  StateWriter saved;
  exploration.save(saved);
  Exploration other(99, 1, 50);
  StateReader in{Row<const std::uint8_t>(saved.bytes())};
  other.load(in);
  EXPECT_EQ(actions(other, 500, 0.5), actions(exploration, 500, 0.5));
}

}  // namespace
}  // namespace tern
