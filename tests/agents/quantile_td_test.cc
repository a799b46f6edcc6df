// Proof of Q-learning by quantile regression: worked examples by hand, the closed form against the
// reference on LibTorch's tape, and what its loss is least at.

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "agents/losses/quantile_td_closed_form.h"
#include "agents/reference_losses/q_learning.h"
#include "core/rng.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using Floats = std::vector<float>;

// Two actions of two quantiles each, gamma 0.5, r = 1; theta(s', 0) = (1, 3) with mean 2, theta(s',
// 1) = (0, 6) with mean 3.
//   row 0: both allowed: 1 is best, y = 1 + 0.5 (0, 6) = (1, 4)
//   row 1: only 0 allowed:          y = 1 + 0.5 (1, 3) = (1.5, 2.5)
//   row 2: terminated:              y = (1, 1)
const Floats kNext = {1, 3, 0, 6, 1, 3, 0, 6, 1, 3, 0, 6};
const std::vector<std::uint8_t> kMask = {1, 1, 1, 0, 1, 1}, kEnded = {0, 0, 1};
const Floats kRewards = {1, 1, 1}, kDiscounts = {0.5f, 0.5f, 0.5f};

Floats targets_chosen_by(const Floats& choosing) {
  Floats targets(6);
  quantile_td_target_closed_form(
      {kRewards, kDiscounts, kEnded, kNext.data(), choosing.data(), kMask.data(), 2, 2}, targets);
  return targets;
}

TEST(QuantileTdTarget, TheActionOfTheLargestMeanBringsItsQuantiles) {
  EXPECT_THAT(targets_chosen_by(kNext), ElementsAre(1, 4, 1.5f, 2.5f, 1, 1));
  const at::Tensor next = floats(kNext, {3, 2, 2});
  EXPECT_THAT(values_of(quantile_td_target(floats(kRewards), bytes(kEnded), next, next,
                                           bytes(kMask, {3, 2}), 0.5)),
              ElementsAre(1, 4, 1.5, 2.5, 1, 1));
}

// Another network prefers action 0 by (9, 9) to (0, 0), the quantiles are still the target
// network's.
TEST(QuantileTdTarget, AnotherNetworkMayPick) {
  const Floats choosing = {9, 9, 0, 0, 9, 9, 0, 0, 9, 9, 0, 0};
  EXPECT_THAT(targets_chosen_by(choosing), ElementsAre(1.5f, 2.5f, 1.5f, 2.5f, 1, 1));
}

TEST(QuantileTdTarget, WithoutAnAllowedActionTheValueIsMinusInfinity) {
  const std::vector<std::uint8_t> none = {0, 0};
  const Floats reward = {1}, discount = {0.5f};
  const std::vector<std::uint8_t> goes_on = {0};
  Floats targets(2);
  quantile_td_target_closed_form(
      {reward, discount, goes_on, kNext.data(), kNext.data(), none.data(), 2, 2}, targets);
  EXPECT_THAT(targets, ElementsAre(-INFINITY, -INFINITY));
}

// theta(s, 1) = (0, 2), y = (1, 4), tau = (0.25, 0.75), kappa = 1:
//   m = 1: u = 1, 4:   0.25 * 0.5 and 0.25 * 3.5, mean 0.5;     slope -(0.25 + 0.25) / 2 = -0.25
//   m = 2: u = -1, 2:  0.25 * 0.5 and 0.75 * 1.5, mean 0.625;   slope (0.25 - 0.75) / 2 = -0.25
// Sum 1.125. The mean of theta is 1, that of y 2.5: the error is -1.5.
TEST(QuantileHuberTdLoss, IsTheWorkedExample) {
  const Floats theta = {7, 8, 0, 2}, targets = {1, 4}, weights = {1};
  const std::vector<std::int32_t> actions = {1};
  Floats gradient(4, 9.0f), td_errors(1);
  const double loss = quantile_huber_td_closed_form(
      {2, 2, {theta.data(), 4}, actions, targets, weights, 1}, td_errors, {gradient.data(), 4});
  EXPECT_DOUBLE_EQ(loss, 1.125);
  EXPECT_THAT(gradient, ElementsAre(0, 0, -0.25f, -0.25f));
  EXPECT_THAT(td_errors, ElementsAre(-1.5f));
  const at::Tensor expected = quantile_huber_td_loss(
      floats(theta, {1, 2, 2}), ints(actions).to(at::kLong), floats(targets, {1, 2}), 1);
  EXPECT_DOUBLE_EQ(expected.item<double>(), 1.125);
}

Floats normals(std::size_t size, std::uint64_t seed) {
  Rng rng(seed, "quantile td");
  Floats values(size);
  for (float& value : values) value = static_cast<float>(2 * rng.normal());
  return values;
}

