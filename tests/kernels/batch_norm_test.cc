// Oracle: batch normalisation and its gradients against the formulas in double, at every SIMD level; an
// MLP of one unit by hand, with running moments and batch renormalisation; laws: threads change no bit,
// rows that are inferred do not depend on their batch. (Held to autograd in
// tests/agents/batch_norm_network_test.cc.)

#include "agents/kernels/batch_norm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/kernels/batch_norm_mlp.h"
#include "core/rng.h"
#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

class BatchNorm : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, BatchNorm, every_simd_level(), simd_level_name);

constexpr std::size_t kRows = 7;
constexpr std::size_t kWidths[] = {1, 2, 15, 16, 17, 33, 64};

/// A padded matrix of numbers around 3, and a norm's factors.
struct Case {
  explicit Case(std::size_t columns)
      : columns(columns), stride(padded(columns)), x(kRows * stride), dy(kRows * stride),
        y(kRows * stride, 7.0f), mean(stride, 7.0f), variance(stride, 7.0f), inverse(stride),
        scale(stride), shift(stride), sum_dy(stride, 7.0f), sum_dy_n(stride, 7.0f) {
    Rng rng(1, "batch norm test");
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t j = 0; j < columns; ++j) {
        x[r * stride + j] = static_cast<float>(3 + 2 * rng.normal());
        dy[r * stride + j] = static_cast<float>(rng.normal());
      }
    }
    for (std::size_t j = 0; j < columns; ++j) {
      scale[j] = static_cast<float>(1 + 0.3 * rng.normal());
      shift[j] = static_cast<float>(rng.normal());
    }
    given_dy = dy;
  }
  /// Mean and variance of column j.
  std::pair<double, double> moments(std::size_t j) const {
    double mean_j = 0, variance_j = 0;
    for (std::size_t r = 0; r < kRows; ++r) mean_j += x[r * stride + j] / double{kRows};
    for (std::size_t r = 0; r < kRows; ++r) {
      variance_j += std::pow(x[r * stride + j] - mean_j, 2) / double{kRows};
    }
    return {mean_j, variance_j};
  }
  void find_moments() {
    column_moments(kRows, stride, {x.data(), stride}, mean.data(), variance.data());
    for (std::size_t j = 0; j < columns; ++j) {
      inverse[j] = 1 / std::sqrt(variance[j] + kBatchNormEpsilon);
    }
  }

  std::size_t columns, stride;
  Floats x, dy, y, mean, variance, inverse, scale, shift, sum_dy, sum_dy_n, given_dy;
};

TEST_P(BatchNorm, MomentsAreThoseOfTheColumns) {
  for (const std::size_t columns : kWidths) {
    Case c(columns);
    c.find_moments();
    for (std::size_t j = 0; j < c.stride; ++j) {
      const auto [mean, variance] = c.moments(j);
      ASSERT_NEAR(c.mean[j], mean, 2e-6) << columns << " columns, " << j;
      ASSERT_NEAR(c.variance[j], variance, 4e-6) << columns << " columns, " << j;
    }
  }
}

TEST_P(BatchNorm, NormalizeIsTheFormulaInDouble) {
  for (const std::size_t columns : kWidths) {
    Case c(columns);
    c.find_moments();
    normalize_columns(kRows, c.stride, {c.x.data(), c.stride}, c.mean.data(), c.scale.data(),
                      c.shift.data(), {c.y.data(), c.stride});
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t j = 0; j < c.stride; ++j) {
        const double y = c.scale[j] * (c.x[r * c.stride + j] - c.moments(j).first) + c.shift[j];
        ASSERT_NEAR(c.y[r * c.stride + j], j < columns ? y : 0, 5e-6) << columns << ", " << r << " " << j;
      }
    }
  }
}

