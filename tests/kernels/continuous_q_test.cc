// Worked examples by hand, and gradients by central differences with a poisoned case: targets and losses
// of critics Q(s, a). Their oracle on the tape is in tests/agents/continuous_q_reference_test.cc.

#include "agents/losses/continuous_q_closed_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "agents/losses/quantile_q_closed_form.h"
#include "core/rng.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;
using Floats = std::vector<float>;
using Flags = std::vector<std::uint8_t>;

/// Heads of `columns` columns each, with a gap between them as the kernels leave.
struct Heads {
  Heads(std::size_t rows, std::size_t heads, std::size_t columns)
      : stride(heads * (columns + 1)), data(rows * stride, -99.0f) {
    for (std::size_t h = 0; h < heads; ++h) offsets.push_back(h * (columns + 1));
  }
  HeadRows view() { return {data.data(), stride, offsets.data()}; }
  float& at(std::size_t row, std::size_t head, std::size_t column = 0) {
    return data[row * stride + offsets[head] + column];
  }

  std::size_t stride;
  Floats data;
  std::vector<std::size_t> offsets;
};

//   row  r   discount  terminated  (Q'_1, Q'_2)  log pi   y with alpha 0.5
//   0    1   0.5       no          (4, 6)        -2       1 + 0.5 (4 + 1) = 3.5
//   1    1   0.5       yes         (4, 6)        -2       1
//   2    -1  0.25      no          (3, -3)       1        -1 + 0.25 (-3 - 0.5) = -1.875
struct Example {
  Floats rewards = {1, 1, -1}, discounts = {0.5f, 0.5f, 0.25f}, next_q = {4, 6, 4, 6, 3, -3};
  Floats log_prob = {-2, -2, 1};
  Flags terminated = {0, 1, 0};

  NextValueRows rows(double alpha, const CriticShape& shape = {}) const {
    return {shape, Row<const float>(rewards), Row<const float>(discounts),
            Row<const std::uint8_t>(terminated), next_q.data(), Row<const float>(log_prob), alpha};
  }
};

TEST(MinQTarget, TakesTheSmallerCriticAndPaysForEntropy) {
  const Example example;
  Floats targets(3);
  min_q_target_closed_form(example.rows(0.5), targets);
  EXPECT_THAT(targets, ElementsAre(3.5f, 1.0f, -1.875f));
}

TEST(MinQTarget, WithoutLogProbabilitiesNoEntropyIsCounted) {
  const Example example;
  NextValueRows rows = example.rows(0.5);
  rows.next_log_prob = {};
  Floats targets(3);
  min_q_target_closed_form(rows, targets);
  EXPECT_THAT(targets, ElementsAre(3.0f, 1.0f, -1.75f));
}

TEST(MinQTarget, ACriticThatIsNotANumberIsNotPassedBy) {
  Example example;
  for (const std::size_t place : {0, 1}) {
    example.next_q = {4, 6, 4, 6, 3, -3};
    example.next_q[place] = std::nanf("");
    Floats targets(3);
    min_q_target_closed_form(example.rows(0), targets);
    EXPECT_TRUE(std::isnan(targets[0])) << place;
  }
}

// After a termination nothing of the next state counts, not even infinity.
TEST(MinQTarget, WhatFollowsAnEndDoesNotCount) {
  Example example;
  example.next_q[2] = example.next_q[3] = std::numeric_limits<float>::infinity();
  Floats targets(3);
  min_q_target_closed_form(example.rows(0.5), targets);
  EXPECT_EQ(targets[1], 1);
}

//   row  w    y   (Q_1, Q_2)   (deltas)    loss                       |delta| mean
//   0    1    2   (3, 0)       (1, -2)     (1 + 4) / 2 = 2.5          1.5
//   1    0.5  1   (1, 5)       (0, 4)      0.5 * 16 / 2 = 4           2
TEST(CriticError, IsHalfTheWeightedSquareOfEachCritic) {
  Heads q(2, 2, 1), gradient(2, 2, 1);
  q.at(0, 0) = 3, q.at(0, 1) = 0, q.at(1, 0) = 1, q.at(1, 1) = 5;
  const Floats targets = {2, 1}, weights = {1, 0.5f};
  Floats errors(2);
  EXPECT_EQ(critic_error_closed_form({}, q.view(), Row<const float>(targets),
                                     Row<const float>(weights), gradient.view(), errors),
            6.5);
  EXPECT_THAT((Floats{gradient.at(0, 0), gradient.at(0, 1), gradient.at(1, 0), gradient.at(1, 1)}),
              ElementsAre(1, -2, 0, 2));
  EXPECT_THAT(errors, ElementsAre(1.5f, 2.0f));
}

