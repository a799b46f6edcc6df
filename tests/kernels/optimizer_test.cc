// Worked examples: optimiser steps by hand, at every SIMD level; laws of saving and of averaging.

#include "agents/kernels/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/rng.h"
#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;
using Floats = std::vector<float>;

class Optimizers : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, Optimizers, every_simd_level(), simd_level_name);

/// `optimizer` for each gradient in turn, from `p`; returns the last parameters.
template <class O>
Floats after(O& optimizer, Floats p, const std::vector<Floats>& gradients, double rate,
             double scale = 1) {
  for (const Floats& g : gradients) optimizer.step(Row<float>(p), Row<const float>(g), rate, scale);
  return p;
}

// b1 = 0.9, b2 = 0.999, learning rate 0.1, epsilon 1 (large, so that its place shows), g = 3
// then 1. Step 1: m = 0.3, v = 0.009; corrected m = 3, v = 9; p -= 0.1 * 3 / (3 + 1) = 0.075.
//   (Inside the root epsilon would give 0.0948683, before the correction of v 0.2739949.)
// Step 2: m = 0.27 + 0.1 = 0.37, v = 0.008991 + 0.001 = 0.009991;
//   corrected m = 0.37 / 0.19 = 1.9473684, v = 0.009991 / 0.001999 = 4.9979990, root 2.2356205;
//   p -= 0.1 * 1.9473684 / 3.2356205 = 0.0601853.
TEST_P(Optimizers, AdamTakesTwoStepsAsByHand) {
  Adam adam(1, /*epsilon=*/1);
  Floats p = after(adam, {10}, {{3}}, 0.1);
  EXPECT_NEAR(p[0], 10 - 0.075, 1e-6);
  p = after(adam, p, {{1}}, 0.1);
  EXPECT_NEAR(p[0], 10 - 0.075 - 0.0601853, 1e-6);
}

// A gradient of 6 with scale 1/2 is one of 3.
TEST_P(Optimizers, TheScaleIsPartOfTheGradient) {
  Adam adam(1, /*epsilon=*/1);
  EXPECT_NEAR(after(adam, {10}, {{6}}, 0.1, 0.5)[0], 10 - 0.075, 1e-6);
  RmsProp rmsprop(1, /*epsilon=*/1, /*decay=*/0.75);
  EXPECT_NEAR(after(rmsprop, {10}, {{8}}, 0.1, 0.5)[0], 10 - 0.1 * 4 / 3, 1e-6);
}

// As the first step above; the decay takes 0.1 * 0.5 of the parameter 10 as well.
TEST_P(Optimizers, AdamWDecaysParametersApartFromTheGradient) {
  Adam adam(1, /*epsilon=*/1, 0.9, 0.999, /*weight_decay=*/0.5);
  EXPECT_NEAR(after(adam, {10}, {{3}}, 0.1)[0], 10 - 0.075 - 0.5, 1e-6);
}

// decay 0.75, epsilon 1, g = 4 then 2: v = 4, p -= 0.1 * 4 / (2 + 1) = 0.1333333;
// v = 3 + 1 = 4, p -= 0.1 * 2 / 3 = 0.0666667.
TEST_P(Optimizers, RmsPropTakesTwoStepsAsByHand) {
  RmsProp rmsprop(1, /*epsilon=*/1, /*decay=*/0.75);
  EXPECT_NEAR(after(rmsprop, {10}, {{4}, {2}}, 0.1)[0], 10 - 0.2, 1e-6);
}

// The three by name, each the step by hand from above; RMSprop has decay 0.99 when it is made by
// name: v = 0.01 * 16 = 0.16, p -= 0.1 * 4 / (0.4 + 1) = 0.2857143.
TEST_P(Optimizers, ANameChoosesTheOptimizer) {
  Optimizer adam(1, {"adam", /*epsilon=*/1});
  EXPECT_NEAR(after(adam, {10}, {{3}}, 0.1)[0], 10 - 0.075, 1e-6);
  Optimizer adamw(1, {"adamw", /*epsilon=*/1, /*weight_decay=*/0.5});
  EXPECT_NEAR(after(adamw, {10}, {{3}}, 0.1)[0], 10 - 0.075 - 0.5, 1e-6);
  Optimizer rmsprop(1, {"rmsprop", /*epsilon=*/1});
  EXPECT_NEAR(after(rmsprop, {10}, {{4}}, 0.1)[0], 10 - 0.2857143, 1e-6);
}

TEST(OptimizerOptions, AnUnknownNameAndAnUnreadWeightDecayAreErrors) {
  EXPECT_THROW(Optimizer(1, {"sgd"}), Error);
  EXPECT_THROW(Optimizer(1, {"adam", 1e-8, 0.1}), Error);
  EXPECT_THROW(Optimizer(1, {"rmsprop", 1e-8, 0.1}), Error);
}

// With a vanishing epsilon the first step is lr * g / |g|, whatever the size of g. Both moments are
// weighted and corrected by the same numbers, so only float32 rounding is left.
TEST_P(Optimizers, AdamsFirstStepMovesByTheLearningRate) {
  Adam adam(3, /*epsilon=*/1e-30);
  EXPECT_THAT(after(adam, {0, 0, 0}, {{1e-3f, 7, -200}}, 0.25),
              Pointwise(DoubleNear(2.5e-7), {-0.25, -0.25, 0.25}));
}

