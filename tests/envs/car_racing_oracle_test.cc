// Oracle: CarRacing against episodes and pictures of Gymnasium's on the same roads
// (tests/data/golden/car_racing.json says how they were recorded).
//
// Box2D differs (2.4 here, 2.3 there), but episodes whose driver is blind agree to a thousandth in
// return; held to here is a mean difference, level by level, below 0.5. A driver who sees the pixels
// gets a tile more in most of them (of 210 to 230; each is worth 3 to 4 and two are let pass), since
// the speed that he reads off the bar is a fifth of a percent lower; the standard error of comparing
// 20 returns here with 20 there would be 18.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/envs/race.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

using Json = nlohmann::json;

const Json& golden() {
  static const Json all = [] {
    std::ifstream file(source_path("tests/data/golden/car_racing.json"));
    return Json::parse(file);
  }();
  return all;
}

struct Episode {
  double result = 0;
  int length = 0;
  bool terminated = false;
};

template <class Policy>
Episode drive(Race& race, std::uint64_t level, const Policy& policy) {
  race.reset(level);
  Rng rng(level, "actions");
  Episode episode;
  while (!episode.terminated && episode.length < 1000) {
    const StepResult step = policy(race, rng);
    episode.result += static_cast<double>(step.reward);
    episode.terminated = step.terminated;
    ++episode.length;
  }
  return episode;
}

/// `most`: how far the means of returns may be apart.
template <class Policy>
void expect_alike(const char* name, int episodes, const Policy& policy, double most = 0.5,
                  const ParamValues& params = {}) {
  Race race(0, params);
  double results = 0, lengths = 0;
  int n = 0;
  for (const Json& theirs : golden()["episodes"][name]) {
    if (n == episodes) break;
    const Episode ours = drive(race, theirs["level"], policy);
    results += ours.result - theirs["return"].get<double>();
    lengths += ours.length - theirs["length"].get<int>();
    ++n;
  }
  ASSERT_EQ(n, episodes);
  EXPECT_NEAR(results / n, 0, most) << name;
  EXPECT_NEAR(lengths / n, 0, 0.5) << name;
}

TEST(CarRacingOracle, DoingNothingPaysTheSame) {
  expect_alike("zero", 5, [](Race& race, Rng&) { return race.step(0, 0, 0); });
}

TEST(CarRacingOracle, FullGasEndsAlike) {
  expect_alike("gas", 20, [](Race& race, Rng&) { return race.step(0, 1, 0); });
}

TEST(CarRacingOracle, RandomDrivingEndsAlike) {
  const auto policy = [](Race& race, Rng& rng) {
    const auto steering = static_cast<float>(rng.uniform(-1, 1));
    const auto gas = static_cast<float>(rng.uniform(0, 1));
    const auto brake = static_cast<float>(rng.uniform(0, 1));
    return race.step(steering, gas, brake);
  };
  expect_alike("random", 8, policy);
}

TEST(CarRacingOracle, RandomDiscreteDrivingEndsAlike) {
  const auto policy = [](Race& race, Rng& rng) {
    return race.step(static_cast<std::int32_t>(rng.below(5)));
  };
  expect_alike("random_discrete", 8, policy, 0.5, {{"continuous", "false", "test"}});
}

TEST(CarRacingOracle, ADriverWhoSeesOnlyPixelsGetsAsFar) {
  const auto policy = [](Race& race, Rng&) {
    float action[3];
    drive_by_pixels(race, action);
    return race.step(action[0], action[1], action[2]);
  };
  expect_alike("pixels", 8, policy, 7);
}

TEST(CarRacingOracle, GainsSpeedAsTheReferenceOnFullGas) {
  const Json& theirs = golden()["full_gas"];
  Race race(theirs["level"]);
  double farthest = 0, farthest_wheel = 0;
  for (std::size_t t = 0; t < theirs["speed"].size(); ++t) {
    race.step(0, 1, 0);
    const double speed = theirs["speed"][t], wheel = theirs["rear_wheel_speed"][t];
    farthest = std::fmax(farthest, std::fabs(race.speed() - speed) / (1 + speed));
    farthest_wheel = std::fmax(farthest_wheel, std::fabs(race.state()[12] - wheel) / (1 + wheel));
  }
  EXPECT_LT(farthest, 1e-4);
  EXPECT_LT(farthest_wheel, 1e-4);
}

// Means of blocks of 6x6 pixels: the shapes, their places and colours, not how edges are smoothed.
TEST(CarRacingOracle, PicturesAreTheReferences) {
  double worst = 0;
  for (std::uint64_t level = 0; level < 3; ++level) {
    Race race(level);
    int t = 0;
    for (const Json& frame : golden()["frames"]["frames"]) {
      if (frame["level"] != level) continue;
      while (t < frame["step"]) {
        ++t;
        race.step(static_cast<float>(0.1 * std::sin(t / 10.0)), 0.15f, 0);
      }
      double sum = 0;
      for (int block = 0; block < 256; ++block) {
        for (int c = 0; c < 3; ++c) {
          double mean = 0;
          for (int k = 0; k < 36; ++k) {
            mean += race.pixel(block / 16 * 6 + k / 6, block % 16 * 6 + k % 6)[c] / 36.0;
          }
          const double off = std::fabs(
              mean - frame["blocks"][static_cast<std::size_t>(3 * block + c)].get<double>());
          worst = std::fmax(worst, off);
          sum += off;
        }
      }
      EXPECT_LT(sum / 768, 0.8) << "level " << level << " step " << t;
    }
  }
  EXPECT_LT(worst, 20);
}

}  // namespace
}  // namespace tern
