// Worked examples: what counts as a near miss, and what does not.

#include "core/did_you_mean.h"

#include <gtest/gtest.h>

namespace tern {
namespace {

TEST(DidYouMean, CountsEditsAndSwapsOfNeighbours) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("gamma", "gamma"), 0u);
  EXPECT_EQ(edit_distance("gamma", "gama"), 1u);
  EXPECT_EQ(edit_distance("rnage", "range"), 1u);  // one swap
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("CartPole", "cartpole"), 0u);
}

TEST(DidYouMean, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_name("clip_rnage", {"gamma", "clip_range", "value_clip_range"}), "clip_range");
  EXPECT_EQ(nearest_name("cartpole-v1", {"Pendulum-v1", "CartPole-v1"}), "CartPole-v1");
  EXPECT_EQ(nearest_name("CartPole", {"Pendulum-v1", "CartPole-v1"}), "CartPole-v1");
}

TEST(DidYouMean, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(nearest_name("breakout", {"Pendulum-v1", "CartPole-v1"}), "");
  EXPECT_EQ(nearest_name("x", {"y"}), "");
  EXPECT_EQ(nearest_name("", {"y"}), "");
}

TEST(DidYouMean, AsksWhetherThatWasMeant) {
  EXPECT_EQ(did_you_mean("gama", {"gamma"}), " Did you mean 'gamma'?");
  EXPECT_EQ(did_you_mean("gama", {"tau"}), "");
}

}  // namespace
}  // namespace tern
