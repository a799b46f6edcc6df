// Worked examples: what an env is handed for what a policy says.

#include "envs/action_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace tern {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<float> to_env(const ActionSpace& space, std::vector<float> action) {
  ActionUnits(space).to_env(MutableActionRow(FloatRow(action)));
  return action;
}

TEST(ActionUnits, MinusOneAndOneAreTheBoundsAndZeroIsTheMiddle) {
  const ActionSpace space = ActionSpace::box({ActionSpace::real("u", 100, 200),
                                              ActionSpace::real("torque", -2, 2),
                                              ActionSpace::real("gas", 0, 1)});
  EXPECT_THAT(to_env(space, {-1, -1, -1}), ElementsAre(100, -2, 0));
  EXPECT_THAT(to_env(space, {0, 0, 0}), ElementsAre(150, 0, 0.5));
  EXPECT_THAT(to_env(space, {1, 1, 1}), ElementsAre(200, 2, 1));
  EXPECT_THAT(to_env(space, {0.5, 0.25, -0.5}), ElementsAre(175, 0.5, 0.25));
}

TEST(ActionUnits, WhatIsOutsideOfTheRangeIsClamped) {
  const ActionSpace space = ActionSpace::box({ActionSpace::real("u", 100, 200),
                                              ActionSpace::real("torque", -2, 2)});
  EXPECT_THAT(to_env(space, {-7, 1.5}), ElementsAre(100, 2));
  EXPECT_THAT(to_env(space, {3, -1.01f}), ElementsAre(200, -2));
}

TEST(ActionUnits, AComponentThatLacksABoundKeepsTheEnvsUnits) {
  const ActionSpace space = ActionSpace::box({ActionSpace::real("free", -kInfinity, kInfinity),
                                              ActionSpace::real("from 3", 3, kInfinity),
                                              ActionSpace::real("to 3", -kInfinity, 3)});
  EXPECT_THAT(to_env(space, {70, 70, 70}), ElementsAre(70, 70, 3));
  EXPECT_THAT(to_env(space, {-70, -70, -70}), ElementsAre(-70, 3, -70));
}

// Between -1 and 1 nothing changes, not by a bit, whatever the number.
TEST(ActionUnits, BetweenMinusOneAndOneAreTheEnvsOwn) {
  const ActionSpace space = ActionSpace::box({ActionSpace::real("guess", -1, 1)});
  for (const float u : {0.1f, -0.3333333f, 1e-30f, 0.99999994f, -1.17549435e-38f}) {
    const float given = to_env(space, {u})[0];
    EXPECT_EQ(std::memcmp(&given, &u, sizeof u), 0) << u;
  }
}

// The middle and half of the range of all floats are numbers, too.
TEST(ActionUnits, OfAllFloatsAreFinite) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const ActionSpace space = ActionSpace::box({ActionSpace::real("u", -kLargest, kLargest)});
  EXPECT_THAT(to_env(space, {0}), ElementsAre(0));
  EXPECT_THAT(to_env(space, {1}), ElementsAre(kLargest));
}

TEST(ActionUnits, LeaveChoicesAlone) {
  std::vector<std::int32_t> action = {2};
  ActionUnits(ActionSpace::discrete({"left", "stay", "right"}))
      .to_env(MutableActionRow(Row<std::int32_t>(action)));
  EXPECT_THAT(action, ElementsAre(2));
}

}  // namespace
}  // namespace tern
