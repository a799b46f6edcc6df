// Worked examples: the deviation of numbers that lie close together and far from 0.

#include "core/mean_and_deviation.h"

#include <gtest/gtest.h>

#include <vector>

namespace tern {
namespace {

MeanAndDeviation of(const std::vector<double>& values) { return mean_and_deviation(values); }

TEST(MeanAndDeviation, IsThatOfTheNumbersThemselves) {
  EXPECT_EQ(of({1, 2, 3, 6}).mean, 3);
  EXPECT_EQ(of({2, 4, 4, 4, 5, 5, 7, 9}).deviation, 2);  // squares: 9 1 1 1 0 0 4 16
  EXPECT_EQ(of({5}).deviation, 0);
  EXPECT_EQ(of({}).mean, 0);
}

// The squares of 1e9 and 1e9 + 64 differ from 1e18 by less than the last digits of their sum.
TEST(MeanAndDeviation, DoesNotCancelFarFromZero) {
  const MeanAndDeviation far = of({1e9, 1e9 + 64});
  EXPECT_EQ(far.mean, 1e9 + 32);
  EXPECT_EQ(far.deviation, 32);
  EXPECT_EQ(of({-1e15, -1e15 - 2}).deviation, 1);
}

}  // namespace
}  // namespace tern
