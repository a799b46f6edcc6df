// Laws of random actions: inside the space, allowed, and each equally often.

#include "envs/random_action.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace tern {
namespace {

TEST(RandomAction, TakesEachAllowedChoiceEquallyOften) {
  const ActionSpace space = ActionSpace::discrete({"a", "b", "c", "d", "e"});
  std::vector<std::uint8_t> mask = {0, 1, 0, 1, 1};
  Rng rng(0, "random action");
  std::vector<int> counts(5);
  std::int32_t action = -1;
  for (int i = 0; i < 3000; ++i) {
    random_action(space, MaskRow(mask), rng, MutableActionRow(Row<std::int32_t>(&action, 1)));
    ++counts.at(static_cast<std::size_t>(action));
  }
  EXPECT_EQ(counts[0] + counts[2], 0);
  for (const std::size_t choice : {1u, 3u, 4u}) EXPECT_NEAR(counts[choice], 1000, 5 * 26);
}

TEST(RandomAction, WithoutAMaskEverythingIsAllowed) {
  const ActionSpace space = ActionSpace::discrete({"a", "b"});
  std::vector<std::uint8_t> zeros = {0, 0};
  Rng rng(0, "random action");
  std::array<int, 2> counts = {};
  std::int32_t action = -1;
  for (int i = 0; i < 2000; ++i) {
    random_action(space, i % 2 == 0 ? MaskRow() : MaskRow(zeros), rng,
                  MutableActionRow(Row<std::int32_t>(&action, 1)));
    ++counts.at(static_cast<std::size_t>(action));
  }
  EXPECT_NEAR(counts[0], 1000, 5 * 22.4);
}

TEST(RandomAction, EachComponentHasItsOwnMask) {
  ActionComponent move, fire;
  move.options = {"left", "stay", "right"};
  fire.options = {"no", "yes"};
  const ActionSpace space = ActionSpace::multi_discrete({move, fire});
  std::vector<std::uint8_t> mask = {0, 0, 1, 1, 0};
  Rng rng(0, "random action");
  std::vector<std::int32_t> action(2);
  for (int i = 0; i < 100; ++i) {
    random_action(space, MaskRow(mask), rng, MutableActionRow(Row<std::int32_t>(action)));
    ASSERT_EQ(action, (std::vector<std::int32_t>{2, 0}));
  }
}

TEST(RandomAction, OfABoxLiesInItsBoundsOrNearTheBoundedSide) {
  const ActionSpace space = ActionSpace::box(
      {ActionSpace::real("a", -2, 2), ActionSpace::real("b", 100, kUnbounded),
       ActionSpace::real("c", -kUnbounded, kUnbounded)});
  Rng rng(0, "random action");
  std::vector<float> action(3);
  float low = 0, high = 0;
  for (int i = 0; i < 1000; ++i) {
    random_action(space, MaskRow(), rng, MutableActionRow(Row<float>(action)));
    low = std::min(low, action[0]);
    high = std::max(high, action[0]);
    ASSERT_GE(action[1], 100);
    ASSERT_LE(action[1], 110);
    ASSERT_LE(std::abs(action[2]), 10);
  }
  EXPECT_GE(low, -2);
  EXPECT_LE(high, 2);
  EXPECT_LT(low, -1.9);
  EXPECT_GT(high, 1.9);
}

}  // namespace
}  // namespace tern