TEST_P(BatchNorm, BackwardIsTheFormulaInDouble) {
  for (const std::size_t columns : kWidths) {
    Case c(columns);
    c.find_moments();
    batch_norm_backward(kRows, c.stride, {c.x.data(), c.stride}, c.mean.data(), c.inverse.data(),
                        c.scale.data(), {c.dy.data(), c.stride}, c.sum_dy.data(), c.sum_dy_n.data());
    for (std::size_t j = 0; j < c.stride; ++j) {
      const auto [mean, variance] = c.moments(j);
      const auto n = [&, m = mean, v = variance](std::size_t r) {
        return (c.x[r * c.stride + j] - m) / std::sqrt(v + 1e-3);
      };
      double sum = 0, product = 0;
      for (std::size_t r = 0; r < kRows; ++r) {
        sum += c.given_dy[r * c.stride + j];
        product += c.given_dy[r * c.stride + j] * n(r);
      }
      ASSERT_NEAR(c.sum_dy[j], sum, 5e-6);
      ASSERT_NEAR(c.sum_dy_n[j], product, 5e-6);
      for (std::size_t r = 0; r < kRows; ++r) {
        const double dx =
            c.scale[j] * (c.given_dy[r * c.stride + j] - sum / kRows - n(r) * product / kRows);
        ASSERT_NEAR(c.dy[r * c.stride + j], j < columns ? dx : 0, 5e-6) << columns << ", " << r << " " << j;
      }
    }
  }
}

TEST_P(BatchNorm, ScaleMultipliesColumns) {
  Case c(17);
  scale_columns(kRows, c.stride, c.scale.data(), {c.dy.data(), c.stride});
  for (std::size_t k = 0; k < c.dy.size(); ++k) {
    EXPECT_EQ(c.dy[k], c.given_dy[k] * c.scale[k % c.stride]);
  }
}

// The column (1, 3): mean 2, variance 1, so n = (-1, 1) up to the epsilon. A gradient of n's own shape
// changes its deviation alone, a constant one its mean: neither moves x. (2, 0) is the sum of both.
TEST_P(BatchNorm, TwoNumbersByHand) {
  Floats x(32), dy(32), mean(16), variance(16), inverse(16), scale(16), sum(16), product(16);
  x[0] = 1;
  x[16] = 3;
  column_moments(2, 16, {x.data(), 16}, mean.data(), variance.data());
  EXPECT_EQ(mean[0], 2);
  EXPECT_EQ(variance[0], 1);
  inverse[0] = 1;
  scale[0] = 5;
  dy[0] = 2;
  batch_norm_backward(2, 16, {x.data(), 16}, mean.data(), inverse.data(), scale.data(),
                      {dy.data(), 16}, sum.data(), product.data());
  EXPECT_EQ(sum[0], 2);
  EXPECT_EQ(product[0], -2);
  EXPECT_EQ(dy[0], 0);
  EXPECT_EQ(dy[16], 0);
}

// ---- One unit by hand ---------------------------------------------------------------------------

/// q = w (gain (r n + d) + shift) + b of one input; parameters gain, shift, w, b = 2, 1, 3, 0.5.
struct OneUnit {
  explicit OneUnit(int warmup, double max_scale = 3, double max_shift = 5) {
    spec.inputs = 1;
    spec.heads = {{"q", 1}};
    spec.batch_norm = BatchNormSpec{0.9, warmup, max_scale, max_shift};
    parameters = Floats(4 + kBufferSlack);
    gradients = parameters;
    const Floats values = {2, 1, 3, 0.5f};
    std::copy(values.begin(), values.end(), parameters.begin());
    statistics = {0, 1, 0};
    statistics.resize(3 + kBufferSlack);
    mlp.emplace(spec, statistics.data());
  }
  /// Outputs of a pass that learns from (1, 3), with d loss / d q = (1, 0).
  Floats learn() {
    Floats q;
    std::fill(gradients.begin(), gradients.end(), 0.0f);
    mlp->accumulate_gradient(
        parameters.data(), {x.data(), 2},
        [&](const Chunk& chunk, HeadRows outputs, HeadRows gradient) {
          EXPECT_EQ(chunk.rows(), 2u);
          for (std::size_t r = 0; r < 2; ++r) {
            q.push_back(outputs[0].data[r * outputs.stride]);
            gradient[0].data[r * gradient.stride] = r == 0 ? 1 : 0;
          }
        },
        gradients.data(), dx.data());
    return q;
  }
  Floats infer() {
    Floats q(2);
    mlp->infer(parameters.data(), {x.data(), 2}, q.data());
    return q;
  }

