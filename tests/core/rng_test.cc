// Known answers (reference outputs of SplitMix64 and xoshiro256++, quantiles of the normal
// distribution), laws (moments, independence) with bounds of five standard errors at fixed seeds,
// and golden numbers that keep old runs reproducible.

#include "core/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tern {
namespace {

TEST(Generator, SplitMix64GivesTheReferenceOutputs) {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u,
        16408922859458223821u}) {
    EXPECT_EQ(tern_splitmix64(&state), expected);
  }
}

TEST(Generator, Xoshiro256PlusPlusGivesTheReferenceOutputs) {
  tern_rng rng = {{1, 2, 3, 4}};
  for (const std::uint64_t expected :
       {41943041ul, 58720359ul, 3588806011781223ul, 3591011842654386ul, 9228616714210784205ul,
        9973669472204895162ul, 14011001112246962877ul, 12406186145184390807ul,
        15849039046786891736ul, 10450023813501588000ul}) {
    EXPECT_EQ(tern_rng_next(&rng), expected);
  }
}

TEST(Streams, StayTheSameForEver) {
  // Recorded from the first release; a change here breaks every stored seed.
  EXPECT_EQ(Rng(0, "env", 0).next(), 15125143024702753502u);
  EXPECT_EQ(Rng(7, "random action", 3).next(), 7883160372615410883u);
}

TEST(Streams, DifferBySeedNameAndIndex) {
  std::set<std::uint64_t> first;
  std::size_t streams = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const char* name : {"", "a", "b", "ab", "ba", "env", "env level", "action"}) {
      for (std::uint64_t index = 0; index < 50; ++index, ++streams) {
        first.insert(Rng(seed, name, index).next());
      }
    }
  }
  EXPECT_EQ(first.size(), streams);
}

TEST(Streams, NeighboursAreUncorrelated) {
  constexpr int kDraws = 100'000;
  const std::array<std::array<Rng, 2>, 3> pairs = {{{Rng(0, "env", 0), Rng(0, "env", 1)},
                                                    {Rng(0, "env", 0), Rng(1, "env", 0)},
                                                    {Rng(0, "env", 0), Rng(0, "action", 0)}}};
  for (std::array<Rng, 2> pair : pairs) {
    double sum = 0;
    for (int i = 0; i < kDraws; ++i) {
      sum += (pair[0].uniform() - 0.5) * (pair[1].uniform() - 0.5);
    }
    // The product of two independent centred uniforms has variance (1/12)^2.
    EXPECT_LT(std::fabs(sum / kDraws), 5 * (1.0 / 12) / std::sqrt(kDraws));
  }
}

TEST(Streams, ContinueFromTheirState) {
  Rng rng(3, "env");
  rng.next();
  Rng copy(rng.state());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rng.next(), copy.next());
}

TEST(Uniform, HasMeanAndVarianceOfTheUnitInterval) {
  constexpr int kDraws = 1'000'000;
  Rng rng(1, "uniform");
  double sum = 0, squares = 0, low = 1, high = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    low = std::min(low, u);
    high = std::max(high, u);
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(high, 1);
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * std::sqrt(1.0 / 12 / kDraws));
  // Var((u - 1/2)^2) = 1/80 - 1/144 = 1/180
  EXPECT_NEAR(squares / kDraws, 1.0 / 12, 5 * std::sqrt(1.0 / 180 / kDraws));
}

TEST(Uniform, CoversTheGivenRange) {
  Rng rng(1, "range");
  for (int i = 0; i < 1000; ++i) {
    const double u = rng.uniform(-3, 5);
    EXPECT_GE(u, -3);
    EXPECT_LT(u, 5);
  }
}

