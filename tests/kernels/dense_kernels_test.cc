// Oracle: every kernel against the same sum in double, at every SIMD level, for widths around whole
// vectors. A poisoned entry shows that the comparison sees errors of one element. Buffers are
// exactly as large as the contract says, so that sanitizers see a kernel that leaves them.

#include "agents/kernels/dense_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "agents/kernels/softmax.h"
#include "core/error.h"
#include "core/rng.h"
#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using Floats = std::vector<float>;

class DenseKernels : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(AtLevel, DenseKernels, every_simd_level(), simd_level_name);

Floats random_floats(std::size_t size, std::uint64_t seed) {
  Rng rng(seed, "kernel test");
  Floats values(size);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// Rows of random values with zeros behind the columns.
struct Padded {
  Padded(std::size_t rows, std::size_t columns, std::uint64_t seed)
      : stride(padded(columns)), data(rows * stride, 0.0f) {
    const Floats values = random_floats(rows * columns, seed);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t j = 0; j < columns; ++j) data[r * stride + j] = values[r * columns + j];
    }
  }
  float at(std::size_t r, std::size_t j) const { return data[r * stride + j]; }
  Rows<float> rows() { return {data.data(), stride}; }
  std::size_t stride;
  Floats data;
};

double activated(Activation f, double x) {
  if (f == Activation::kTanh) return std::tanh(x);
  if (f == Activation::kElu) return x > 0 ? x : std::expm1(x);
  if (f == Activation::kSilu) return x / (1 + std::exp(-x));
  return f == Activation::kRelu ? std::max(0.0, x) : x;
}
/// From the output, or from the slope of an activation that needs it.
double derivative(Activation f, double y) {
  if (f == Activation::kElu) return y > 0 ? 1 : y + 1;
  if (f == Activation::kSilu) return y;
  if (f == Activation::kTanh) return 1 - y * y;
  return f == Activation::kRelu ? (y > 0 ? 1 : 0) : 1;
}

/// A layer with everything that its kernels read and write.
struct Case {
  Case(std::size_t rows, std::size_t inputs, std::size_t outputs, Activation f)
      : rows(rows),
        inputs(inputs),
        outputs(outputs),
        f(f),
        weights(random_floats(inputs * outputs + kBufferSlack, 1)),
        bias(random_floats(outputs + kBufferSlack, 2)),
        transposed(outputs * padded(inputs)),
        x(rows, inputs, 3),
        dy(rows, outputs, 4) {
    transpose_weights(weights.data(), inputs, outputs, transposed.data());
  }
  DenseLayer layer() const {
    return {inputs, outputs, f, weights.data(), bias.data(), transposed.data()};
  }
  double y(std::size_t r, std::size_t j) const {
    double sum = bias[j];
    for (std::size_t i = 0; i < inputs; ++i) {
      sum += static_cast<double>(x.at(r, i)) * weights[i * outputs + j];
    }
    return activated(f, sum);
  }
  double dx(std::size_t r, std::size_t i) const {  // x taken for the outputs of f
    double sum = 0;
    for (std::size_t j = 0; j < outputs; ++j) {
      sum += static_cast<double>(dy.at(r, j)) * weights[i * outputs + j];
    }
    return sum * derivative(f, x.at(r, i));
  }
  double dweight(std::size_t i, std::size_t j) const {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += static_cast<double>(x.at(r, i)) * dy.at(r, j);
    return sum;
  }
  double dbias(std::size_t j) const {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) sum += dy.at(r, j);
    return sum;
  }
  // A running sum of n products of order 1 is of order sqrt(n) and rounded n times, by 6e-8 of
  // itself at most. The largest of some 100,000 such sums reaches 3e-7 n.
  double tolerance(std::size_t n) const { return 4e-7 * static_cast<double>(n + 8); }

  std::size_t rows, inputs, outputs;
  Activation f;
  Floats weights, bias, transposed;
  Padded x, dy;
};

template <class Check>
void for_each_case(const Check& check) {
  for (const std::size_t outputs : {1, 2, 7, 8, 15, 16, 17, 33, 64, 131}) {
    for (const std::size_t inputs : {1, 4, 16, 37, 130}) {
      for (const std::size_t rows : {1, 5, 6, 13, 64}) {
        const auto f = static_cast<Activation>((outputs + inputs + rows) % 5);
        SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(inputs) + " -> " +
                     std::to_string(outputs));
        Case c(rows, inputs, outputs, f);
        check(c);
      }
    }
  }
}

