// tanh and the log of its slope against the standard library in double, at every SIMD level: near
// 0, in between, far out, at what is no number, and for every size.

#include "agents/kernels/squash.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/simd_levels.h"

namespace tern {
namespace {

using Floats = std::vector<float>;

class Squash : public SimdLevelTest {};
INSTANTIATE_TEST_SUITE_P(Levels, Squash, every_simd_level(), simd_level_name);

TEST_P(Squash, IsTanhAndTheLogOfItsSlope) {
  Floats u;
  for (float x = -30; x <= 30; x += 0.01f) u.push_back(x);
  for (const float x : {0.0f, -0.0f, 1e-30f, -1e-6f, 8.9f, 9.1f, -87.0f, 88.0f, 1e4f, -1e30f}) {
    u.push_back(x);
  }
  Floats y(u.size()), slope(u.size());
  squash_floats(u.data(), u.size(), y.data(), slope.data());
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double x = u[i], size = std::abs(x), tanh = std::tanh(x);
    ASSERT_NEAR(y[i], tanh, 4e-7 * std::abs(tanh)) << x;
    ASSERT_LE(std::abs(y[i]), 1) << x;
    const double expected = 2 * (std::log(2.0) - size - std::log1p(std::exp(-2 * size)));
    ASSERT_NEAR(slope[i], expected, 3e-7 * (1 + std::abs(expected))) << x;
  }
}

TEST_P(Squash, PassesOnWhatIsNoNumber) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Floats u = {NAN, kInfinity, -kInfinity, 1};
  Floats y(4), slope(4);
  squash_floats(u.data(), 4, y.data(), slope.data());
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(slope[0]));
  EXPECT_EQ(y[1], 1);
  EXPECT_EQ(y[2], -1);
  EXPECT_EQ(slope[1], -kInfinity);
  EXPECT_EQ(slope[2], -kInfinity);
  EXPECT_FLOAT_EQ(y[3], std::tanh(1.0f));
}

// Nothing beyond the end is touched, and a number's bits do not depend on where it stands.
TEST_P(Squash, TakesAnySize) {
  Floats u(70);
  for (std::size_t i = 0; i < u.size(); ++i) u[i] = std::sin(static_cast<float>(i));
  Floats all(70), all_slopes(70);
  squash_floats(u.data(), 70, all.data(), all_slopes.data());
  for (std::size_t size = 0; size <= 67; ++size) {
    Floats y(70, 7.0f), slope(70, 7.0f);
    squash_floats(u.data() + 3, size, y.data() + 3, slope.data() + 3);
    for (std::size_t i = 0; i < 70; ++i) {
      const bool is_inside = i >= 3 && i < 3 + size;
      ASSERT_EQ(y[i], is_inside ? all[i] : 7.0f) << size;
      ASSERT_EQ(slope[i], is_inside ? all_slopes[i] : 7.0f) << size;
    }
  }
}

}  // namespace
}  // namespace tern
