// Oracle: closed forms of critics' and actors' losses against the same equations on LibTorch's tape, on
// random rows and at the edges (equal critics, errors at Huber's corner, terminated rows).

#include "agents/reference_losses/continuous_q.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "agents/losses/continuous_q_closed_form.h"
#include "agents/losses/quantile_q_closed_form.h"
#include "core/rng.h"

namespace tern {
namespace {

using Floats = std::vector<float>;
constexpr std::size_t kRows = 64;

at::Tensor tensor(const Floats& values, std::vector<std::int64_t> shape) {
  const at::Tensor result = at::empty(shape);
  std::copy(values.begin(), values.end(), result.data_ptr<float>());
  return result;
}
at::Tensor flags(const std::vector<std::uint8_t>& values) {
  const at::Tensor result = at::empty({static_cast<std::int64_t>(values.size())}, at::kByte);
  std::copy(values.begin(), values.end(), result.data_ptr<std::uint8_t>());
  return result;
}

/// A random batch. Every fourth row terminated; every eighth has equal critics.
struct Batch {
  explicit Batch(const CriticShape& s) : shape(s) {
    Rng rng(3, "batch");
    const auto draw = [&](std::size_t count) {
      Floats values(count);
      for (float& each : values) each = static_cast<float>(2 * rng.normal());
      return values;
    };
    rewards = draw(kRows), log_prob = draw(kRows), discounts = draw(kRows), weights = draw(kRows);
    for (float& each : weights) each = std::abs(each);
    next_q = draw(kRows * s.columns()), q = draw(kRows * s.columns());
    targets = draw(kRows * s.targets());
    terminated.resize(kRows);
    for (std::size_t i = 0; i < kRows; ++i) {
      terminated[i] = i % 4 == 0;
      if (i % 8 == 1) {
        for (std::size_t c = 1; c < s.columns(); ++c) next_q[i * s.columns() + c] = next_q[i * s.columns()];
      }
    }
  }
  NextValueRows rows(double alpha) const {
    return {shape, Row<const float>(rewards), Row<const float>(discounts),
            Row<const std::uint8_t>(terminated), next_q.data(), Row<const float>(log_prob), alpha};
  }
  at::Tensor vector(const Floats& values) const { return tensor(values, {kRows}); }
  at::Tensor columns(const Floats& values) const {
    return tensor(values, {kRows, static_cast<std::int64_t>(shape.columns())});
  }
  /// Heads of a dense matrix.
  HeadRows heads(Floats& values) {
    offsets.clear();
    for (std::size_t c = 0; c < shape.critics; ++c) offsets.push_back(c * shape.quantiles);
    return {values.data(), shape.columns(), offsets.data()};
  }

  CriticShape shape;
  Floats rewards, log_prob, discounts, weights, next_q, q, targets;
  std::vector<std::uint8_t> terminated;
  std::vector<std::size_t> offsets;
};

void expect_close(const Floats& found, const at::Tensor& expected, double tolerance = 1e-5) {
  const at::Tensor flat = expected.detach().contiguous();
  ASSERT_EQ(static_cast<std::int64_t>(found.size()), flat.numel());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const float want = flat.data_ptr<float>()[i];
    EXPECT_NEAR(found[i], want, tolerance * (1 + std::abs(want))) << i;
  }
}

TEST(ContinuousQReference, TargetsAreTheSame) {
  const Batch batch({2, 1, 0});
  Floats targets(kRows);
  min_q_target_closed_form(batch.rows(0.3), targets);
  expect_close(targets, min_q_target(batch.vector(batch.rewards), batch.vector(batch.discounts),
                                     flags(batch.terminated), batch.columns(batch.next_q),
                                     batch.vector(batch.log_prob), 0.3));
}

TEST(ContinuousQReference, CriticErrorAndItsGradientAreTheSame) {
  Batch batch({2, 1, 0});
  Floats gradient(batch.q.size()), errors(kRows);
  const double loss = critic_error_closed_form(batch.shape, batch.heads(batch.q),
                                               Row<const float>(batch.targets),
                                               Row<const float>(batch.weights),
                                               batch.heads(gradient), errors);
  at::Tensor q = batch.columns(batch.q).requires_grad_();
  const at::Tensor expected = critic_error(q, batch.vector(batch.targets), batch.vector(batch.weights));
  expected.backward();
  EXPECT_NEAR(loss, expected.item<float>(), 1e-3);
  expect_close(gradient, q.grad());
}

TEST(ContinuousQReference, AscentAndItsGradientAreTheSame) {
  Batch batch({3, 1, 0});
  Floats gradient(batch.q.size());
  const double loss =
      min_q_ascent_closed_form(batch.shape, kRows, batch.heads(batch.q), batch.heads(gradient));
  at::Tensor q = batch.columns(batch.q).requires_grad_();
  const at::Tensor expected = min_q_ascent(q);
  expected.backward();
  EXPECT_NEAR(loss, expected.item<float>(), 1e-3);
  expect_close(gradient, q.grad());
}

TEST(ContinuousQReference, TruncatedQuantilesAreTheSame) {
  const Batch batch({3, 5, 2});
  Floats targets(kRows * batch.shape.targets());
  truncated_quantile_target_closed_form(batch.rows(0.3), targets);
  expect_close(targets, truncated_quantile_target(
                            batch.vector(batch.rewards), batch.vector(batch.discounts),
                            flags(batch.terminated), batch.columns(batch.next_q),
                            batch.vector(batch.log_prob), 0.3, 9));
}

TEST(ContinuousQReference, QuantileHuberAndItsGradientAreTheSame) {
  Batch batch({2, 5, 1});
  batch.targets[0] = batch.q[0] + 1;  // at the corner of Huber's function
  batch.targets[1] = batch.q[1];      // an error of 0
  Floats gradient(batch.q.size()), errors(kRows);
  const double loss = quantile_huber_closed_form(batch.shape, batch.heads(batch.q),
                                                 Row<const float>(batch.targets),
                                                 Row<const float>(batch.weights),
                                                 batch.heads(gradient), errors);
  at::Tensor theta = tensor(batch.q, {kRows, 2, 5}).requires_grad_();
  const at::Tensor expected =
      quantile_huber(theta, tensor(batch.targets, {kRows, 8}), batch.vector(batch.weights));
  expected.backward();
  EXPECT_NEAR(loss, expected.item<float>(), 1e-3);
  expect_close(gradient, theta.grad());
}

}  // namespace
}  // namespace tern