TEST_P(DenseKernels, ForwardIsTheSumInDouble) {
  for_each_case([](Case& c) {
    Padded y(c.rows, c.outputs, 5);
    dense_forward(c.layer(), c.rows, c.x.rows(), y.rows());
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t j = 0; j < y.stride; ++j) {
        const double expected = j < c.outputs ? c.y(r, j) : 0.0;
        ASSERT_NEAR(y.at(r, j), expected, c.tolerance(c.inputs)) << r << " " << j;
      }
    }
  });
}

TEST_P(DenseKernels, ARowIsTheSameBitsInEveryBatch) {
  for_each_case([](Case& c) {
    Padded all(c.rows, c.outputs, 5), one(1, c.outputs, 6);
    dense_forward(c.layer(), c.rows, c.x.rows(), all.rows());
    for (std::size_t r = 0; r < c.rows; ++r) {
      dense_forward(c.layer(), 1, {c.x.data.data() + r * c.x.stride, c.x.stride}, one.rows());
      ASSERT_EQ(std::memcmp(one.data.data(), all.data.data() + r * all.stride, 4 * c.outputs), 0);
    }
  });
}

TEST_P(DenseKernels, InputGradientIsTheSumInDouble) {
  for_each_case([](Case& c) {
    Padded dx(c.rows, c.inputs, 5);
    dense_backward_inputs(c.layer(), c.rows, c.dy.rows(), c.f, c.x.rows(), dx.rows());
    for (std::size_t r = 0; r < c.rows; ++r) {
      for (std::size_t i = 0; i < c.inputs; ++i) {
        const double scale = 1 + std::abs(derivative(c.f, c.x.at(r, i)));
        ASSERT_NEAR(dx.at(r, i), c.dx(r, i), scale * c.tolerance(c.outputs)) << r << " " << i;
      }
    }
  });
}

TEST_P(DenseKernels, WeightGradientsAreTheSumsInDoubleAndAddedWhereAsked) {
  for_each_case([](Case& c) {
    Floats dw(c.inputs * c.outputs + kBufferSlack, 7.0f), db(c.outputs + kBufferSlack, 7.0f);
    Floats scratch(kNarrow * padded(c.inputs));
    const auto compute = [&](bool add) {
      dense_backward_weights(c.layer(), c.rows, c.x.rows(), c.dy.rows(), add, dw.data(), db.data(),
                             scratch.data());
    };
    compute(/*add=*/false);
    const Floats once = dw, once_bias = db;
    for (std::size_t i = 0; i < c.inputs; ++i) {
      for (std::size_t j = 0; j < c.outputs; ++j) {
        ASSERT_NEAR(dw[i * c.outputs + j], c.dweight(i, j), c.tolerance(c.rows)) << i << " " << j;
      }
    }
    for (std::size_t j = 0; j < c.outputs; ++j) {
      ASSERT_NEAR(db[j], c.dbias(j), c.tolerance(c.rows)) << j;
    }
    compute(/*add=*/true);
    for (std::size_t k = 0; k < c.inputs * c.outputs; ++k) ASSERT_EQ(dw[k], 2 * once[k]);
    for (std::size_t j = 0; j < c.outputs; ++j) ASSERT_EQ(db[j], 2 * once_bias[j]);
    for (std::size_t k = 0; k < kBufferSlack; ++k) {  // what stands behind is still there
      ASSERT_EQ(dw[c.inputs * c.outputs + k], 7.0f);
      ASSERT_EQ(db[c.outputs + k], 7.0f);
    }
  });
}

TEST_P(DenseKernels, ThePoisonedOracleIsSeen) {
  Case c(13, 37, 33, Activation::kTanh);
  Padded y(c.rows, c.outputs, 5);
  dense_forward(c.layer(), c.rows, c.x.rows(), y.rows());
  y.data[5 * y.stride + 32] += 1e-4f;
  EXPECT_GT(std::abs(y.at(5, 32) - c.y(5, 32)), 5 * c.tolerance(c.inputs));
}

// Slopes against differences of the activation itself in double.
TEST_P(DenseKernels, SlopesOfSiluAreItsDerivative) {
  Case c(13, 37, 33, Activation::kSilu);
  Padded y(c.rows, c.outputs, 5), slopes(c.rows, c.outputs, 6), sums(c.rows, c.outputs, 7);
  dense_forward(c.layer(), c.rows, c.x.rows(), y.rows(), slopes.rows());
  c.f = Activation::kIdentity;
  for (std::size_t r = 0; r < c.rows; ++r) {
    for (std::size_t j = 0; j < c.outputs; ++j) {
      const double x = c.y(r, j), h = 1e-5;
      const double difference =
          (activated(Activation::kSilu, x + h) - activated(Activation::kSilu, x - h)) / (2 * h);
      ASSERT_NEAR(slopes.at(r, j), difference, c.tolerance(c.inputs)) << x;
    }
  }
}

