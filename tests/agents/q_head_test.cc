// Proof: worked examples by hand, and the gradient by central differences.

#include "agents/policy/q_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tern {
namespace {

using ::testing::ElementsAre;

// A = (1, -2, 4), whose mean is 1; V = 10: Q = 10 + A - 1 = (10, 7, 13).
TEST(QHead, DuelingAddsWhatAnActionIsBetterThanTheMean) {
  std::vector<float> outputs = {1, -2, 4, 10};
  QHead(3, /*is_dueling=*/true).to_q({outputs.data(), 4}, 1);
  EXPECT_THAT(outputs, ElementsAre(10, 7, 13, 10));
}

TEST(QHead, PlainOutputsAreQ) {
  std::vector<float> outputs = {1, -2, 4};
  QHead(3, /*is_dueling=*/false).to_q({outputs.data(), 3}, 1);
  EXPECT_THAT(outputs, ElementsAre(1, -2, 4));
  EXPECT_EQ(QHead(3, false).heads().size(), 1u);
  EXPECT_EQ(QHead(3, true).heads().size(), 2u);
}

// Two quantiles of three actions, A = (1, 10), (-2, 20), (4, 30) and V = (10, 5): of the first
// quantiles as above, of the second the mean is 20: 5 + A - 20. Q is the mean of both.
TEST(QHead, EveryQuantileIsJoinedByItself) {
  const QHead head(3, true, 2);
  std::vector<float> outputs = {1, 10, -2, 20, 4, 30, 10, 5};
  head.to_values({outputs.data(), 8}, 1);
  EXPECT_THAT(outputs, ElementsAre(10, -5, 7, 5, 13, 15, 10, 5));
  outputs = {1, 10, -2, 20, 4, 30, 10, 5};
  head.to_q({outputs.data(), 8}, 1);
  EXPECT_THAT(std::vector<float>(outputs.begin(), outputs.begin() + 3), ElementsAre(2.5f, 6, 14));
  EXPECT_EQ(head.heads()[0].size, 6);
  EXPECT_EQ(head.heads()[1].size, 2);
}

TEST(QHead, QIsTheMeanOfQuantiles) {
  const QHead head(2, false, 3);
  std::vector<float> outputs = {1, 2, 6, -1, 0, 1};
  head.to_q({outputs.data(), 6}, 1);
  EXPECT_EQ(outputs[0], 3);
  EXPECT_EQ(outputs[1], 0);
  EXPECT_FALSE(head.gives_q());
  EXPECT_TRUE(head.is_plain());
}

// Two quantiles: each as below, the second with (2, 2, 2): all to V, nothing to A.
TEST(QHead, TheGradientOfQuantilesStaysWithThem) {
  std::vector<float> of_values = {1, 2, 0, 2, -4, 2}, gradient(8, 9.0f);
  const std::size_t offsets[] = {0, 6};
  QHead(3, true, 2).to_output_gradient({of_values.data(), 6}, 1, {gradient.data(), 8, offsets});
  EXPECT_THAT(gradient, ElementsAre(2, 0, 1, 0, -3, 0, -3, 6));
}

// d loss / d Q = (1, 0, -4): to V goes the sum -3; to A what differs from the mean -1: (2, 1, -3).
TEST(QHead, TheGradientOfVIsTheSum) {
  std::vector<float> q_gradient = {1, 0, -4}, gradient(4, 9.0f);
  const std::size_t offsets[] = {0, 3};
  QHead(3, true).to_output_gradient({q_gradient.data(), 3}, 1, {gradient.data(), 4, offsets});
  EXPECT_THAT(gradient, ElementsAre(2, 1, -3, -3));
}

/// loss = sum over rows and actions of w Q^2, with w = 1, 2, ..: its value, and d loss / d outputs.
double loss_of(const std::vector<float>& outputs, std::vector<float>* gradient) {
  constexpr std::size_t kRows = 2, kActions = 3;
  const std::size_t offsets[] = {0, kActions};
  const QHead head(kActions, true);
  std::vector<float> own = outputs, q(kRows * kActions), q_gradient(q.size());
  head.to_values({own.data(), 4, offsets}, kRows, {q.data(), kActions});
  double loss = 0;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double weight = static_cast<double>(i + 1);
    loss += weight * static_cast<double>(q[i]) * static_cast<double>(q[i]);
    q_gradient[i] = static_cast<float>(2 * weight) * q[i];
  }
  if (gradient != nullptr) {
    gradient->assign(outputs.size(), 0.0f);
    head.to_output_gradient({q_gradient.data(), kActions}, kRows, {gradient->data(), 4, offsets});
  }
  return loss;
}

// Both ways to Q agree, and the gradient is that of central differences: of a square, exactly, up to the
// rounding of floats.
TEST(QHead, GradientIsThatOfCentralDifferences) {
  const std::vector<float> outputs = {0.5f, -1, 2, 0.25f, 3, 1, -0.5f, -2};
  std::vector<float> gradient;
  loss_of(outputs, &gradient);
  constexpr float kStep = 0.25f;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::vector<float> above = outputs, below = outputs;
    above[i] += kStep;
    below[i] -= kStep;
    const double slope = (loss_of(above, nullptr) - loss_of(below, nullptr)) / (2.0 * kStep);
    EXPECT_NEAR(slope, static_cast<double>(gradient[i]), 1e-4 * (1 + std::fabs(slope))) << i;
  }
}

}  // namespace
}  // namespace tern
