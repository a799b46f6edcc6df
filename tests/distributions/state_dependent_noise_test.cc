// State-dependent noise: an example by hand, moments over many draws, gradients against central
// differences.

#include "agents/policy/distributions/state_dependent_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/rng.h"

namespace tern {
namespace {

// z = (2, -1), sigma = (0.5, 3): variance (2 * 0.5)^2 + (-1 * 3)^2 = 10. With eps = (0.6, -0.2) the
// noise is 2 * 0.5 * 0.6 + (-1) * 3 * (-0.2) = 1.2.
TEST(StateDependentNoise, AnExampleByHand) {
  const StateDependentNoise noise(2, 1);
  const std::vector<float> z = {2, -1}, eps = {0.6f, -0.2f};
  const std::vector<float> log_sigma = {std::log(0.5f), std::log(3.0f)};
  float log_deviation = 0;
  noise.log_deviations(1, {z.data(), 2}, log_sigma, {&log_deviation, 1});
  EXPECT_NEAR(log_deviation, 0.5 * std::log(10.0), 1e-6);

  float standardized = 0;
  noise.standardized(z, log_sigma, eps, {&log_deviation, 1}, {&standardized, 1});
  EXPECT_NEAR(standardized, 1.2 / std::sqrt(10.0), 1e-6);

  // d log sigma(s) / d log sigma_i = 1 / 10 and 9 / 10; added to what is there.
  std::vector<float> gradient = {5, 5};
  const float of_row = 2;
  noise.backward(1, {z.data(), 2}, log_sigma, {&log_deviation, 1}, {&of_row, 1}, gradient);
  EXPECT_NEAR(gradient[0], 5 + 2 * 0.1, 1e-5);
  EXPECT_NEAR(gradient[1], 5 + 2 * 0.9, 1e-5);
}

TEST(StateDependentNoise, WithoutHiddenUnitsThatAreOnADeviationIsStillPositive) {
  const StateDependentNoise noise(2, 1);
  const std::vector<float> z = {0, 0}, log_sigma = {0, 0}, eps = {1, 1};
  float log_deviation = 0, standardized = 7;
  noise.log_deviations(1, {z.data(), 2}, log_sigma, {&log_deviation, 1});
  EXPECT_NEAR(log_deviation, std::log(1e-3), 1e-5);
  noise.standardized(z, log_sigma, eps, {&log_deviation, 1}, {&standardized, 1});
  EXPECT_EQ(standardized, 0);
}

/// H = 3, A = 2, four rows.
struct Batch {
  static constexpr std::size_t kHidden = 3, kActions = 2, kRows = 4;
  Batch() {
    Rng rng(1, "state-dependent noise");
    for (float& each : z) each = static_cast<float>(rng.normal());
    for (float& each : log_sigma) each = static_cast<float>(0.5 * rng.normal());
  }
  std::vector<float> log_deviations() const {
    std::vector<float> out(kRows * kActions);
    noise.log_deviations(kRows, {z.data(), kHidden}, log_sigma, {out.data(), kActions});
    return out;
  }
  StateDependentNoise noise{kHidden, kActions};
  std::vector<float> z = std::vector<float>(kRows * kHidden);
  std::vector<float> log_sigma = std::vector<float>(kHidden * kActions);
};

// Over draws of eps the standardized noise is N(0, 1) in every state and component.
TEST(StateDependentNoise, DrawsHaveTheDeviationThatIsSaid) {
  const Batch batch;
  const std::vector<float> deviations = batch.log_deviations();
  Rng rng(2, "draws");
  std::vector<double> sum(deviations.size()), squares(deviations.size());
  constexpr int kDraws = 20'000;
  std::vector<float> eps(batch.noise.size()), out(Batch::kActions);
  for (int draw = 0; draw < kDraws; ++draw) {
    for (float& each : eps) each = static_cast<float>(rng.normal());
    for (std::size_t r = 0; r < Batch::kRows; ++r) {
      const Row<const float> z(batch.z.data() + r * Batch::kHidden, Batch::kHidden);
      const Row<const float> deviation(deviations.data() + r * Batch::kActions, Batch::kActions);
      batch.noise.standardized(z, batch.log_sigma, eps, deviation, out);
      for (std::size_t j = 0; j < out.size(); ++j) {
        sum[r * out.size() + j] += out[j];
        squares[r * out.size() + j] += out[j] * out[j];
      }
    }
  }
  for (std::size_t k = 0; k < sum.size(); ++k) {
    EXPECT_NEAR(sum[k] / kDraws, 0, 5 / std::sqrt(kDraws)) << k;
    EXPECT_NEAR(squares[k] / kDraws, 1, 5 * std::sqrt(2.0 / kDraws)) << k;
  }
}

TEST(StateDependentNoise, GradientsAreTheCentralDifferences) {
  Batch batch;
  // loss = sum of weight * log deviation
  const std::vector<float> weights = {1, -2, 0.5f, 3, -1, 0.25f, 2, -0.75f};
  std::vector<float> gradient(batch.noise.size());
  const std::vector<float> deviations = batch.log_deviations();
  batch.noise.backward(Batch::kRows, {batch.z.data(), Batch::kHidden}, batch.log_sigma,
                       {deviations.data(), Batch::kActions}, {weights.data(), Batch::kActions},
                       gradient);
  const auto loss = [&] {
    double sum = 0;
    const std::vector<float> out = batch.log_deviations();
    for (std::size_t k = 0; k < out.size(); ++k) sum += weights[k] * out[k];
    return sum;
  };
  constexpr float kStep = 1e-2f;
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    const float before = batch.log_sigma[k];
    batch.log_sigma[k] = before + kStep;
    const double above = loss();
    batch.log_sigma[k] = before - kStep;
    const double below = loss();
    batch.log_sigma[k] = before;
    EXPECT_NEAR(gradient[k], (above - below) / (2 * kStep), 2e-3) << k;
  }
}

}  // namespace
}  // namespace tern
