// Proof: worked examples by hand, and gradients by central differences with a poisoned case.

#include "agents/reference_losses/q_learning.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;

template <class T>
at::Tensor tensor(const std::vector<T>& values, std::vector<std::int64_t> shape,
                  at::ScalarType type) {
  const at::Tensor result = at::empty(shape, at::TensorOptions().dtype(type));
  std::copy(values.begin(), values.end(), result.data_ptr<T>());
  return result;
}
at::Tensor floats(const std::vector<float>& values, std::vector<std::int64_t> shape) {
  return tensor(values, std::move(shape), at::kFloat);
}
at::Tensor flags(const std::vector<std::uint8_t>& values, std::vector<std::int64_t> shape) {
  return tensor(values, std::move(shape), at::kByte);
}
at::Tensor indices(const std::vector<std::int64_t>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())}, at::kLong);
}
std::vector<float> values_of(const at::Tensor& t) {
  const at::Tensor flat = t.detach().contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// Four transitions with gamma 0.5:
//   row  r    terminated  Q(s', .)      allowed    y
//   0    1    no          (2, 8, 4)     all        1 + 0.5 * 8 = 5
//   1    1    yes         (2, 8, 4)     all        1
//   2    -1   no          (2, 8, 4)     not 1      -1 + 0.5 * 4 = 1
//   3    3    yes         (2, 8, 4)     none       3
const at::Tensor kRewards = floats({1, 1, -1, 3}, {4});
const at::Tensor kTerminated = flags({0, 1, 0, 1}, {4});
const at::Tensor kNextQ = floats({2, 8, 4, 2, 8, 4, 2, 8, 4, 2, 8, 4}, {4, 3});
const at::Tensor kNextMask = flags({1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0}, {4, 3});

TEST(QLearningTarget, TakesTheBestAllowedActionUnlessTheEpisodeTerminated) {
  EXPECT_THAT(values_of(q_learning_target(kRewards, kTerminated, kNextQ, kNextMask, 0.5)),
              ElementsAre(5, 1, 1, 3));
}

TEST(QLearningTarget, ADiscountOfZeroLeavesTheReward) {
  EXPECT_THAT(values_of(q_learning_target(kRewards, kTerminated, kNextQ, kNextMask, 0)),
              ElementsAre(1, 1, -1, 3));
}

// The online network prefers 2, then 0, then 1; the target network rates what it picked:
//   row 0: picks 2, y = 1 + 0.5 * 4 = 3      row 1: y = 1
//   row 2: picks 2 (1 is forbidden anyway), y = -1 + 0.5 * 4 = 1      row 3: y = 3
TEST(DoubleQTarget, TheOnlineNetworkPicksAndTheTargetNetworkRates) {
  const at::Tensor online = floats({5, 0, 6, 5, 0, 6, 5, 0, 6, 5, 0, 6}, {4, 3});
  EXPECT_THAT(values_of(double_q_target(kRewards, kTerminated, online, kNextQ, kNextMask, 0.5)),
              ElementsAre(3, 1, 1, 3));
}

// The online network would pick 1, which row 2 forbids: next best is 0, y = -1 + 0.5 * 2 = 0.
TEST(DoubleQTarget, NeverPicksAForbiddenAction) {
  const at::Tensor online = floats({1, 9, 0, 1, 9, 0, 1, 9, 0, 1, 9, 0}, {4, 3});
  EXPECT_THAT(values_of(double_q_target(kRewards, kTerminated, online, kNextQ, kNextMask, 0.5)),
              ElementsAre(5, 1, 0, 3));
}

//   row  Q(s, .)        a   y     delta   h
//   0    (1, 2)         0   0.5   0.5     0.125
//   1    (1, 2)         1   2     0       0
//   2    (1, 2)         1   -1    3       2.5
//   3    (1, 2)         0   2     -1      0.5
// mean 3.125 / 4 = 0.78125. d/dQ(s, a): delta inside [-1, 1], its sign beyond, over 4.
TEST(HuberTdLoss, IsQuadraticInsideOneAndLinearBeyond) {
  const at::Tensor q = floats({1, 2, 1, 2, 1, 2, 1, 2}, {4, 2}).set_requires_grad(true);
  const at::Tensor loss = huber_td_loss(q, indices({0, 1, 1, 0}), floats({0.5, 2, -1, 2}, {4}), 1);
  EXPECT_FLOAT_EQ(loss.item<float>(), 0.78125f);
  loss.backward();
  EXPECT_THAT(values_of(q.grad()), ElementsAre(0.125f, 0, 0, 0, 0, 0.25f, -0.25f, 0));
}

// The same rows with threshold 2: row 2 has delta 3, h = 2 (3 - 1) = 4 and slope 2; the others lie
// inside: mean (0.125 + 0 + 4 + 0.5) / 4 = 1.15625.
TEST(HuberTdLoss, ThresholdSaysWhereItBecomesLinear) {
  const at::Tensor q = floats({1, 2, 1, 2, 1, 2, 1, 2}, {4, 2}).set_requires_grad(true);
  const at::Tensor loss = huber_td_loss(q, indices({0, 1, 1, 0}), floats({0.5, 2, -1, 2}, {4}), 2);
  EXPECT_FLOAT_EQ(loss.item<float>(), 1.15625f);
  loss.backward();
  EXPECT_THAT(values_of(q.grad()), ElementsAre(0.125f, 0, 0, 0, 0, 0.5f, -0.25f, 0));
}

/// The largest difference between the gradient on the tape and central differences.
double gradient_error(const std::function<at::Tensor(const at::Tensor&)>& loss,
                      const std::function<at::Tensor(const at::Tensor&)>& taped) {
  const std::vector<double> start = {0.3, -0.7, 1.9, 0.2, -2.4, 0.9, 0.05, 1.2};
  const auto at_point = [&](const std::vector<double>& x) {
    return tensor(x, {4, 2}, at::kDouble);
  };
  const at::Tensor q = at_point(start).set_requires_grad(true);
  taped(q).backward();
  double worst = 0;
  constexpr double kStep = 1e-6;
  for (std::size_t i = 0; i < start.size(); ++i) {
    std::vector<double> above = start, below = start;
    above[i] += kStep;
    below[i] -= kStep;
    const double slope =
        (loss(at_point(above)).item<double>() - loss(at_point(below)).item<double>()) / (2 * kStep);
    worst = std::max(worst, std::fabs(slope - q.grad().data_ptr<double>()[i]));
  }
  return worst;
}

// In double, with no point within 0.1 of a kink (|delta| = 1): errors are of the order
// step^2 + 1e-16 / step = 1e-10.
TEST(HuberTdLoss, ItsGradientIsThatOfCentralDifferences) {
  const at::Tensor targets = tensor(std::vector<double>{0, 0.5, 1.1, -0.2}, {4}, at::kDouble);
  const auto loss = [&](const at::Tensor& q) {
    return huber_td_loss(q, indices({0, 0, 1, 1}), targets, 1);
  };
  EXPECT_LT(gradient_error(loss, loss), 1e-8);
  // Poisoned: the check sees a loss whose tape is off by a hundredth.
  const auto wrong = [&](const at::Tensor& q) { return loss(q) * 1.01; };
  EXPECT_GT(gradient_error(loss, wrong), 1e-4);
}

}  // namespace
}  // namespace tern
