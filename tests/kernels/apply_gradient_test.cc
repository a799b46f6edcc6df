// Worked examples by hand.

#include "agents/nn/apply_gradient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

// RMSprop's first step: v = 0.01 g^2, p -= lr g / (sqrt(v) + epsilon) = 10 lr g / (|g| + 10
// epsilon). The gradient (3, 4) has norm 5; scaled to norm 0.05 it is (0.03, 0.04). With epsilon
// 0.001 and lr 1: 0.3 / (0.03 + 0.01) = 7.5 and 0.4 / (0.04 + 0.01) = 8.
TEST(ApplyGradient, ScalesByOneNormOverAllParameters) {
  Optimizer optimizer(2, {"rmsprop", 0.001, 0});
  std::vector<float> parameters = {10, 10}, gradients = {3, 4};
  EXPECT_EQ(apply_gradient(optimizer, parameters, gradients, 1, 0.05), 5);
  EXPECT_THAT(parameters, ElementsAre(FloatNear(2.5f, 1e-4f), FloatNear(2, 1e-4f)));
}

TEST(ApplyGradient, AGradientThatIsNotFiniteMovesNothing) {
  Optimizer optimizer(2, {"adam", 1e-8, 0}), other(2, {"adam", 1e-8, 0});
  std::vector<float> parameters = {1, 2}, same = {1, 2};
  std::vector<float> bad = {1, std::numeric_limits<float>::infinity()}, good = {1, 1};
  EXPECT_FALSE(std::isfinite(apply_gradient(optimizer, parameters, bad, 0.1, 0.5)));
  EXPECT_THAT(parameters, ElementsAre(1, 2));
  apply_gradient(optimizer, parameters, good, 0.1, 0.5);  // the moments did not move either
  apply_gradient(other, same, good, 0.1, 0.5);
  EXPECT_EQ(parameters, same);
}

}  // namespace
}  // namespace tern