/// Chi-square of counts that should be equal.
double chi_square(const std::vector<int>& counts) {
  double total = 0, sum = 0;
  for (const int count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(Below, GivesEachNumberEquallyOften) {
  Rng rng(1, "below");
  for (const std::uint32_t n : {1u, 2u, 3u, 7u, 10u}) {
    std::vector<int> counts(n);
    for (int i = 0; i < 100'000; ++i) ++counts.at(rng.below(n));
    // Beyond the mean n - 1 by five standard deviations sqrt(2 (n - 1)).
    EXPECT_LE(chi_square(counts), (n - 1) + 5 * std::sqrt(2.0 * (n - 1))) << n;
  }
}

TEST(Below, IsUnbiasedWhereTheProductAloneWouldNotBe) {
  // Without rejection, of n = 3 * 2^30 every third value would come up twice as often.
  Rng rng(1, "below");
  std::vector<int> counts(3);
  for (int i = 0; i < 100'000; ++i) ++counts[rng.below(3u << 30) % 3];
  EXPECT_LT(chi_square(counts), 2 + 5 * std::sqrt(4.0));
}

TEST(Normal, HasTheMomentsOfTheStandardNormal) {
  constexpr int kDraws = 1'000'000;
  Rng rng(1, "normal");
  double sum = 0, squares = 0, cubes = 0, fourths = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
  }
  // Variances of x, x^2, x^3, x^4: 1, 2, 15, 96.
  EXPECT_NEAR(sum / kDraws, 0, 5 * std::sqrt(1.0 / kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(cubes / kDraws, 0, 5 * std::sqrt(15.0 / kDraws));
  EXPECT_NEAR(fourths / kDraws, 3, 5 * std::sqrt(96.0 / kDraws));
}

TEST(Normal, FollowsTheDistributionFunction) {
  // Kolmogorov and Smirnov: D sqrt(n) exceeds 1.95 with probability 0.001.
  constexpr int kDraws = 100'000;
  Rng rng(2, "normal");
  std::vector<double> draws(kDraws);
  for (double& x : draws) x = rng.normal();
  std::sort(draws.begin(), draws.end());
  double distance = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double p = 0.5 * std::erfc(-draws[static_cast<std::size_t>(i)] / std::sqrt(2.0));
    distance = std::max({distance, std::fabs(p - static_cast<double>(i) / kDraws),
                         std::fabs(p - (i + 1.0) / kDraws)});
  }
  EXPECT_LT(distance * std::sqrt(kDraws), 1.95);
}

TEST(Normal, QuantilesAreTheKnownOnes) {
  EXPECT_EQ(tern_normal_quantile(0.5), 0);
  EXPECT_NEAR(tern_normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(tern_normal_quantile(0.841344746068542949), 1, 1e-15);
  EXPECT_NEAR(tern_normal_quantile(1e-10), -6.361340902404056, 1e-14);
}

TEST(Normal, QuantileInvertsTheDistributionFunctionInAllItsBranches) {
  for (double p = 1e-300; p < 0.5; p *= 1.7) {
    const double x = tern_normal_quantile(p);
    // The relative error of p is that of x times x * phi(x) / p, which is at most x^2 + 1.
    EXPECT_NEAR(0.5 * std::erfc(-x / std::sqrt(2.0)) / p, 1, 1e-15 * (x * x + 2)) << p;
  }
}

TEST(Chance, HappensAsOftenAsItSays) {
  constexpr int kDraws = 1'000'000;
  Rng rng(1, "chance");
  int happened = 0;
  for (int i = 0; i < kDraws; ++i) happened += rng.chance(0.3) ? 1 : 0;
  EXPECT_NEAR(happened, 0.3 * kDraws, 5 * std::sqrt(0.3 * 0.7 * kDraws));
  EXPECT_FALSE(rng.chance(0));
  EXPECT_TRUE(rng.chance(1));
}

TEST(Shuffle, GivesEachOrderEquallyOften) {
  Rng rng(1, "shuffle");
  std::map<std::vector<int>, int> orders;
  for (int i = 0; i < 60'000; ++i) {
    std::vector<int> items = {1, 2, 3};
    rng.shuffle(Row<int>(items));
    ++orders[items];
  }
  ASSERT_EQ(orders.size(), 6u);
  std::vector<int> counts;
  for (const auto& [order, count] : orders) counts.push_back(count);
  EXPECT_LT(chi_square(counts), 5 + 5 * std::sqrt(10.0));
}

}  // namespace
}  // namespace tern
