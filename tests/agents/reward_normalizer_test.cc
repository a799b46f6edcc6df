// Worked examples: running moments and discounted returns by hand; exact after a load.

#include "agents/policy/reward_normalizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "agents/policy/running_moments.h"
#include "core/error.h"

namespace tern {
namespace {

// ---- RunningMoments -----------------------------------------------------------------------------

TEST(RunningMoments, StartWithVarianceOne) {
  const RunningMoments moments(2);
  EXPECT_EQ(moments.count(), 0);
  EXPECT_EQ(moments.mean(1), 0);
  EXPECT_EQ(moments.variance(1), 1);
}

// 1, 2, 3, 6: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5. 10, 10, 10, 50: mean 20, variance 300.
TEST(RunningMoments, AreMeanAndPopulationVarianceOfEachColumn) {
  RunningMoments moments(2);
  const std::vector<float> rows = {1, 10, 2, 10, 3, 10, 6, 50};
  moments.add(rows.data(), 4);
  EXPECT_DOUBLE_EQ(moments.mean(0), 3);
  EXPECT_DOUBLE_EQ(moments.variance(0), 3.5);
  EXPECT_DOUBLE_EQ(moments.mean(1), 20);
  EXPECT_DOUBLE_EQ(moments.variance(1), 300);
}

TEST(RunningMoments, DoNotDependOnHowRowsAreBatched) {
  RunningMoments moments(1);
  const std::vector<double> rows = {1, 2, 3, 6};
  moments.add(rows.data(), 1);
  moments.add(rows.data() + 1, 2);
  moments.add(rows.data(), 0);
  moments.add(rows.data() + 3, 1);
  EXPECT_EQ(moments.count(), 4);
  EXPECT_DOUBLE_EQ(moments.mean(), 3);
  EXPECT_DOUBLE_EQ(moments.variance(), 3.5);
}

// A million and a millionth: a sum of squares in double would have lost the variance.
TEST(RunningMoments, KeepSmallVariancesOfLargeMeans) {
  RunningMoments moments(1);
  const std::vector<double> rows = {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 6};
  moments.add(rows.data(), 2);
  moments.add(rows.data() + 2, 2);
  EXPECT_NEAR(moments.variance(), 3.5, 1e-6);
}

// ---- RewardNormalizer ---------------------------------------------------------------------------

void update(RewardNormalizer& normalizer, std::vector<float> rewards,
            std::vector<std::uint8_t> ended) {
  normalizer.update(FloatRow(rewards), Row<std::uint8_t>(ended));
}

TEST(RewardNormalizer, BeforeTheFirstRolloutRewardsPassUnchanged) {
  EXPECT_FLOAT_EQ(RewardNormalizer(2, 0.5)(3), 3);
}

// Two envs, gamma 1/2, rows are steps, env 0 ends its episode at step 1:
//   rewards (1 10; 2 20; 4 40); R of env 0: 1, 2.5, then 4 from 0 again; of env 1: 10, 25, 52.5.
//   Mean of the six 95 / 6 = 15.8333333; squares 1 + 6.25 + 16 + 100 + 625 + 2756.25 = 3504.5;
//   variance 3504.5 / 6 - 250.6944444 = 333.3888889, deviation 18.2589400.
TEST(RewardNormalizer, DividesByTheDeviationOfDiscountedReturns) {
  RewardNormalizer normalizer(2, 0.5);
  update(normalizer, {1, 10, 2, 20, 4, 40}, {0, 0, 1, 0, 0, 0});
  EXPECT_NEAR(normalizer(1), 1 / 18.2589400, 1e-7);
  EXPECT_NEAR(normalizer(-40), -40 / 18.2589400, 1e-6);
}

// Returns go on over rollouts: the same rewards in two updates are the same statistics.
TEST(RewardNormalizer, CarriesEachEnvsReturnIntoTheNextRollout) {
  RewardNormalizer normalizer(2, 0.5);
  update(normalizer, {1, 10}, {0, 0});
  update(normalizer, {2, 20, 4, 40}, {1, 0, 0, 0});
  EXPECT_NEAR(normalizer(1), 1 / 18.2589400, 1e-7);
}

// The mean is not subtracted: a reward of 0 stays 0, signs stay. With equal returns the floor
// 1e-8 of the variance is left, and +-1e4 is clipped to +-10.
TEST(RewardNormalizer, KeepsSignsAndClipsAtTen) {
  RewardNormalizer normalizer(1, 0);
  update(normalizer, {5, 5, 5}, {0, 0, 0});
  EXPECT_EQ(normalizer(0), 0);
  EXPECT_EQ(normalizer(1), 10);
  EXPECT_EQ(normalizer(-1), -10);
  EXPECT_FLOAT_EQ(normalizer(5e-4f), 5);
}

TEST(RewardNormalizer, ContinuesExactlyAfterALoad) {
  RewardNormalizer original(2, 0.9);
  update(original, {1, -3, 2, 0.25f}, {0, 1, 0, 0});
  StateWriter out;
  original.save(out);
  RewardNormalizer loaded(2, 0.9);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  loaded.load(in);
  EXPECT_EQ(in.remaining(), 0u);
  for (RewardNormalizer* each : {&original, &loaded}) update(*each, {0.1f, 0.7f}, {0, 0});
  EXPECT_EQ(original(0.3f), loaded(0.3f));
}

TEST(RewardNormalizer, RefusesTheStateOfAnotherNumberOfEnvs) {
  StateWriter out;
  RewardNormalizer(3, 0.9).save(out);
  RewardNormalizer other(2, 0.9);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  EXPECT_THROW(other.load(in), Error);
}

}  // namespace
}  // namespace tern