at::Tensor in_double(const Floats& values, std::vector<std::int64_t> shape) {
  return doubles({values.begin(), values.end()}, std::move(shape));
}

TEST(QuantileHuberTdLoss, IsTheReference) {
  constexpr std::int64_t kRows = 30, kActions = 3, kQuantiles = 7;
  Floats theta = normals(kRows * kActions * kQuantiles, 1);
  const Floats targets = normals(kRows * kQuantiles, 2), weights(kRows, 1.0f);
  std::vector<std::int32_t> actions;
  for (std::int32_t i = 0; i < kRows; ++i) actions.push_back(i % kActions);
  theta[0] = targets[0];  // where the sides meet
  for (const double kappa : {0.5, 1.0, 20.0}) {
    const at::Tensor taped =
        in_double(theta, {kRows, kActions, kQuantiles}).set_requires_grad(true);
    const at::Tensor loss = quantile_huber_td_loss(taped, ints(actions).to(at::kLong),
                                                   in_double(targets, {kRows, kQuantiles}), kappa);
    loss.backward();
    Floats gradient(theta.size(), 9.0f), td_errors(kRows);
    const double sum =
        quantile_huber_td_closed_form({kActions,
                                       kQuantiles,
                                       {theta.data(), kActions * kQuantiles},
                                       actions,
                                       targets,
                                       weights,
                                       kappa},
                                      td_errors, {gradient.data(), kActions * kQuantiles});
    EXPECT_NEAR(sum / kRows, loss.item<double>(), 1e-6 * (1 + loss.item<double>()));
    const std::vector<double> expected = values_of(taped.grad() * kRows);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      ASSERT_NEAR(gradient[i], expected[i], 2e-6) << i << ", kappa " << kappa;
    }
  }
}

TEST(QuantileHuberTdLoss, AWeightCountsARowThatOften) {
  const Floats theta = {0, 2}, targets = {1, 4};
  const std::vector<std::int32_t> actions = {0};
  for (const float weight : {0.0f, 3.0f}) {
    const Floats weights = {weight};
    Floats gradient(2, 9.0f), td_errors(1);
    const double loss = quantile_huber_td_closed_form(
        {1, 2, {theta.data(), 2}, actions, targets, weights, 1}, td_errors, {gradient.data(), 2});
    EXPECT_DOUBLE_EQ(loss, 1.125 * static_cast<double>(weight));
    EXPECT_THAT(gradient, ElementsAre(-0.25f * weight, -0.25f * weight));
  }
}

/// Where the quantiles of one action come to rest that is paid -1, 0 or 5: two, four and two times
/// of eight.
Floats learned_quantiles(decltype(&quantile_huber_td_closed_form) loss) {
  constexpr std::size_t kQuantiles = 4;
  const Floats paid = {-1, -1, 0, 0, 0, 0, 5, 5}, weights(paid.size(), 1.0f);
  const std::vector<std::int32_t> actions(paid.size(), 0);
  Floats targets, theta(kQuantiles, 1.0f);
  for (const float reward : paid) targets.insert(targets.end(), kQuantiles, reward);
  for (int i = 0; i < 4000; ++i) {
    Floats rows, gradient(paid.size() * kQuantiles), td_errors(paid.size());
    for (std::size_t r = 0; r < paid.size(); ++r)
      rows.insert(rows.end(), theta.begin(), theta.end());
    loss({1, kQuantiles, {rows.data(), kQuantiles}, actions, targets, weights, 0.01}, td_errors,
         {gradient.data(), kQuantiles});
    for (std::size_t k = 0; k < gradient.size(); ++k) theta[k % kQuantiles] -= 0.002f * gradient[k];
  }
  return theta;
}

// The quantiles 1/8, 3/8, 5/8 and 7/8 of what is paid.
TEST(QuantileHuberTdLoss, IsLeastAtTheQuantilesOfWhatIsPaid) {
  const Floats theta = learned_quantiles(quantile_huber_td_closed_form);
  const Floats expected = {-1, 0, 0, 5};
  for (std::size_t m = 0; m < 4; ++m) EXPECT_NEAR(theta[m], expected[m], 0.05f) << m;
  // Poisoned: climbing in place of descending leads elsewhere.
  const Floats wrong =
      learned_quantiles([](const QuantileTdRows& rows, Row<float> td_errors, Rows<float> gradient) {
        const double loss = quantile_huber_td_closed_form(rows, td_errors, gradient);
        for (std::size_t i = 0; i < rows.weights.size() * rows.quantiles; ++i) {
          gradient.data[i] *= -1;
        }
        return loss;
      });
  EXPECT_GT(std::fabs(wrong[3] - 5), 0.5f);
}

}  // namespace
}  // namespace tern