  MlpSpec spec;
  Floats parameters, gradients, statistics;
  Floats x = {1, 3}, dx = {7, 7};
  std::optional<BatchNormMlp> mlp;
};

constexpr double kEpsilonsShare = 1e-3;  // of numbers of order 1: 1e-3 under the root

TEST(BatchNormMlp, NormalizesByItsBatchAndMovesTheRunningMoments) {
  OneUnit unit(/*warmup=*/1);
  // n = (-1, 1): q = 3 (2 n + 1) + 0.5
  EXPECT_THAT(unit.learn(), ElementsAre(FloatNear(-2.5f, 4e-3f), FloatNear(9.5f, 4e-3f)));
  // d gain = w n_1 = -3, d shift = w = 3, d w = 2 n_1 + 1 = -1, d b = 1
  EXPECT_NEAR(unit.gradients[0], -3, 3 * kEpsilonsShare);
  EXPECT_NEAR(unit.gradients[1], 3, 1e-6);
  EXPECT_NEAR(unit.gradients[2], -1, 2 * kEpsilonsShare);
  EXPECT_EQ(unit.gradients[3], 1);
  // Two numbers that are normalised stay -1 and 1 whatever they are, but for the epsilon.
  EXPECT_NEAR(unit.dx[0], 0, 4 * kEpsilonsShare);
  EXPECT_NEAR(unit.dx[1], 0, 4 * kEpsilonsShare);
  // 0.9 (0, 1) + 0.1 (2, 1)
  EXPECT_NEAR(unit.statistics[0], 0.2, 1e-6);
  EXPECT_NEAR(unit.statistics[1], 1, 1e-6);
  EXPECT_EQ(unit.statistics[2], 1);
}

TEST(BatchNormMlp, InfersByTheRunningMomentsAndLeavesThemAlone) {
  OneUnit unit(/*warmup=*/1);
  unit.statistics[0] = 1;
  unit.statistics[1] = 4;
  const Floats before = unit.statistics;
  // n = (x - 1) / 2 = (0, 1)
  EXPECT_THAT(unit.infer(), ElementsAre(FloatNear(3.5f, 1e-3f), FloatNear(9.5f, 2e-3f)));
  EXPECT_EQ(unit.statistics, before);
  Floats gradient(2);
  unit.mlp->accumulate_gradient(
      unit.parameters.data(), {unit.x.data(), 2},
      [](const Chunk&, HeadRows, HeadRows dq) {
        dq[0].data[0] = 1;
        dq[0].data[dq.stride] = 2;
      },
      nullptr, gradient.data());
  EXPECT_THAT(gradient, ElementsAre(FloatNear(3, 1e-3f), FloatNear(6, 2e-3f)));  // w gain / 2
  EXPECT_EQ(unit.statistics, before);
}

// After the warm-up: r = 1 / 2, d = (2 - 1) / 2, so r n + d = (x - 1) / 2, as if by the running moments.
TEST(BatchNormMlp, IsRenormalizedAfterTheWarmUp) {
  OneUnit unit(/*warmup=*/0);
  unit.statistics[0] = 1;
  unit.statistics[1] = 4;
  const Floats inferred = unit.infer();
  EXPECT_THAT(unit.learn(), ElementsAre(FloatNear(inferred[0], 1e-5f), FloatNear(inferred[1], 1e-5f)));
  // d gain = w (r n_1 + d) = 3 (-1/2 + 1/2) = 0; r and d are constants: x still cannot move n.
  EXPECT_NEAR(unit.gradients[0], 0, 3 * kEpsilonsShare);
  EXPECT_NEAR(unit.gradients[1], 3, 1e-6);
  EXPECT_NEAR(unit.dx[0], 0, 4 * kEpsilonsShare);
  // 0.9 (1, 4) + 0.1 (2, 1)
  EXPECT_NEAR(unit.statistics[0], 1.1, 1e-6);
  EXPECT_NEAR(unit.statistics[1], 3.7, 1e-6);
}