/// Each activation for one column of numbers.
Floats activated_floats(Activation f, const Floats& x, Floats* slopes = nullptr) {
  const std::size_t columns = padded(x.size());
  Floats y = x;
  y.resize(columns);
  if (slopes != nullptr) slopes->resize(columns);
  activate_rows(f, 1, x.size(), {y.data(), columns},
                {slopes == nullptr ? nullptr : slopes->data(), columns});
  y.resize(x.size());
  return y;
}

TEST_P(DenseKernels, ActivationsAreRightFromTinyToHugeNumbers) {
  Floats x;
  for (double v = 1e-8; v < 80; v *= 1.01) {
    x.push_back(static_cast<float>(v));
    x.push_back(static_cast<float>(-v));
  }
  for (const Activation f : {Activation::kTanh, Activation::kRelu, Activation::kElu,
                             Activation::kSilu}) {
    const Floats y = activated_floats(f, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = activated(f, static_cast<double>(x[i]));
      ASSERT_NEAR(y[i], expected, 4e-7 * std::abs(expected)) << static_cast<int>(f) << " " << x[i];
    }
  }
}

TEST_P(DenseKernels, ActivationsHaveTheirLimitsAndPassNan) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  Floats slopes;
  const Floats silu = activated_floats(Activation::kSilu, {inf, -1e30f, 0, nan}, &slopes);
  EXPECT_EQ(silu[0], inf);
  EXPECT_EQ(silu[1], 0);
  EXPECT_EQ(silu[2], 0);
  EXPECT_TRUE(std::isnan(silu[3]));
  EXPECT_EQ(slopes[1], 0);
  EXPECT_EQ(slopes[2], 0.5f);
  EXPECT_TRUE(std::isnan(slopes[3]));
  const Floats elu = activated_floats(Activation::kElu, {inf, -inf, 0, nan});
  EXPECT_EQ(elu[0], inf);
  EXPECT_EQ(elu[1], -1);
  EXPECT_EQ(elu[2], 0);
  EXPECT_TRUE(std::isnan(elu[3]));
}

TEST(Activation, AnUnknownNameIsAnError) { EXPECT_THROW(activation_of("tan"), Error); }

TEST_P(DenseKernels, TanhIsRightToAFewUlps) {
  Floats x, y;
  for (double v = 1e-8; v < 100; v *= 1.01) {
    x.push_back(static_cast<float>(v));
    x.push_back(static_cast<float>(-v));
  }
  y.resize(x.size());
  tanh_floats(x.data(), x.size(), y.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = std::tanh(static_cast<double>(x[i]));
    ASSERT_NEAR(y[i], expected, 3e-7 * std::abs(expected)) << x[i];
    ASSERT_LE(std::abs(y[i]), 1) << x[i];
  }
}

TEST_P(DenseKernels, TanhAndExpHaveTheirLimitsAndPassNan) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  const Floats x = {inf, -inf, 0, nan, 1e30f, -1e30f};
  Floats y(x.size());
  tanh_floats(x.data(), x.size(), y.data());
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], -1);
  EXPECT_EQ(y[2], 0);
  EXPECT_TRUE(std::isnan(y[3]));
  exp_floats(x.data(), x.size(), y.data());
  EXPECT_EQ(y[0], inf);
  EXPECT_EQ(y[1], 0);
  EXPECT_EQ(y[2], 1);
  EXPECT_TRUE(std::isnan(y[3]));
  EXPECT_EQ(y[4], inf);
  EXPECT_EQ(y[5], 0);
}

// Against double; the last choice is masked as LikelihoodRows does it.
TEST_P(DenseKernels, LogSoftmaxIsTheLogarithmOfTheProbabilities) {
  constexpr std::size_t kChoices = 5, kRows = 37;
  const std::size_t stride = padded(kRows);
  Floats x = random_floats(kChoices * stride, 8);
  for (std::size_t r = 0; r < stride; ++r) x[4 * stride + r] = -1e9f;
  x[3] = 80;  // far above the others
  const Floats logits = x;
  log_softmax_columns(x.data(), kChoices, stride, kRows);
  for (std::size_t r = 0; r < kRows; ++r) {
    double sum = 0;
    for (std::size_t j = 0; j < kChoices; ++j) sum += std::exp(double(logits[j * stride + r]));
    for (std::size_t j = 0; j + 1 < kChoices; ++j) {
      const double expected = logits[j * stride + r] - std::log(sum);
      ASSERT_NEAR(x[j * stride + r], expected, 3e-7 * (1 + std::abs(expected))) << r << " " << j;
    }
    EXPECT_LT(x[4 * stride + r], -1e8f);
  }
}

}  // namespace
}  // namespace tern
