// Oracle: sincos() against the C library's long double functions, with the bound that its comment
// promises; and laws of sine and cosine that hold exactly.

#include "core/trig.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"

namespace tern {
namespace {

/// The distance of `value` from `exact` in units in the last place of the double nearest to `exact`.
double error_in_ulps(double value, long double exact) {
  const double nearest = static_cast<double>(exact);
  const double ulp = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return static_cast<double>(std::fabs(static_cast<long double>(value) - exact)) / ulp;
}

double worst_error(double x) {
  const SinCos ours = sincos(x);
  return std::max(error_in_ulps(ours.sin, std::sin(static_cast<long double>(x))),
                  error_in_ulps(ours.cos, std::cos(static_cast<long double>(x))));
}

TEST(SinCosine, AreWithinOneAndAHalfUlpsOverThePromisedRange) {
  Rng rng(0, "angles");
  for (const double range : {1e-6, 1.0, 10.0, 1e3, 1e6}) {
    for (int i = 0; i < 100'000; ++i) {
      const double x = rng.uniform(-range, range);
      ASSERT_LE(worst_error(x), 1.5) << x;
    }
  }
}

TEST(SinCosine, AreWithinOneAndAHalfUlpsNextToTheirZeros) {
  // Where the argument is next to a multiple of pi/2, the result is all reduction error.
  for (int n = -600'000; n <= 600'000; n += 7) {
    double x = n * 1.57079632679489661923;
    for (const double direction : {-INFINITY, INFINITY}) {
      ASSERT_LE(worst_error(x), 1.5) << n;
      x = std::nextafter(x, direction);
    }
  }
}

TEST(SinCosine, AreExactAtZero) {
  EXPECT_EQ(sincos(0).sin, 0);
  EXPECT_EQ(sincos(0).cos, 1);
}

TEST(SinCosine, AreOddAndEvenExactly) {
  Rng rng(1, "angles");
  for (int i = 0; i < 100'000; ++i) {
    const double x = rng.uniform(0, 100);
    ASSERT_EQ(sincos(-x).sin, -sincos(x).sin) << x;
    ASSERT_EQ(sincos(-x).cos, sincos(x).cos) << x;
  }
}

TEST(SinCosine, NeverLeaveTheUnitInterval) {
  for (int n = -1000; n <= 1000; ++n) {
    const double x = n * 1.57079632679489661923;
    for (const double y : {std::nextafter(x, -INFINITY), x, std::nextafter(x, INFINITY)}) {
      EXPECT_LE(std::fabs(sincos(y).sin), 1);
      EXPECT_LE(std::fabs(sincos(y).cos), 1);
    }
  }
}

}  // namespace
}  // namespace tern
