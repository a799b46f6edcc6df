// Remarks on bounds that are legal and that no policy learns well with.

#include "envs/conformance/action_bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace tern {
namespace {

using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string remark_on(double low, double high) {
  return bounds_remark(
      ActionSpace::box({ActionSpace::real("turn", -1, 1), ActionSpace::real("speed", low, high)}));
}

TEST(BoundsRemark, IsMadeOfOneSidedBounds) {
  EXPECT_THAT(remark_on(0, kInfinity),
              HasSubstr("the bounds of action component 'speed' are 0 to inf: with one side only"));
  EXPECT_THAT(remark_on(-kInfinity, 3), HasSubstr("are -inf to 3: with one side only"));
}

TEST(BoundsRemark, IsMadeOfHugeBounds) {
  EXPECT_THAT(remark_on(-1e9, 1e9), HasSubstr("'speed' are -1e+9 to 1e+9: policies begin in the middle"));
  EXPECT_THAT(remark_on(0, 3.4e38), HasSubstr("are 0 to 3.4e+38"));
}

TEST(BoundsRemark, IsNotMadeOfBoundsThatHoldOneRangeOrNone) {
  EXPECT_EQ(remark_on(100, 200), "");
  EXPECT_EQ(remark_on(0, 1e-6), "");
  EXPECT_EQ(remark_on(-kInfinity, kInfinity), "");
  EXPECT_EQ(bounds_remark(ActionSpace::discrete({"left", "right"})), "");
}

}  // namespace
}  // namespace tern
