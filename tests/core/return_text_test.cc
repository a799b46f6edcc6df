// Returns for people: worked examples.

#include "core/metrics/return_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tern {
namespace {

TEST(ReturnText, DecimalsFollowTheSpread) {
  EXPECT_EQ(return_text(487.31, 31.24), "487.3 +- 31.2");
  EXPECT_EQ(return_text(0.965, 0.0231), "0.9650 +- 0.0231");
  EXPECT_EQ(return_text(0.5, 0.5), "0.500 +- 0.500");
  EXPECT_EQ(return_text(-1234.56, 987.6), "-1234.6 +- 987.6");
  EXPECT_EQ(return_text(1, 1e-9), "1.000000 +- 0.000000");
}

TEST(ReturnText, WithoutASpreadTheMeanHasAllItsDecimals) {
  EXPECT_EQ(return_text(0.965, 0), "0.965 +- 0.000");
  EXPECT_EQ(return_text(500, 0), "500.0 +- 0.0");
  EXPECT_EQ(return_text(-100000, 0), "-100000.0 +- 0.0");
  EXPECT_EQ(return_text(1.0 / 3, 0), "0.333333 +- 0.000000");
}

TEST(ReturnText, InfiniteReturnsSaySo) {
  EXPECT_EQ(return_text(-HUGE_VAL, std::nan("1")), "-inf +- nan");
}

TEST(ReturnText, OneReturnHasThreeDigits) {
  EXPECT_EQ(return_text(187.24), "187.2");
  EXPECT_EQ(return_text(12.345), "12.3");
  EXPECT_EQ(return_text(1.234), "1.23");
  EXPECT_EQ(return_text(0.965), "0.965");
  EXPECT_EQ(return_text(0), "0.0");
  EXPECT_EQ(return_text(-21), "-21.0");
}

}  // namespace
}  // namespace tern
