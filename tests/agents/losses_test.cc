// Worked examples: every expected number is derived by hand in the comment above it. Gradients are
// held to central differences, and a poisoned gradient shows that the check sees errors.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "agents/reference_losses/advantage.h"
#include "agents/reference_losses/ppo_loss.h"
#include "core/error.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::DoubleEq;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

// ---- Generalised advantages ---------------------------------------------------------------------

// One env, three steps, gamma = lambda = 1/2 unless said otherwise:
//   r = 1, 2, 3;  V(s) = 0.5, 1, 1.5;  V(s') = 1, 1.5, 2.
struct ThreeSteps {
  at::Tensor rewards = floats({1, 2, 3}, {3, 1});
  at::Tensor values = floats({0.5, 1, 1.5}, {3, 1});
  at::Tensor next_values = floats({1, 1.5, 2}, {3, 1});
  at::Tensor terminated = bytes({0, 0, 0}, {3, 1});
  at::Tensor ended = bytes({0, 0, 0}, {3, 1});
  double gamma = 0.5, lambda = 0.5;

  std::vector<double> advantages() const {
    return values_of(generalized_advantages(rewards, values, next_values, terminated, ended, gamma,
                                            lambda));
  }
};

// delta = 1 + 1/2 * 1 - 0.5,  2 + 1/2 * 1.5 - 1,  3 + 1/2 * 2 - 1.5 = 1, 1.75, 2.5
// A_2 = 2.5,  A_1 = 1.75 + 1/4 * 2.5 = 2.375,  A_0 = 1 + 1/4 * 2.375 = 1.59375
TEST(Gae, SumsDiscountedErrorsBackwards) {
  EXPECT_THAT(ThreeSteps().advantages(), ElementsAre(1.59375, 2.375, 2.5));
}

TEST(Gae, LambdaZeroIsTheOneStepError) {
  ThreeSteps steps;
  steps.lambda = 0;
  EXPECT_THAT(steps.advantages(), ElementsAre(1, 1.75, 2.5));
}

// A_0 = r_0 + g r_1 + g^2 r_2 + g^3 V(s_3) - V(s_0) = 1 + 1 + 0.75 + 0.25 - 0.5 = 2.5
// A_1 = r_1 + g r_2 + g^2 V(s_3) - V(s_1) = 2 + 1.5 + 0.5 - 1 = 3
TEST(Gae, LambdaOneIsTheBootstrappedReturnMinusTheValue) {
  ThreeSteps steps;
  steps.lambda = 1;
  EXPECT_THAT(steps.advantages(), ElementsAre(2.5, 3, 2.5));
}

// The episode terminates at step 1: delta_1 = 2 - 1 = 1 = A_1, A_0 = 1 + 1/4 = 1.25. V(s'_1) = 100 is
// that of whatever comes next and must not matter.
TEST(Gae, TerminationTakesAwayTheBootstrapAndStopsTheSum) {
  ThreeSteps steps;
  steps.terminated = steps.ended = bytes({0, 1, 0}, {3, 1});
  steps.next_values = floats({1, 100, 2}, {3, 1});
  EXPECT_THAT(steps.advantages(), ElementsAre(1.25, 1, 2.5));
}

// The episode is cut at step 1 in a state worth 4: delta_1 = 2 + 1/2 * 4 - 1 = 3 = A_1, since the sum
// stops there; A_0 = 1 + 1/4 * 3 = 1.75.
TEST(Gae, TruncationBootstrapsFromFinalObsAndStopsTheSum) {
  ThreeSteps steps;
  steps.ended = bytes({0, 1, 0}, {3, 1});
  steps.next_values = floats({1, 4, 2}, {3, 1});
  EXPECT_THAT(steps.advantages(), ElementsAre(1.75, 3, 2.5));
}

// Two envs, two steps, gamma = lambda = 1/2, rows are steps:
//   r = (1 10; 2 20),  V = (1 2; 3 4),  V' = (3 4; 5 6)
// Env 0 terminates at step 0: A_1 = 2 + 2.5 - 3 = 1.5, A_0 = 1 - 1 = 0.
// Env 1 is truncated at step 1: A_1 = 20 + 3 - 4 = 19, A_0 = 10 + 2 - 2 + 1/4 * 19 = 14.75.
TEST(Gae, EnvsAreColumnsThatDoNotTouch) {
  const at::Tensor advantages = generalized_advantages(
      floats({1, 10, 2, 20}, {2, 2}), floats({1, 2, 3, 4}, {2, 2}), floats({3, 4, 5, 6}, {2, 2}),
      bytes({1, 0, 0, 0}, {2, 2}), bytes({1, 0, 0, 1}, {2, 2}), 0.5, 0.5);
  EXPECT_THAT(advantages.sizes().vec(), ElementsAre(2, 2));
  EXPECT_THAT(values_of(advantages), ElementsAre(0, 14.75, 1.5, 19));
}

