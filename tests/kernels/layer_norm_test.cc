// Oracle: layer normalisation and its gradients against the formulas in double, at every SIMD level,
// for widths around whole vectors; a worked example. (Held to autograd in
// tests/agents/fused_network_test.cc.)

#include "agents/kernels/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "agents/kernels/dense_kernels.h"
#include "core/rng.h"
#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

class LayerNorm : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, LayerNorm, every_simd_level(), simd_level_name);

constexpr std::size_t kRows = 5;

/// A padded matrix of normal numbers, and a norm's parameters and outputs; nothing is larger than the
/// contract says.
struct Case {
  explicit Case(std::size_t columns)
      : columns(columns), stride(padded(columns)), x(kRows * stride), dy(kRows * stride),
        y(kRows * stride, 7.0f), inverse(kRows), gain(columns + kBufferSlack),
        shift(columns + kBufferSlack), dgain(gain.size(), 7.0f), dshift(gain.size(), 7.0f) {
    Rng rng(1, "layer norm test");
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t j = 0; j < columns; ++j) {
        x[r * stride + j] = static_cast<float>(3 + 2 * rng.normal());
        dy[r * stride + j] = static_cast<float>(rng.normal());
      }
    }
    for (std::size_t j = 0; j < columns; ++j) {
      gain[j] = static_cast<float>(1 + 0.3 * rng.normal());
      shift[j] = static_cast<float>(rng.normal());
    }
    given = x;
    given_dy = dy;
  }
  void forward() {
    layer_norm_forward(kRows, columns, gain.data(), shift.data(), {x.data(), stride},
                       inverse.data(), {y.data(), stride});
  }
  void backward(bool add) {
    layer_norm_backward(kRows, columns, gain.data(), {x.data(), stride}, inverse.data(), add,
                        {dy.data(), stride}, dgain.data(), dshift.data());
  }
  /// n of row r, and 1 / sqrt(..) behind it.
  Doubles normal(std::size_t r) const {
    double mean = 0, variance = 0;
    for (std::size_t j = 0; j < columns; ++j) mean += given[r * stride + j];
    mean /= static_cast<double>(columns);
    for (std::size_t j = 0; j < columns; ++j) {
      variance += std::pow(given[r * stride + j] - mean, 2) / static_cast<double>(columns);
    }
    Doubles n;
    for (std::size_t j = 0; j < columns; ++j) {
      n.push_back((given[r * stride + j] - mean) / std::sqrt(variance + 1e-5));
    }
    n.push_back(1 / std::sqrt(variance + 1e-5));
    return n;
  }

  std::size_t columns, stride;
  Floats x, dy, y, inverse, gain, shift, dgain, dshift, given, given_dy;
};

constexpr std::size_t kWidths[] = {2, 7, 15, 16, 17, 33, 64, 131};

TEST_P(LayerNorm, ForwardIsTheFormulaInDouble) {
  for (const std::size_t columns : kWidths) {
    Case c(columns);
    c.forward();
    for (std::size_t r = 0; r < kRows; ++r) {
      const Doubles n = c.normal(r);
      for (std::size_t j = 0; j < c.stride; ++j) {
        const double y = j < columns ? c.gain[j] * n[j] + c.shift[j] : 0;
        ASSERT_NEAR(c.y[r * c.stride + j], y, 2e-6) << columns << " columns, " << r << " " << j;
        ASSERT_NEAR(c.x[r * c.stride + j], j < columns ? n[j] : 0, 2e-6);
      }
    }
  }
}

TEST_P(LayerNorm, BackwardIsTheFormulaInDouble) {
  for (const std::size_t columns : kWidths) {
    Case c(columns);
    c.forward();
    c.backward(/*add=*/false);
    Doubles dgain(columns), dshift(columns);
    for (std::size_t r = 0; r < kRows; ++r) {
      const Doubles n = c.normal(r);
      double mean = 0, product = 0;
      for (std::size_t j = 0; j < columns; ++j) {
        const double dy = c.given_dy[r * c.stride + j], g = dy * c.gain[j];
        mean += g / static_cast<double>(columns);
        product += g * n[j] / static_cast<double>(columns);
        dgain[j] += dy * n[j];
        dshift[j] += dy;
      }
      for (std::size_t j = 0; j < c.stride; ++j) {
        const double dx =
            j < columns
                ? (c.given_dy[r * c.stride + j] * c.gain[j] - mean - n[j] * product) * n[columns]
                : 0;
        ASSERT_NEAR(c.dy[r * c.stride + j], dx, 5e-6) << columns << " columns, " << r << " " << j;
      }
    }
    for (std::size_t j = 0; j < columns; ++j) {
      ASSERT_NEAR(c.dgain[j], dgain[j], 5e-6);
      ASSERT_NEAR(c.dshift[j], dshift[j], 5e-6);
    }
    ASSERT_EQ(c.dgain[columns], 7.0f);  // what stands behind is still there
    ASSERT_EQ(c.dshift[columns], 7.0f);
  }
}

TEST_P(LayerNorm, AddsToTheGradientsWhereAsked) {
  Case once(33), twice(33);
  once.forward();
  once.backward(/*add=*/false);
  twice.forward();
  twice.backward(/*add=*/false);
  twice.dy = twice.given_dy;
  twice.backward(/*add=*/true);
  for (std::size_t j = 0; j < 33; ++j) {
    EXPECT_EQ(twice.dgain[j], 2 * once.dgain[j]);
    EXPECT_EQ(twice.dshift[j], 2 * once.dshift[j]);
  }
}

// (1, 3): mean 2, variance 1, so n = (-1, 1) up to the epsilon; y = 2 n + 10.
TEST_P(LayerNorm, TwoNumbersByHand) {
  Floats x(16), y(16), gain(2 + kBufferSlack, 2.0f), shift(2 + kBufferSlack, 10.0f), inverse(1);
  x[0] = 1;
  x[1] = 3;
  layer_norm_forward(1, 2, gain.data(), shift.data(), {x.data(), 16}, inverse.data(),
                     {y.data(), 16});
  EXPECT_NEAR(y[0], 8, 2e-5);
  EXPECT_NEAR(y[1], 12, 2e-5);
  EXPECT_NEAR(inverse[0], 1, 1e-5);
}

// A layer whose outputs are all equal has no deviation to divide by.
TEST_P(LayerNorm, EqualNumbersBecomeTheShift) {
  Floats x(16), y(16), gain(3 + kBufferSlack, 2.0f), shift(3 + kBufferSlack, 10.0f), inverse(1);
  x[0] = x[1] = x[2] = 5;
  layer_norm_forward(1, 3, gain.data(), shift.data(), {x.data(), 16}, inverse.data(),
                     {y.data(), 16});
  for (std::size_t j = 0; j < 3; ++j) EXPECT_EQ(y[j], 10);
}

}  // namespace
}  // namespace tern