TEST(Ascent, ClimbsTheSmallerCriticAlone) {
  Heads q(3, 2, 1), gradient(3, 2, 1);
  q.at(0, 0) = 3, q.at(0, 1) = 1, q.at(1, 0) = -2, q.at(1, 1) = 4;
  q.at(2, 0) = q.at(2, 1) = 5;  // equal: the first
  EXPECT_EQ(min_q_ascent_closed_form({}, 3, q.view(), gradient.view()), -(1 - 2 + 5));
  EXPECT_THAT((Floats{gradient.at(0, 0), gradient.at(0, 1), gradient.at(1, 0), gradient.at(1, 1),
                      gradient.at(2, 0), gradient.at(2, 1)}),
              ElementsAre(0, -1, -1, 0, -1, 0));
}

TEST(Ascent, OfTheFirstCriticLeavesTheOthersAlone) {
  Heads q(1, 2, 1), gradient(1, 2, 1);
  q.at(0, 0) = 3, q.at(0, 1) = 1;
  EXPECT_EQ(first_q_ascent_closed_form({}, 1, q.view(), gradient.view()), -3);
  EXPECT_THAT((Floats{gradient.at(0, 0), gradient.at(0, 1)}), ElementsAre(-1, 0));
}

// Noise 2 * 0.3 = 0.6 is clamped to 0.5, then the action to 1.
TEST(SmoothTargetActions, ClampsTheNoiseAndThenTheAction) {
  Floats actions = {0, 0.8f, -0.9f, 0.1f};
  const Floats noise = {2, 2, -2, -1};
  smooth_target_actions(0.3, 0.5, Row<const float>(noise), actions);
  EXPECT_THAT(actions, Pointwise(FloatNear(1e-6f), Floats{0.5f, 1.0f, -1.0f, -0.2f}));
}

// Two critics of three quantiles, the largest of each left out: of the pool (1 2 3 | 0 5 9) the four
// smallest are 0 1 2 3. y = 1 + 0.5 (z + 1) with alpha log pi = -1.
TEST(TruncatedQuantileTarget, PoolsSortsAndLeavesOutTheLargest) {
  const Floats rewards = {1}, discounts = {0.5f}, log_prob = {-2}, next = {3, 1, 2, 9, 0, 5};
  const Flags terminated = {0};
  const NextValueRows rows = {{2, 3, 1}, Row<const float>(rewards), Row<const float>(discounts),
                              Row<const std::uint8_t>(terminated), next.data(),
                              Row<const float>(log_prob), 0.5};
  Floats targets(4);
  truncated_quantile_target_closed_form(rows, targets);
  EXPECT_THAT(targets, ElementsAre(1.5f, 2.0f, 2.5f, 3.0f));
}

// One critic with quantiles 0 and 4 (tau 1/4 and 3/4), one target 1 (T = 1 with one kept):
//   u = 1: h = 1/2, rho = 1/4 * 1/2 = 1/8, d / d theta = -1/4
//   u = -3: h = 5/2, rho = |3/4 - 1| * 5/2 = 5/8, d / d theta = 1/4
// over M T = 2 pairs; weight 2.
TEST(QuantileHuber, WeighsErrorsByTheSideTheyLieOn) {
  const CriticShape shape = {1, 2, 1};
  ASSERT_EQ(shape.targets(), 1u);
  Heads theta(1, 1, 2), gradient(1, 1, 2);
  theta.at(0, 0, 0) = 0, theta.at(0, 0, 1) = 4;
  const Floats targets = {1}, weights = {2};
  Floats errors(1);
  EXPECT_NEAR(quantile_huber_closed_form(shape, theta.view(), Row<const float>(targets),
                                         Row<const float>(weights), gradient.view(), errors),
              2 * (0.125 + 0.625) / 2, 1e-6);
  EXPECT_NEAR(gradient.at(0, 0, 0), -0.25, 1e-6);
  EXPECT_NEAR(gradient.at(0, 0, 1), 0.25, 1e-6);
  EXPECT_NEAR(errors[0], 1, 1e-6);  // |1 - 2|
}

