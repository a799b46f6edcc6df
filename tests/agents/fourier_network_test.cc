// Worked example of Fourier features by hand; their gradient by central differences, poisoned, and
// against LibTorch's tape; laws: a row's bits do not depend on its batch; the key that asks for
// them.

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "agents/nn/encoder.h"
#include "agents/nn/network.h"
#include "agents/training/platform.h"
#include "tests/agents/central_differences.h"
#include "tests/agents/dense_reference.h"
#include "tests/agents/tensors.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

constexpr std::int64_t kFeatures = 3, kLate = 1, kRow = kFeatures + kLate, kRows = 20;
constexpr int kOctaves = 3;
const double kPi = std::acos(-1.0);

NetworkSpec with_fourier() {
  NetworkSpec spec;
  spec.features = kFeatures;
  spec.fourier = FourierSpec{kOctaves};
  spec.late_inputs = kLate;
  spec.dense.hidden_sizes = {6};
  spec.dense.heads = {{"policy", 2, 1.0}, {"value", 1, 1.0}};
  return spec;
}

std::unique_ptr<Network> seeded() {
  set_up_platform();
  Rng rng(1, "fourier network test");
  return make_network(with_fourier(), rng);
}

at::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed = 9) {
  Rng rng(seed, "random matrix");
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) value = static_cast<float>(rng.uniform(-1, 1));
  return floats(values, {rows, columns});
}

/// All rows' heads again, in double, number by number.
at::Tensor reference(const Network& network, const at::Tensor& parameters, const at::Tensor& rows) {
  const std::vector<double> values = values_of(rows);
  const std::int64_t count = rows.size(0);
  std::vector<double> encoded;
  for (std::int64_t r = 0; r < count; ++r) {
    const double* x = values.data() + r * kRow;
    encoded.insert(encoded.end(), x, x + kFeatures);
    for (int k = 0; k < kOctaves; ++k) {
      const double rate = std::pow(2.0, k) * kPi;
      for (int i = 0; i < kFeatures; ++i) encoded.push_back(std::sin(rate * x[i]));
      for (int i = 0; i < kFeatures; ++i) encoded.push_back(std::cos(rate * x[i]));
    }
    encoded.insert(encoded.end(), x + kFeatures, x + kRow);
  }
  return dense_reference(network, parameters,
                         doubles(encoded, {count, kFeatures * (1 + 2 * kOctaves) + kLate}));
}

TEST(FourierEncoder, WritesNumbersThenSinesAndCosinesOfEachOctave) {
  const auto encoder = make_fourier_encoder(FourierSpec{2}, /*inputs=*/2);
  const std::vector<float> row = {0.5f, -0.25f};
  std::vector<float> out(encoder->outputs());
  encoder->forward(nullptr, {1, {row.data(), 2, nullptr}, {}}, out.data());
  const auto near = [](double x) { return FloatNear(static_cast<float>(x), 1e-6f); };
  const double root = std::sqrt(0.5);
  EXPECT_THAT(out, ElementsAre(near(0.5), near(-0.25),  // x
                               near(1), near(-root),    // sin(pi x)
                               near(0), near(root),     // cos(pi x)
                               near(0), near(-1),       // sin(2 pi x)
                               near(-1), near(0)));     // cos(2 pi x)
  EXPECT_TRUE(encoder->layout().empty());
}

TEST(FourierEncoder, IsExactToAFloatAtTheHighestOctave) {
  const auto encoder = make_fourier_encoder(FourierSpec{16}, /*inputs=*/1);
  for (const float x : {0.1f, -0.7f, 3.3f, 100.25f}) {
    std::vector<float> out(encoder->outputs());
    encoder->forward(nullptr, {1, {&x, 1, nullptr}, {}}, out.data());
    for (int k = 0; k < 16; ++k) {
      const double angle = std::ldexp(kPi * static_cast<double>(x), k);
      EXPECT_NEAR(out[static_cast<std::size_t>(1 + 2 * k)], std::sin(angle), 1e-6) << x << " " << k;
      EXPECT_NEAR(out[static_cast<std::size_t>(2 + 2 * k)], std::cos(angle), 1e-6) << x << " " << k;
    }
  }
}

constexpr double kFloatTolerance = 2e-5;

TEST(FourierGradient, OfInputsMatchesCentralDifferences) {
  const auto network = seeded();
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  const at::Tensor parameters = network->parameters().to(at::kDouble);
  const std::vector<double> numeric = central_differences(
      [&](const std::vector<double>& x) {
        return (reference(*network, parameters, doubles(x, {kRows, kRow})) * weights)
            .sum()
            .item<double>();
      },
      values_of(rows));
  const std::vector<double> gradient = values_of(network->input_gradient(rows, weights));
  EXPECT_LT(worst_gradient_error(numeric, gradient), kFloatTolerance);
  std::vector<double> poisoned = gradient;
  poisoned[kRow + 1] += 1e-3 * std::max(1.0, std::abs(numeric[kRow + 1]));
  EXPECT_GT(worst_gradient_error(numeric, poisoned), 10 * kFloatTolerance);
}

TEST(FourierNetwork, IsWhatLibTorchsOperatorsAndTapeCompute) {
  const auto network = seeded();
  Rng rng(1, "fourier network test");
  const auto plain = make_plain_network(with_fourier(), rng);
  ASSERT_TRUE(at::equal(network->parameters(), plain->parameters()));
  const at::Tensor rows = random_matrix(kRows, kRow), weights = random_matrix(kRows, 3, 10);
  EXPECT_LT(relative_error(network->infer(rows), plain->infer(rows).to(at::kDouble)), 1e-5);
  network->accumulate_gradient(rows, weights);
  plain->accumulate_gradient(rows, weights);
  EXPECT_LT(relative_error(network->gradients(), plain->gradients().to(at::kDouble)), 1e-5);
  EXPECT_LT(relative_error(network->input_gradient(rows, weights),
                           plain->input_gradient(rows, weights).to(at::kDouble)),
            1e-5);
}

TEST(FourierNetwork, RowsDoNotDependOnTheirBatch) {
  const auto network = seeded();
  const at::Tensor rows = random_matrix(150, kRow), all = network->infer(rows);
  ASSERT_TRUE(network->rows_are_independent());
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    EXPECT_TRUE(at::equal(network->infer(rows.narrow(0, i, 1)), all.narrow(0, i, 1))) << i;
  }
}

TEST(FourierKey, AsksForTheLink) {
  ObsSpace space;
  space.scalar("x", -1, 1);
  EncoderConfig config;
  NetworkSpec spec;
  choose_encoders(config, space, spec);
  EXPECT_FALSE(spec.fourier);
  config.encoder = "fourier";
  config.fourier_octaves = 7;
  choose_encoders(config, space, spec);
  ASSERT_TRUE(spec.fourier);
  EXPECT_EQ(spec.fourier->octaves, 7);
  EXPECT_TRUE(spec.convolutions.empty());
}

}  // namespace
}  // namespace tern
