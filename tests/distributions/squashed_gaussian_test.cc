// Worked examples, laws (densities integrate to 1, rows do not depend on each other) and central
// differences of the squashed Gaussian. Its oracle on the tape is in tests/agents/closed_form_test.cc.

#include "agents/policy/distributions/squashed_gaussian.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/rng.h"

namespace tern {
namespace {

using Floats = std::vector<float>;

struct Sample {
  Floats actions, log_prob;
};

/// rows of `components` numbers each.
Sample sample(SquashedGaussian& distribution, const Floats& outputs, const Floats& noise,
              std::size_t components) {
  Sample result{Floats(noise.size()), Floats(noise.size() / components)};
  distribution.forward(result.log_prob.size(), {outputs.data(), 2 * components}, noise.data(),
                       result.actions.data(), result.log_prob.data());
  return result;
}

// mu = 1/2, sigma = 1/2, eps = 1: u = 1, a = tanh 1 = 0.7615942;
//   log N(u) = -1/2 + ln 2 - 0.9189385 = -0.7257914,   log(1 - a^2) = ln 0.4199743 = -0.8675617
TEST(SquashedGaussian, IsAGaussianWithTheJacobianOfTanh) {
  SquashedGaussian distribution(1);
  const Sample one = sample(distribution, {0.5f, std::log(0.5f)}, {1}, 1);
  EXPECT_NEAR(one.actions[0], 0.7615942, 1e-6);
  EXPECT_NEAR(one.log_prob[0], -0.7257914 + 0.8675617, 1e-6);
}

// The same component twice: log-probabilities add.
TEST(SquashedGaussian, AddsOverItsComponents) {
  SquashedGaussian distribution(2);
  const float log_std = std::log(0.5f);
  const Sample two = sample(distribution, {0.5f, 0.5f, log_std, log_std}, {1, 1}, 2);
  EXPECT_NEAR(two.log_prob[0], 2 * (-0.7257914 + 0.8675617), 1e-6);
}

// u = 30, where tanh is 1 in float and 1 - tanh^2 is 0: log(1 - tanh(30)^2) = 2 (ln 2 - 30) =
// -58.6137; log N = -0.9189385.
TEST(SquashedGaussian, IsFiniteAndExactFarOut) {
  SquashedGaussian distribution(1);
  for (const float mean : {30.0f, -30.0f}) {
    const Sample far = sample(distribution, {mean, 0}, {0}, 1);
    EXPECT_EQ(far.actions[0], std::copysign(1.0f, mean));
    EXPECT_NEAR(far.log_prob[0], -0.9189385 + 58.6137056, 1e-4);
  }
}

// Over a grid of actions, u = atanh a and eps = (u - mu) / sigma: the sum of pi(a) da is 1.
TEST(SquashedGaussian, DensitiesIntegrateToOne) {
  SquashedGaussian distribution(1);
  for (const float mean : {0.0f, 0.8f}) {
    for (const float log_std : {-1.5f, 0.0f, 0.5f}) {
      constexpr int kCells = 20'000;
      double integral = 0;
      for (int i = 0; i < kCells; ++i) {
        const double a = -1 + (i + 0.5) * 2 / kCells;
        const auto eps =
            static_cast<float>((std::atanh(a) - mean) / std::exp(static_cast<double>(log_std)));
        const double log_prob = sample(distribution, {mean, log_std}, {eps}, 1).log_prob[0];
        integral += std::exp(log_prob) * 2 / kCells;
      }
      EXPECT_NEAR(integral, 1, 5e-3) << mean << " " << log_std;
    }
  }
}

// A loss of 1.5 log pi - 0.7 a_0 + 0.4 a_1 at fixed noise, by central differences in float with
// h = 1/256: truncation and rounding stay below 1e-3.
TEST(SquashedGaussian, GradientsMatchCentralDifferences) {
  SquashedGaussian distribution(2);
  const Floats outputs = {0.3f, -0.8f, -0.5f, 0.2f}, noise = {0.7f, -1.1f};
  const Floats of_action = {-0.7f, 0.4f}, of_log_prob = {1.5f};
  const auto loss = [&](const Floats& at) {
    const Sample drawn = sample(distribution, at, noise, 2);
    return 1.5 * drawn.log_prob[0] - 0.7 * drawn.actions[0] + 0.4 * drawn.actions[1];
  };
  Floats gradient(4);
  sample(distribution, outputs, noise, 2);
  distribution.backward(of_log_prob.data(), of_action.data(), {gradient.data(), 4});
  constexpr float kStep = 1.0f / 256;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Floats above = outputs, below = outputs;
    above[i] += kStep;
    below[i] -= kStep;
    EXPECT_NEAR(gradient[i], (loss(above) - loss(below)) / (2 * kStep), 1e-3) << "output " << i;
  }
}

TEST(SquashedGaussian, LogDeviationsAreClampedAndHaveNoGradientOutside) {
  SquashedGaussian distribution(1);
  const Floats zero = {0}, one = {1};
  for (const auto& [given, clamped] : {std::pair(5.0f, 2.0f), std::pair(-30.0f, -20.0f)}) {
    const Sample outside = sample(distribution, {0.25f, given}, {0.5f}, 1);
    Floats gradient(2);
    distribution.backward(one.data(), one.data(), {gradient.data(), 2});
    EXPECT_EQ(gradient[1], 0);
    EXPECT_NE(gradient[0], 0);
    const Sample at_the_end = sample(distribution, {0.25f, clamped}, {0.5f}, 1);
    EXPECT_EQ(outside.log_prob, at_the_end.log_prob);
    EXPECT_EQ(outside.actions, at_the_end.actions);
    distribution.backward(one.data(), zero.data(), {gradient.data(), 2});
    EXPECT_NE(gradient[1], 0) << "the ends themselves are inside";
  }
}

TEST(SquashedGaussian, RowsDoNotDependOnEachOther) {
  Rng rng(1, "squashed rows");
  constexpr std::size_t kRows = 19, kComponents = 3;
  Floats outputs(kRows * 2 * kComponents), noise(kRows * kComponents);
  for (float& value : outputs) value = static_cast<float>(rng.normal());
  for (float& value : noise) value = static_cast<float>(rng.normal());
  SquashedGaussian together(kComponents), alone(kComponents);
  const Sample all = sample(together, outputs, noise, kComponents);
  for (std::size_t r = 0; r < kRows; ++r) {
    const auto from = [&](const Floats& values, std::size_t size) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(r * size);
      return Floats(first, first + static_cast<std::ptrdiff_t>(size));
    };
    const Sample one =
        sample(alone, from(outputs, 2 * kComponents), from(noise, kComponents), kComponents);
    EXPECT_EQ(one.log_prob[0], all.log_prob[r]);
    EXPECT_EQ(one.actions, from(all.actions, kComponents));
  }
}

TEST(SquashedGaussian, TheModeIsTanhOfTheMean) {
  Floats outputs = {0.5f, -2, 9, 9}, action(2);
  SquashedGaussian(2).mode(Row<const float>(outputs), Row<float>(action));
  EXPECT_NEAR(action[0], std::tanh(0.5), 1e-6);
  EXPECT_NEAR(action[1], std::tanh(-2.0), 1e-6);
}

}  // namespace
}  // namespace tern