// Both at their limits: r = 1 / 3 not 1 / 100, d = -0.25 not -98 / 100.
TEST(BatchNormMlp, RenormalizationHasLimits) {
  OneUnit unit(/*warmup=*/0, /*max_scale=*/3, /*max_shift=*/0.25);
  unit.statistics[0] = 100;
  unit.statistics[1] = 10'000;
  const float low = 3 * (2 * (-1.0f / 3 - 0.25f) + 1) + 0.5f, high = 3 * (2 * (1.0f / 3 - 0.25f) + 1) + 0.5f;
  EXPECT_THAT(unit.learn(), ElementsAre(FloatNear(low, 2e-3f), FloatNear(high, 2e-3f)));
  unit.statistics[0] = -100;
  unit.statistics[1] = 1e-4f;  // r = 3 not about 30, d = 0.25 not 3000
  const float below = 3 * (2 * (-3 + 0.25f) + 1) + 0.5f, above = 3 * (2 * (3 + 0.25f) + 1) + 0.5f;
  EXPECT_THAT(unit.learn(), ElementsAre(FloatNear(below, 2e-2f), FloatNear(above, 2e-2f)));
}

// ---- Laws ---------------------------------------------------------------------------------------

MlpSpec twins(const char* activation, bool share_trunk) {
  MlpSpec spec;
  spec.inputs = 5;
  spec.hidden_sizes = {33, 20};
  spec.activation = activation;
  spec.share_trunk = share_trunk;
  spec.heads = {{"q1", 1}, {"q2", 9}};
  spec.batch_norm.emplace();
  return spec;
}

struct Learner {
  explicit Learner(const MlpSpec& spec) {
    const auto layout = mlp_layout(spec), moments = statistics_layout(spec);
    parameters.resize(parameter_count(layout) + kBufferSlack);
    gradients.resize(parameters.size());
    statistics.resize(parameter_count(moments) + kBufferSlack);
    Rng rng(2, "parameters");
    initialize_mlp(spec, layout, rng, parameters.data());
    initialize_statistics(moments, statistics.data());
    for (float& x : inputs) x = static_cast<float>(rng.normal());
    mlp.emplace(spec, statistics.data());
  }
  void learn() {
    mlp->accumulate_gradient(
        parameters.data(), {inputs.data(), kBatch},
        [&](const Chunk& chunk, HeadRows q, HeadRows dq) {
          for (std::size_t r = 0; r < chunk.rows(); ++r) {
            for (std::size_t j = 0; j < 10; ++j) {
              const std::size_t head = j == 0 ? 0 : 1, column = j == 0 ? 0 : j - 1;
              dq[head].data[r * dq.stride + column] = q[head].data[r * q.stride + column] - 0.1f;
            }
          }
        },
        gradients.data(), input_gradient.data());
  }
  Floats infer(std::size_t begin, std::size_t rows) {
    Floats q(rows * 10);
    mlp->infer(parameters.data(), {inputs.data() + 5 * begin, rows}, q.data());
    return q;
  }

  static constexpr std::size_t kBatch = 150;
  Floats parameters, gradients, statistics, inputs = Floats(kBatch * 5),
                                            input_gradient = Floats(kBatch * 5);
  std::optional<BatchNormMlp> mlp;
};

TEST_P(BatchNorm, ThreadsDoNotChangeABit) {
  for (const bool shared : {false, true}) {
    Learner one(twins("relu", shared));
    for (int i = 0; i < 3; ++i) one.learn();
    for (const std::size_t threads : {2, 4}) {
      TaskPool pool(threads);
      Learner many(twins("relu", shared));
      many.mlp->use_threads(&pool);
      for (int i = 0; i < 3; ++i) many.learn();
      EXPECT_EQ(many.gradients, one.gradients) << threads;
      EXPECT_EQ(many.input_gradient, one.input_gradient) << threads;
      EXPECT_EQ(many.statistics, one.statistics) << threads;
      EXPECT_EQ(many.infer(0, 150), one.infer(0, 150)) << threads;
    }
  }
}

TEST_P(BatchNorm, RowsThatAreInferredDoNotDependOnTheirBatch) {
  Learner learner(twins("silu", false));
  learner.learn();
  const Floats all = learner.infer(0, 150);
  for (const std::size_t row : {std::size_t{0}, std::size_t{63}, std::size_t{64}, std::size_t{149}}) {
    EXPECT_EQ(learner.infer(row, 1), Floats(all.begin() + row * 10, all.begin() + row * 10 + 10)) << row;
  }
}

}  // namespace
}  // namespace tern