TEST(Gae, RefusesShapesThatDiffer) {
  ThreeSteps steps;
  steps.next_values = floats({1, 2}, {2, 1});
  EXPECT_THROW(steps.advantages(), Error);
  steps = ThreeSteps();
  steps.ended = bytes({0, 0, 0}, {1, 3});
  EXPECT_THROW(steps.advantages(), Error);
  steps = ThreeSteps();  // all of one shape, but flat
  for (at::Tensor* each : {&steps.rewards, &steps.values, &steps.next_values, &steps.terminated,
                           &steps.ended}) {
    *each = each->view({3});
  }
  EXPECT_THROW(steps.advantages(), Error);
}

// mean = 2.5; std = sqrt((2.25 + 0.25 + 0.25 + 2.25) / 3) = sqrt(5/3) = 1.2909944
TEST(NormalizedAdvantages, HaveMeanZeroAndBesselDeviationOne) {
  EXPECT_THAT(values_of(normalized_advantages(floats({1, 2, 3, 4}))),
              Pointwise(DoubleNear(1e-6), {-1.1618950, -0.3872983, 0.3872983, 1.1618950}));
}

TEST(NormalizedAdvantages, StayFiniteWhenAllAreEqual) {
  EXPECT_THAT(values_of(normalized_advantages(floats({2, 2, 2}))), ElementsAre(0, 0, 0));
}

// ---- The clipped surrogate ----------------------------------------------------------------------

// A single sample with the given ratio; old log-probability log(1/2).
double surrogate(double ratio, double advantage, double clip_range = 0.2) {
  return ppo_policy_loss(doubles({std::log(0.5 * ratio)}), doubles({std::log(0.5)}),
                         doubles({advantage}), clip_range)
      .item<double>();
}

TEST(PpoPolicyLoss, InsideTheClipIsTheNegatedRatioTimesTheAdvantage) {
  EXPECT_NEAR(surrogate(1.1, 2), -2.2, 1e-12);
  EXPECT_NEAR(surrogate(0.9, 2), -1.8, 1e-12);
  EXPECT_NEAR(surrogate(1.1, -2), 2.2, 1e-12);
  EXPECT_NEAR(surrogate(0.9, -2), 1.8, 1e-12);
}

// A = 2, ratio 1.5: min(3, 1.2 * 2) = 2.4. A = -2, ratio 0.5: min(-1, 0.8 * -2) = -1.6.
TEST(PpoPolicyLoss, ClipsWhatWouldOverstepInTheGoodDirection) {
  EXPECT_NEAR(surrogate(1.5, 2), -2.4, 1e-12);
  EXPECT_NEAR(surrogate(0.5, -2), 1.6, 1e-12);
}

// A = -2, ratio 1.5: min(-3, -2.4) = -3. A = 2, ratio 0.5: min(1, 1.6) = 1.
TEST(PpoPolicyLoss, NeverClipsWhatMustBeUndone) {
  EXPECT_NEAR(surrogate(1.5, -2), 3, 1e-12);
  EXPECT_NEAR(surrogate(0.5, 2), -1, 1e-12);
}

// Mean of -2.2, -2.4 and 3: -1.6 / 3.
TEST(PpoPolicyLoss, IsTheMeanOverTheBatch) {
  const at::Tensor loss = ppo_policy_loss(doubles({std::log(1.1), std::log(1.5), std::log(1.5)}),
                                          doubles({0, 0, 0}), doubles({2, 2, -2}), 0.2);
  EXPECT_NEAR(loss.item<double>(), -1.6 / 3, 1e-12);
}

// Six samples: inside, above and below the clip, for both signs of the advantage.
const std::vector<double> kRatios = {1.1, 1.5, 0.5, 0.9, 1.5, 0.5};
const std::vector<double> kAdvantages = {2, 2, 2, -1, -1, -1};

std::vector<double> log_ratios() {
  std::vector<double> logs;
  for (const double ratio : kRatios) logs.push_back(std::log(ratio));
  return logs;
}

double surrogate_of(const std::vector<double>& log_prob) {
  return ppo_policy_loss(doubles(log_prob), doubles(std::vector<double>(6, 0.0)),
                         doubles(kAdvantages), 0.2)
      .item<double>();
}

std::vector<double> surrogate_gradient() {
  const at::Tensor log_prob = doubles(log_ratios()).set_requires_grad(true);
  ppo_policy_loss(log_prob, doubles(std::vector<double>(6, 0.0)), doubles(kAdvantages), 0.2)
      .backward();
  return values_of(log_prob.grad());
}

// d/d log_prob of -ratio A / 6, and 0 where the clip binds (samples 1 and 5).
TEST(PpoPolicyLoss, GradientIsZeroExactlyWhereTheClipBinds) {
  EXPECT_THAT(surrogate_gradient(),
              Pointwise(DoubleNear(1e-12), {-2.2 / 6, 0.0, -1.0 / 6, 0.9 / 6, 1.5 / 6, 0.0}));
}

