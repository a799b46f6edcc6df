// Worked examples: optimiser steps by hand; laws of saving and of averaging.

#include "agents/nn/adam.h"

#include <ATen/ops/equal.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

// b1 = 0.9, b2 = 0.999, learning rate 0.1, epsilon 1 (large, so that its place shows), g = 3 then 1.
// Step 1: m = 0.3, v = 0.009; corrected m = 3, v = 9; p -= 0.1 * 3 / (3 + 1) = 0.075.
//   (Inside the root epsilon would give 0.0948683, before the correction of v 0.2739949.)
// Step 2: m = 0.27 + 0.1 = 0.37, v = 0.008991 + 0.001 = 0.009991;
//   corrected m = 0.37 / 0.19 = 1.9473684, v = 0.009991 / 0.001999 = 4.9979990, root 2.2356205;
//   p -= 0.1 * 1.9473684 / 3.2356205 = 0.0601853.
TEST(Adam, TakesTwoStepsAsByHand) {
  Adam adam(1, /*epsilon=*/1);
  at::Tensor p = floats({10});
  adam.step(p, floats({3}), 0.1);
  EXPECT_NEAR(p.item<double>(), 10 - 0.075, 1e-6);
  adam.step(p, floats({1}), 0.1);
  EXPECT_NEAR(p.item<double>(), 10 - 0.075 - 0.0601853, 1e-6);
}

// With a vanishing epsilon the first step is lr * g / |g|, whatever the size of g. Both moments are
// weighted and corrected by the same numbers, so only float32 rounding is left.
TEST(Adam, FirstStepMovesByTheLearningRate) {
  Adam adam(3, /*epsilon=*/1e-30);
  at::Tensor p = floats({0, 0, 0});
  adam.step(p, floats({1e-3, 7, -200}), 0.25);
  EXPECT_THAT(values_of(p), Pointwise(DoubleNear(2.5e-7), {-0.25, -0.25, 0.25}));
}

TEST(Adam, ElementsDoNotTouch) {
  Adam both(2, 1e-5), one(1, 1e-5);
  at::Tensor pair = floats({1, 2}), single = floats({2});
  for (const float g : {0.5f, -1.0f, 0.25f}) {
    both.step(pair, floats({100 * g, g}), 0.01);
    one.step(single, floats({g}), 0.01);
  }
  EXPECT_EQ(pair[1].item<float>(), single[0].item<float>());
}

TEST(Adam, ContinuesExactlyAfterALoad) {
  Adam original(2, 1e-5);
  at::Tensor p = floats({1, -1});
  original.step(p, floats({0.3f, 0.7f}), 0.01);
  original.step(p, floats({-0.1f, 0.2f}), 0.01);
  StateWriter out;
  original.save(out);
  Adam loaded(2, 1e-5);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  loaded.load(in);
  EXPECT_EQ(in.remaining(), 0u);
  at::Tensor q = p.clone();
  original.step(p, floats({0.4f, 0.4f}), 0.01);
  loaded.step(q, floats({0.4f, 0.4f}), 0.01);
  EXPECT_TRUE(at::equal(p, q));
}

TEST(Adam, RefusesTheStateOfAnotherSize) {
  StateWriter out;
  Adam(3, 1e-5).save(out);
  Adam other(2, 1e-5);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  EXPECT_THROW(other.load(in), Error);
}

// |(3, 4)| = 5.
TEST(ClipGradientNorm, ScalesLongGradientsDownToTheLimit) {
  at::Tensor g = floats({3, 4});
  EXPECT_EQ(clip_gradient_norm(g, 2.5), 5);
  EXPECT_THAT(values_of(g), Pointwise(DoubleNear(1e-6), {1.5, 2.0}));
}

TEST(ClipGradientNorm, LeavesShortGradientsAlone) {
  at::Tensor g = floats({3, 4});
  EXPECT_EQ(clip_gradient_norm(g, 5), 5);
  EXPECT_THAT(values_of(g), ElementsAre(3, 4));
}

TEST(ClipGradientNorm, ZeroIsNoLimit) {
  at::Tensor g = floats({300, 400});
  EXPECT_EQ(clip_gradient_norm(g, 0), 500);
  EXPECT_THAT(values_of(g), ElementsAre(300, 400));
}

TEST(ClipGradientNorm, ReportsWhatIsNotFinite) {
  at::Tensor g = floats({1, NAN});
  EXPECT_TRUE(std::isnan(clip_gradient_norm(g, 1)));
}

// 3/4 * 2 + 1/4 * 10 = 4; 3/4 * -4 + 1/4 * 0 = -3.
TEST(PolyakUpdate, MovesTheShareTauOfTheWay) {
  at::Tensor target = floats({2, -4});
  polyak_update(target, floats({10, 0}), 0.25);
  EXPECT_THAT(values_of(target), ElementsAre(4, -3));
}

// 1e8 + (0.1 - 1e8) is not 0.1 in float32: tau 1 must copy.
TEST(PolyakUpdate, TauOneCopiesExactly) {
  at::Tensor target = floats({1e8f, -1});
  polyak_update(target, floats({0.1f, 1e-20f}), 1);
  EXPECT_TRUE(at::equal(target, floats({0.1f, 1e-20f})));
}

TEST(PolyakUpdate, TauZeroKeepsTheTarget) {
  at::Tensor target = floats({2, -4});
  polyak_update(target, floats({10, 0}), 0);
  EXPECT_THAT(values_of(target), ElementsAre(2, -4));
}

}  // namespace
}  // namespace tern
