// Laws of exploration noise: its moments over many draws (fixed seeds, five standard deviations),
// one stream for each env, exact continuation after a load.

#include "agents/policy/distributions/action_noise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/error_of.h"

namespace tern {
namespace {

using ::testing::HasSubstr;

ActionNoiseOptions options(const std::string& kind, double sigma) {
  ActionNoiseOptions made;
  made.kind = kind;
  made.sigma = sigma;
  return made;
}

/// `count` values of the noise of env 0, of an action that is 0 and never reaches the bounds.
std::vector<double> drawn(ActionNoise& noise, int count, std::size_t env = 0) {
  std::vector<double> values;
  for (int t = 0; t < count; ++t) {
    float action = 0;
    noise.add(env, Row<float>(&action, 1));
    values.push_back(action);
  }
  return values;
}

double mean_product(const std::vector<double>& x, std::size_t lag) {
  double sum = 0;
  for (std::size_t t = lag; t < x.size(); ++t) sum += x[t] * x[t - lag];
  return sum / static_cast<double>(x.size() - lag);
}

// The mean square of n independent draws has deviation sigma^2 sqrt(2 / n), a product of neighbours
// sigma^2 / sqrt(n).
TEST(GaussianNoise, HasItsDeviationAndNoMemory) {
  ActionNoise noise(options("gaussian", 0.1), 1, "noise", 1, 1);
  constexpr int kDraws = 20'000;
  const std::vector<double> x = drawn(noise, kDraws);
  EXPECT_NEAR(mean_product(x, 0), 0.01, 5 * 0.01 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(mean_product(x, 1), 0, 5 * 0.01 / std::sqrt(kDraws));
}

// x' = (1 - theta) x + sigma N has variance sigma^2 / (1 - (1 - theta)^2) = 0.01 / 0.2775 = 0.0360360
// once it has run for a while, and 0.85^k of that between values k steps apart. Of 200,000 steps with
// a correlation time of 1 / theta some 15,000 are independent: 5 deviations are 0.0360 * 5 *
// sqrt(2 / 15,000) = 0.0021.
TEST(OrnsteinUhlenbeckNoise, HasItsVarianceAndCorrelation) {
  ActionNoise noise(options("ornstein_uhlenbeck", 0.1), 1, "noise", 1, 1);
  drawn(noise, 100);
  const std::vector<double> x = drawn(noise, 200'000);
  EXPECT_NEAR(mean_product(x, 0), 0.0360360, 0.0021);
  EXPECT_NEAR(mean_product(x, 1), 0.85 * 0.0360360, 0.0021);
  EXPECT_NEAR(mean_product(x, 5), std::pow(0.85, 5) * 0.0360360, 0.0021);
}

// After the end of an episode the process starts at 0: without new noise, x would be 0.
TEST(OrnsteinUhlenbeckNoise, StartsAnewWithAnEpisode) {
  ActionNoise ended(options("ornstein_uhlenbeck", 0.1), 1, "noise", 1, 1);
  ActionNoise gaussian(options("gaussian", 0.1), 1, "noise", 1, 1);
  for (int t = 0; t < 10; ++t) {
    EXPECT_EQ(drawn(ended, 1), drawn(gaussian, 1)) << "the same draws, and nothing kept";
    ended.end_episode(0);
  }
  drawn(ended, 1);
  drawn(gaussian, 1);
  EXPECT_NE(drawn(ended, 1), drawn(gaussian, 1)) << "without an end something is";
}

TEST(ActionNoise, LeavesActionsInsideTheirBounds) {
  ActionNoise noise(options("gaussian", 3), 1, "noise", 1, 2);
  bool low = false, high = false;
  for (int t = 0; t < 100; ++t) {
    std::vector<float> action = {0.9f, -0.9f};
    noise.add(0, Row<float>(action));
    for (const float value : action) {
      EXPECT_LE(std::abs(value), 1);
      low = low || value == -1;
      high = high || value == 1;
    }
  }
  EXPECT_TRUE(low && high);
}

TEST(ActionNoise, EachEnvHasAStreamOfItsOwn) {
  ActionNoise three(options("ornstein_uhlenbeck", 0.1), 1, "noise", 3, 1);
  ActionNoise again(options("ornstein_uhlenbeck", 0.1), 1, "noise", 3, 1);
  const std::vector<double> of_two = drawn(three, 5, 2);
  EXPECT_NE(drawn(again, 5, 0), of_two);
  EXPECT_EQ(drawn(again, 5, 2), of_two) << "whatever other envs drew";
}

TEST(ActionNoise, ContinuesExactlyAfterALoad) {
  for (const char* kind : {"gaussian", "ornstein_uhlenbeck"}) {
    ActionNoise noise(options(kind, 0.1), 1, "noise", 2, 1), other(options(kind, 0.1), 9, "x", 2, 1);
    drawn(noise, 7, 1);
    StateWriter out;
    noise.save(out);
    StateReader in{Row<const std::uint8_t>(out.bytes())};
    other.load(in);
    EXPECT_EQ(in.remaining(), 0u);
    EXPECT_EQ(drawn(other, 5, 1), drawn(noise, 5, 1)) << kind;
  }
}

TEST(ActionNoise, AnUnknownKindIsAnError) {
  EXPECT_THAT(error_of([] { ActionNoise(options("pink", 0.1), 1, "noise", 1, 1); },
                       ExitCode::kUsage),
              HasSubstr("action noise 'pink': expected gaussian or ornstein_uhlenbeck"));
}

}  // namespace
}  // namespace tern