TEST(Ascent, OfQuantilesClimbsTheirMean) {
  Heads theta(1, 2, 2), gradient(1, 2, 2);
  theta.at(0, 0, 0) = 1, theta.at(0, 0, 1) = 2, theta.at(0, 1, 0) = 3, theta.at(0, 1, 1) = 6;
  EXPECT_EQ(mean_quantile_ascent_closed_form({2, 2, 0}, 1, theta.view(), gradient.view()), -3);
  EXPECT_EQ(gradient.at(0, 1, 1), -0.25f);
}

// Central differences, in double where it matters: errors of both losses on random rows.

using Loss = std::function<double(Heads&, Heads&)>;

/// The largest difference between the gradient that the loss gives and central differences.
double gradient_error(const Loss& loss, Heads q, std::size_t heads, std::size_t columns,
                      std::size_t rows) {
  Heads gradient = q, scratch = q;
  loss(q, gradient);
  double worst = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t h = 0; h < heads; ++h) {
      for (std::size_t m = 0; m < columns; ++m) {
        const float step = 1.0f / 64, value = q.at(r, h, m);
        q.at(r, h, m) = value + step;
        const double above = loss(q, scratch);
        q.at(r, h, m) = value - step;
        const double below = loss(q, scratch);
        q.at(r, h, m) = value;
        worst = std::max(worst, std::abs((above - below) / (2 * step) - gradient.at(r, h, m)));
      }
    }
  }
  return worst;
}

Heads random_heads(std::size_t rows, std::size_t heads, std::size_t columns) {
  Rng rng(1, "heads");
  Heads q(rows, heads, columns);
  for (float& each : q.data) each = static_cast<float>(2 * rng.normal());
  return q;
}

TEST(CriticError, GradientMatchesCentralDifferencesAndAPoisonedOneDoesNot) {
  const Floats targets = {0.3f, -1, 2}, weights = {1, 0.25f, 3};
  Floats errors(3);
  const auto loss = [&](float poison) {
    return [&, poison](Heads& q, Heads& gradient) {
      const double sum = critic_error_closed_form({}, q.view(), Row<const float>(targets),
                                                  Row<const float>(weights), gradient.view(), errors);
      gradient.at(1, 1) += poison;
      return sum;
    };
  };
  EXPECT_LT(gradient_error(loss(0), random_heads(3, 2, 1), 2, 1, 3), 1e-3);
  EXPECT_GT(gradient_error(loss(0.01f), random_heads(3, 2, 1), 2, 1, 3), 5e-3);
}

TEST(QuantileHuber, GradientMatchesCentralDifferencesAndAPoisonedOneDoesNot) {
  const CriticShape shape = {2, 5, 1};
  Rng rng(2, "targets");
  Floats targets(2 * shape.targets()), errors(2);
  for (float& each : targets) each = static_cast<float>(2 * rng.normal());
  const Floats weights = {1, 2};
  const auto loss = [&](float poison) {
    return [&, poison](Heads& theta, Heads& gradient) {
      const double sum = quantile_huber_closed_form(shape, theta.view(), Row<const float>(targets),
                                                    Row<const float>(weights), gradient.view(), errors);
      gradient.at(1, 1, 2) += poison;
      return sum;
    };
  };
  // Within a step of a corner of |tau - [u < 0]| the two differ by up to a pair's share of 1 / 64.
  EXPECT_LT(gradient_error(loss(0), random_heads(2, 2, 5), 2, 5, 2), 2e-3);
  EXPECT_GT(gradient_error(loss(0.02f), random_heads(2, 2, 5), 2, 5, 2), 1e-2);
}

}  // namespace
}  // namespace tern