// Whole vectors and what is left over: each element goes as it would alone. Nothing behind the end
// is touched.
TEST_P(Optimizers, ElementsDoNotTouch) {
  constexpr std::size_t kSize = 37;
  Rng rng(1, "elements");
  Floats start(kSize), g(kSize);
  for (std::size_t i = 0; i < kSize; ++i) {
    start[i] = static_cast<float>(rng.normal());
    g[i] = static_cast<float>(rng.normal());
  }
  Adam all(kSize, 1e-5);
  RmsProp all_rms(kSize, 1e-5);
  const Floats adam_all = after(all, start, {g, g}, 0.01);
  const Floats rms_all = after(all_rms, start, {g, g}, 0.01);
  Floats averaged = start;
  polyak_average(Row<float>(averaged), Row<const float>(g), 0.25);
  for (std::size_t i = 0; i < kSize; ++i) {
    Adam one(1, 1e-5);
    RmsProp one_rms(1, 1e-5);
    EXPECT_EQ(after(one, {start[i]}, {{g[i]}, {g[i]}}, 0.01)[0], adam_all[i]);
    EXPECT_EQ(after(one_rms, {start[i]}, {{g[i]}, {g[i]}}, 0.01)[0], rms_all[i]);
    EXPECT_NEAR(averaged[i], 0.75 * start[i] + 0.25 * g[i], 1e-6);
  }
}

template <class O, class Options>
void expect_to_continue_exactly_after_a_load(const Options& options) {
  O original(2, options);
  const Floats p = after(original, {1, -1}, {{0.3f, 0.7f}, {-0.1f, 0.2f}}, 0.01);
  StateWriter out;
  original.save(out);
  O loaded(2, options);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  loaded.load(in);
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_EQ(after(original, p, {{0.4f, 0.4f}}, 0.01), after(loaded, p, {{0.4f, 0.4f}}, 0.01));
  O fresh(2, options);
  EXPECT_NE(after(fresh, p, {{0.4f, 0.4f}}, 0.01), after(loaded, p, {{0.4f, 0.4f}}, 0.01));
  StateReader again{Row<const std::uint8_t>(out.bytes())};
  O other(3, options);
  EXPECT_THROW(other.load(again), Error);
}

TEST(Adam, ContinuesExactlyAfterALoad) {
  expect_to_continue_exactly_after_a_load<Adam>(1e-5);
}
TEST(RmsProp, ContinuesExactlyAfterALoad) {
  expect_to_continue_exactly_after_a_load<RmsProp>(1e-5);
}
TEST(Optimizer, ContinuesExactlyAfterALoad) {
  for (const char* kind : {"adam", "rmsprop"}) {
    expect_to_continue_exactly_after_a_load<Optimizer>(OptimizerOptions{kind});
  }
}

// |(3, 4, 0, ..)| = 5, and 100 times 2 has norm 20.
TEST_P(Optimizers, GradientNormIsEuclidean) {
  Floats g(41, 0.0f);
  g[0] = 3;
  g[40] = 4;
  EXPECT_EQ(gradient_norm(Row<const float>(g)), 5);
  EXPECT_EQ(gradient_norm(Row<const float>(Floats(100, 2.0f))), 20);
}

TEST_P(Optimizers, GradientNormReportsWhatIsNotFinite) {
  for (const std::size_t at : {0, 30, 36}) {
    Floats g(37, 1.0f);
    g[at] = NAN;
    EXPECT_TRUE(std::isnan(gradient_norm(Row<const float>(g)))) << at;
  }
}

TEST(ClipScale, ScalesLongGradientsDownToTheLimit) {
  EXPECT_NEAR(clip_scale(5, 2.5), 0.5, 1e-6);
}
TEST(ClipScale, LeavesShortGradientsAlone) {
  EXPECT_EQ(clip_scale(5, 5), 1);
}
TEST(ClipScale, ZeroIsNoLimit) {
  EXPECT_EQ(clip_scale(500, 0), 1);
}

// 3/4 * 2 + 1/4 * 10 = 4; 3/4 * -4 + 1/4 * 0 = -3.
TEST_P(Optimizers, PolyakAverageMovesTheShareTauOfTheWay) {
  Floats target = {2, -4};
  polyak_average(Row<float>(target), Row<const float>(Floats{10, 0}), 0.25);
  EXPECT_THAT(target, ElementsAre(4, -3));
}

// 1e8 + (0.1 - 1e8) is not 0.1 in float32: tau 1 must copy.
TEST(PolyakAverage, TauOneCopiesExactly) {
  Floats target = {1e8f, -1};
  polyak_average(Row<float>(target), Row<const float>(Floats{0.1f, 1e-20f}), 1);
  EXPECT_THAT(target, ElementsAre(0.1f, 1e-20f));
}

TEST(PolyakAverage, TauZeroKeepsTheTarget) {
  Floats target = {2, -4};
  polyak_average(Row<float>(target), Row<const float>(Floats{10, 0}), 0);
  EXPECT_THAT(target, ElementsAre(2, -4));
}

}  // namespace
}  // namespace tern