TEST(PpoPolicyLoss, GradientMatchesCentralDifferences) {
  EXPECT_LT(worst_gradient_error(surrogate_of, log_ratios(), surrogate_gradient()), 1e-8);
}

TEST(PpoPolicyLoss, APoisonedGradientIsCaught) {
  for (std::size_t i = 0; i < kRatios.size(); ++i) {
    std::vector<double> poisoned = surrogate_gradient();
    poisoned[i] += 1e-3;
    EXPECT_GT(worst_gradient_error(surrogate_of, log_ratios(), poisoned), 1e-4) << "entry " << i;
  }
}

// ---- The critic ---------------------------------------------------------------------------------

// ((1 - 2)^2 + (3 - 1)^2) / 2 = 2.5
TEST(ValueLoss, IsTheMeanSquaredErrorWithoutClipping) {
  EXPECT_DOUBLE_EQ(
      value_loss(doubles({1, 3}), doubles({-50, 50}), doubles({2, 1}), 0).item<double>(), 2.5);
}

// clip 0.5. Sample 0: V = 2, V_old = 0, R = 2.5: errors 0.25 and (0.5 - 2.5)^2 = 4, the larger counts.
// Sample 1: V = 3, V_old = 1, R = 1: errors 4 and (1.5 - 1)^2 = 0.25, the larger counts.
// Sample 2: V = 1.25, V_old = 1, R = 0: inside the clip, both 1.5625.
TEST(ValueLoss, TakesTheLargerOfPlainAndClippedError) {
  EXPECT_DOUBLE_EQ(
      value_loss(doubles({2, 3, 1.25}), doubles({0, 1, 1}), doubles({2.5, 1, 0}), 0.5)
          .item<double>(),
      (4 + 4 + 1.5625) / 3);
}

// Where the clipped error is the larger one, the value has gone far enough: no gradient.
// Elsewhere 2 (V - R) / 3.
TEST(ValueLoss, GradientIsZeroWhereTheClipBinds) {
  const at::Tensor values = doubles({2, 3, 1.25}).set_requires_grad(true);
  value_loss(values, doubles({0, 1, 1}), doubles({2.5, 1, 0}), 0.5).backward();
  EXPECT_THAT(values_of(values.grad()), Pointwise(DoubleNear(1e-12), {0.0, 4.0 / 3, 2.5 / 3}));
}

// ---- What is reported ---------------------------------------------------------------------------

// ratio 2: 2 - 1 - ln 2; ratio 1/2: 1/2 - 1 + ln 2; their mean is 1/4.
TEST(ApproximateKl, AveragesRatioMinusOneMinusLogRatio) {
  const double ln2 = std::log(2.0);
  EXPECT_NEAR(approximate_kl(doubles({ln2, -ln2}), doubles({0, 0})), 0.25, 1e-12);
  EXPECT_EQ(approximate_kl(doubles({-1.5, -3}), doubles({-1.5, -3})), 0);
}

// pi_old = (3/4, 1/4), pi = (1/2, 1/2), four samples in the proportions of pi_old:
//   KL(pi_old || pi) = 3/4 ln(3/2) + 1/4 ln(1/2) = 0.1308121; KL(pi || pi_old) would be 0.1438410.
TEST(ApproximateKl, IsTheDivergenceFromTheOldPolicyToTheNew) {
  const double common = std::log(0.75), rare = std::log(0.25), half = std::log(0.5);
  EXPECT_NEAR(approximate_kl(doubles({half, half, half, half}),
                             doubles({common, common, common, rare})),
              0.1308121, 1e-6);
}

// Ratios 1.3 and 0.7 left [0.8, 1.2], 1.1 and 0.95 did not.
TEST(ClipFraction, CountsRatiosOutsideTheClip) {
  EXPECT_DOUBLE_EQ(
      clip_fraction(doubles({std::log(1.3), std::log(0.7), std::log(1.1), std::log(0.95)}),
                    doubles({0, 0, 0, 0}), 0.2),
      0.5);
}

TEST(ExplainedVariance, IsOneForAPerfectCriticAndZeroForTheMean) {
  const at::Tensor returns = doubles({1, 2, 3, 4});
  EXPECT_THAT(explained_variance(doubles({1, 2, 3, 4}), returns), DoubleEq(1));
  EXPECT_THAT(explained_variance(doubles({2.5, 2.5, 2.5, 2.5}), returns), DoubleEq(0));
  // R - V = 2R has four times the variance: 1 - 4.
  EXPECT_THAT(explained_variance(doubles({-1, -2, -3, -4}), returns), DoubleEq(-3));
}

TEST(ExplainedVariance, IsNanWhereTheReturnsDoNotVary) {
  EXPECT_TRUE(std::isnan(explained_variance(doubles({1, 2}), doubles({3, 3}))));
}

}  // namespace
}  // namespace tern
