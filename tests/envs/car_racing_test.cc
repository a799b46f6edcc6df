// CarRacing: worked examples by hand (rewards, ends, actions, pixels), golden texts, error texts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/text_canvas.h"
#include "envs/physics/race_track.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/envs/race.h"
#include "tests/envs/spec_text.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr std::uint64_t kLevel = 1;
constexpr double kTiles = 290;  // of that level
const ParamValues kDiscrete = {{"continuous", "false", "test"}};

/// The state of a car at rest on a point of the road.
DoubleVec standing(const TrackPoint& point) {
  DoubleVec state(15, 0);
  state[0] = point.x;
  state[1] = point.y;
  state[2] = state[7] = state[9] = state[11] = state[13] = point.heading;
  return state;
}

RaceTrack track_of(std::uint64_t level) {
  Rng rng(level, "car racing");
  RaceTrack track;
  track.generate(rng);
  return track;
}

// The start touches two tiles, which the first step pays: 2 * 1000 / 290 - 0.1.
TEST(CarRacing, TheFirstStepPaysTheTilesOfTheStart) {
  Race race(kLevel);
  EXPECT_FLOAT_EQ(race.metric(1), static_cast<float>(2 / kTiles));
  EXPECT_NEAR(race.step(0, 0, 0).reward, 2000 / kTiles - 0.1, 1e-5);
  EXPECT_THAT(race.terms(), testing::ElementsAre(testing::FloatNear(2000 / kTiles, 1e-5),
                                                 testing::FloatNear(-0.1f, 1e-7), 0));
  EXPECT_FLOAT_EQ(race.step(0, 0, 0).reward, -0.1f);
}

TEST(CarRacing, ATilePaysOnce) {
  Race race(kLevel);
  const DoubleVec start = race.state();
  double paid = 0;
  for (int t = 0; t < 60; ++t) {
    race.step(0, 0.3f, 0);
    paid += static_cast<double>(race.terms()[0]);
  }
  const float visited = race.metric(1);
  EXPECT_GT(visited, 8 / kTiles);
  EXPECT_NEAR(paid, 1000 * static_cast<double>(visited), 1e-3);
  race.env->set_state(start);
  for (int t = 0; t < 30; ++t) {
    race.step(0, 0.3f, 0);
    EXPECT_EQ(race.terms()[0], 0);
  }
  EXPECT_EQ(race.metric(1), visited);
}

TEST(CarRacing, ALapEndsWithTheLastTileAndHasPaidAThousand) {
  const RaceTrack track = track_of(kLevel);
  Race race(kLevel);
  double sum = 0;
  int steps = 0;
  for (std::size_t i = 0; i < track.size(); ++i) {
    race.env->set_state(standing(track.points()[i]));
    for (int t = 0; t < 2; ++t) {
      const StepResult result = race.step(0, 0, 0);
      sum += static_cast<double>(result.reward);
      ++steps;
      ASSERT_EQ(result.terminated, race.metric(1) == 1) << "tile " << i;
      ASSERT_EQ(race.metric(0), result.terminated ? 1 : 0);
      if (!result.terminated) continue;
      EXPECT_GE(i, track.size() - 3);
      EXPECT_NEAR(sum, 1000 - 0.1 * steps, 0.01);
      return;
    }
  }
  ADD_FAILURE() << "no lap; visited " << race.metric(1);
}

// Tile 0 is under the rear wheels at the start, so that only a share as small as what is visited by
// then is reached with it: 1/290 = 0.0034.
TEST(CarRacing, TheShareOfALapCountsWhenTileZeroIsVisited) {
  const auto ends = [](const char* share) {
    Race race(kLevel, {{"lap_complete_percent", share, "test"}});
    return race.step(0, 0, 0).terminated && race.metric(0) == 1;
  };
  EXPECT_TRUE(ends("0"));
  EXPECT_TRUE(ends("0.0034"));
  EXPECT_FALSE(ends("0.007"));
  EXPECT_FALSE(ends("0.95"));
}

TEST(CarRacing, OffTheFieldPaysMinus100AndNothingElse) {
  for (const auto& [x, y, off] :
       {std::tuple{333.0, -333.0, false}, {334.0, 0.0, true}, {0.0, -334.0, true}}) {
    Race race(kLevel);
    race.env->set_state(standing({0, 0, x, y}));
    const StepResult result = race.step(0, 0, 0);
    EXPECT_EQ(result.terminated, off) << x << " " << y;
    EXPECT_EQ(race.metric(0), 0);
    if (!off) continue;
    EXPECT_EQ(result.reward, -100);
    EXPECT_THAT(race.terms(), testing::ElementsAre(0, 0, -100));
  }
}

TEST(CarRacing, DiscreteActionsAreFiveOfTheContinuousOnes) {
  constexpr float kChoices[5][3] = {
      {0, 0, 0}, {0.6f, 0, 0}, {-0.6f, 0, 0}, {0, 0.2f, 0}, {0, 0, 0.8f}};
  for (std::int32_t choice = 0; choice < 5; ++choice) {
    Race five(kLevel, kDiscrete), real(kLevel);
    // 0.6, 0.2 and 0.8 are doubles in one and floats in the other.
    const auto expect_same = [&](std::size_t fields) {
      for (std::size_t i = 0; i < fields; ++i) {
        EXPECT_NEAR(five.state()[i], real.state()[i], 1e-3) << choice << " " << i;
      }
    };
    for (int t = 0; t < 80; ++t) {
      if (t < 40) {
        five.step(3);
        real.step(0, 0.2f, 0);
      } else {
        five.step(choice);
        real.step(kChoices[choice][0], kChoices[choice][1], kChoices[choice][2]);
        if (t == 40) expect_same(15);
      }
    }
    expect_same(6);
  }
}

TEST(CarRacing, PositiveSteeringTurnsRightAndGasDrivesForward) {
  Race right(kLevel), left(kLevel);
  const double angle = right.state()[2];
  for (int t = 0; t < 50; ++t) {
    right.step(0.5f, 0.2f, 0);
    left.step(-0.5f, 0.2f, 0);
  }
  EXPECT_LT(right.state()[2], angle - 0.1);  // angles grow counter-clockwise
  EXPECT_GT(left.state()[2], angle + 0.1);
  EXPECT_GT(right.speed(), 5);
}

TEST(CarRacing, GasIsClampedAndABrakeBelowZeroIsNone) {
  Race inside(kLevel), outside(kLevel);
  for (int t = 0; t < 30; ++t) {
    inside.step(0, 1, 0);
    outside.step(0, 7, -2);
  }
  EXPECT_EQ(inside.state(), outside.state());
}

TEST(CarRacing, OnGrassTyresHoldLessThanOnTheRoad) {
  const auto speed_after = [](double x, double y) {
    Race race(kLevel);
    race.env->set_state(standing({0, 0, x, y}));
    for (int t = 0; t < 30; ++t) race.step(0, 1, 0);
    return race.speed();
  };
  const TrackPoint start = track_of(kLevel).points().front();
  EXPECT_LT(speed_after(0, 0), 0.7 * speed_after(start.x, start.y));
}

// Colours are two levels darker than they were painted, as in the reference.
TEST(CarRacing, TheCarStandsInTheMiddleOfThePictureAboveTheBar) {
  Race race(kLevel);
  for (int t = 0; t < 60; ++t) race.step(0, 0, 0);  // the camera has come near
  const auto color = [&race](int y, int x) {
    return std::vector<int>(race.pixel(y, x), race.pixel(y, x) + 3);
  };
  // A quarter of the picture's height above its lower border, in the middle: between columns 47
  // and 48, rows 71 and 72.
  EXPECT_THAT(color(72, 47), testing::ElementsAre(202, 0, 0));
  EXPECT_THAT(color(72, 48), testing::ElementsAre(202, 0, 0));
  EXPECT_THAT(color(60, 48), testing::Each(testing::AllOf(testing::Ge(100), testing::Le(105))));
  EXPECT_THAT(color(50, 3), testing::ElementsAre(100, testing::Ge(202), 100));
  EXPECT_THAT(color(94, 60), testing::Each(0));
}

// A column of 0.02 * 20 pixels of 800 for each m/s, shrunk to 96: 0.048 * speed. The reference
// rounds up to whole pixels and paints one more: 0.12 to 0.24 is added.
TEST(CarRacing, TheBarShowsTheSpeed) {
  Race race(kLevel);
  for (int t = 0; t < 100; ++t) {
    race.step(0, 0.5f, 0);
    double white = 0;
    for (int y = 84; y < 94; ++y) white += race.pixel(y, 13)[0] / 253.0;
    EXPECT_NEAR(white, 0.048 * race.speed() + 0.18, 0.08) << t;
  }
  EXPECT_GT(race.speed(), 30);
}

// Further columns, 2.4 pixels wide from the seventh on: 0.024 * omega of each wheel. Two rows: from
// the middle on 24 * the angle of the front wheels, from 72 on 1.92 * the angular velocity, to the
// right when turning right. Rounded to the reference's pixels, as the speed is.
TEST(CarRacing, TheBarShowsWheelsSteeringAndTurning) {
  Race race(kLevel);
  for (const double side : {-1, 1}) {
    DoubleVec state = standing(track_of(kLevel).points()[0]);
    state[5] = 5 * side;
    for (std::size_t i = 0; i < 4; ++i) state[8 + 2 * i] = 180 + 10 * static_cast<double>(i);
    race.env->set_state(state);
    for (int t = 0; t < 4; ++t) race.step(static_cast<float>(-side), 0, 0);
    state = race.state();
    const auto sum = [&](int top, int bottom, int left, int right, int channel) {
      double all = 0;
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) all += race.pixel(y, x)[channel] / 253.0;
      }
      return all;
    };
    constexpr int kInside[4] = {17, 20, 22, 24};  // a column that the wheel's fills
    for (int i = 0; i < 4; ++i) {
      const double omega = state[8 + 2 * static_cast<std::size_t>(i)];
      EXPECT_GT(omega, 100);
      EXPECT_NEAR(sum(84, 94, kInside[i], kInside[i] + 1, 2), 0.024 * omega + 0.18, 0.08) << i;
    }
    // To the left of their beginnings and to the right of them, in the middle of the rows.
    const double steering = 24 * std::fabs(state[7] - state[2]),
                 turning = 1.92 * std::fabs(state[5]);
    const double left = side > 0 ? 1 : 0;
    EXPECT_NEAR(sum(89, 90, 36, 48, 1), left * steering, 0.15);
    EXPECT_NEAR(sum(89, 90, 48, 60, 1), (1 - left) * steering, 0.15);
    EXPECT_NEAR(sum(89, 90, 60, 72, 0), left * turning, 0.15);
    EXPECT_NEAR(sum(89, 90, 72, 84, 0), (1 - left) * turning, 0.15);
    EXPECT_NEAR(sum(84, 96, side > 0 ? 46 : 49, side > 0 ? 47 : 50, 1), 41 * 0.12, 0.02);
    EXPECT_EQ(sum(84, 86, 36, 84, 1) + sum(92, 96, 36, 84, 1), 0);  // from 39 to 80 of 800
  }
}

// The view is 64 units wide and high: in a picture of 200 x 400 pixels it takes the middle 200 rows.
/// A shade of grey, or the first letter of blue, purple, green or red.
char letter_of(const std::uint8_t* pixel) {
  const int r = pixel[0], g = pixel[1], b = pixel[2];
  if (std::max({r, g, b}) - std::min({r, g, b}) < 8) return " .:-=+*#%@"[r * 10 / 256];
  if (g > std::max(r, b)) return 'g';
  if (r > b) return 'r';
  return 8 * r > b ? 'p' : 'b';
}

/// The black bar below the picture.
std::string bar_text(const Race& race) {
  std::string text;
  for (int y = 84; y < 96; ++y) {
    text += '\n';
    for (int x = 0; x < 96; ++x) text += letter_of(race.pixel(y, x));
    text.erase(text.find_last_not_of(' ') + 1);
  }
  return text + "\n";
}

// After 60 steps of gas in a slight bend: the score, 22; the speed; how fast the front wheels (blue)
// and the rear ones (purple) turn; how far the front ones are steered (green); how fast the car turns
// (red).
TEST(CarRacing, TheBarReadsLikeThis) {
  Race race(kLevel);
  double score = 0;
  for (int t = 0; t < 60; ++t) score += static_cast<double>(race.step(0.1f, 0.6f, 0).reward);
  EXPECT_EQ(std::lround(score), 22);
  EXPECT_EQ(bar_text(race), R"(


                                                ggg                     rrrrrrr
                                                ggg                     rrrrrrr
 .+ +.=--=                                      ggg                     rrrrrrr
 =:=:=.=.=                                      ggg                     rrrrrrr
 =:=:=-:.=            bbbb                      ggg                     rrrrrrr
 .+ +.*-++  ##- bbbbbpppppp                     ggg                     rrrrrrr
            @@= bbbbbbppppp
            ##- bbbbbbppppp


)");
}

TEST(CarRacing, ThePictureStaysInsideItsView) {
  Race race(kLevel);
  for (int t = 0; t < 30; ++t) race.step(0, 0.3f, 0);
  RasterCanvas canvas(200, 400);
  race.env->draw(canvas);
  const auto color = [&canvas](int row, int column) {
    const auto at = canvas.rgb().begin() + 3 * (row * 200 + column);
    return std::vector<int>(at, at + 3);
  };
  for (int row = 0; row < 400; ++row) {
    if (row == 99) row = 301;
    for (int column = 0; column < 200; ++column) EXPECT_EQ(color(row, column), color(0, 0)) << row;
  }
  EXPECT_NE(color(236, 100), color(0, 0));  // the car
  TextCanvas text(80, 30);
  race.env->draw(text);
  for (const char* word : {"m/s", "lap", "score", "steering"}) {
    EXPECT_THAT(text.str(), testing::HasSubstr(word));
  }
}

TEST(CarRacing, ColoursChangeFromEpisodeToEpisodeOnlyIfAsked) {
  const auto grass = [](const Race& race) {
    return std::vector<int>(race.pixel(40, 2), race.pixel(40, 2) + 3);
  };
  Race plain(kLevel), changing(kLevel, {{"domain_randomize", "true", "test"}});
  const std::vector<int> plain_grass = grass(plain), first = grass(changing);
  const DoubleVec state = changing.state();
  plain.reset(kLevel);
  changing.reset(kLevel);
  EXPECT_EQ(grass(plain), plain_grass);
  EXPECT_NE(grass(changing), first);
  EXPECT_EQ(changing.state(), state);  // of the same road
}

// Road and field: each channel uniform in [0, 210), cut off, and painted two levels darker. The
// other grass: the field's colour with 20 more in one channel.
TEST(CarRacing, ColoursAreDrawnAsInTheReference) {
  const auto come_near = [](Race& race) {
    for (int t = 0; t < 50; ++t) race.step(0, 0, 0);
  };
  Race plain(kLevel), changing(kLevel, {{"domain_randomize", "true", "test"}});
  come_near(plain);
  const auto position_of = [&plain](int green) {  // in the usual colours
    int at = 0;
    while (plain.pixels[3 * at] != 100 || plain.pixels[3 * at + 1] != green) ++at;
    return at;
  };
  const int field = position_of(202), grass = position_of(228);
  int darkest = 255, lightest = 0;
  for (int episode = 0; episode < 40; ++episode) {
    changing.reset(kLevel);
    come_near(changing);
    int sum = 0, different = 0;
    for (int c = 0; c < 3; ++c) {
      const int value = changing.pixels[3 * field + c], other = changing.pixels[3 * grass + c];
      darkest = std::min(darkest, value);
      lightest = std::max(lightest, value);
      if (value == 0) continue;  // darker than what is lost
      sum += other - value;
      different += other != value;
    }
    EXPECT_EQ(different, sum == 0 ? 0 : 1);
    EXPECT_THAT(sum, testing::AnyOf(0, 20));
  }
  EXPECT_THAT(lightest, testing::AllOf(testing::Ge(200), testing::Le(209 - 2)));
  EXPECT_LE(darkest, 3);
}

TEST(CarRacing, HasTheReferencesSpacesAndLimits) {
  EXPECT_EQ(spec_text("CarRacing-v3"), R"(
pixels [0, 255] x27648
> steering [-1, 1]
> gas [0, 1]
> brake [0, 1]
= continuous true
= domain_randomize false
= lap_complete_percent 0.95 of [0, 1]
1000 steps, 50 a second, solved by 900, 1000000 levels
)");
}

TEST(CarRacing, KeysSteerAccelerateAndBrake) {
  const Race real(kLevel), five(kLevel, kDiscrete);
  const auto keys = [](std::initializer_list<Key> held) {
    Keys all;
    for (const Key key : held) all.press(key);
    return all;
  };
  const auto action_of = [&](std::initializer_list<Key> held) {
    std::vector<float> action(3, 9);
    EXPECT_TRUE(real.env->human_action(keys(held), MutableActionRow(Row<float>(action.data(), 3))));
    return action;
  };
  EXPECT_THAT(action_of({}), testing::ElementsAre(0, 0, 0));
  EXPECT_THAT(action_of({Key::kLeft, Key::kUp}), testing::ElementsAre(-1, 1, 0));
  EXPECT_THAT(action_of({Key::kRight, Key::kDown}), testing::ElementsAre(1, 0, 0.8f));
  const auto choice_of = [&](std::initializer_list<Key> held) {
    std::int32_t choice = 9;
    five.env->human_action(keys(held), MutableActionRow(Row<std::int32_t>(&choice, 1)));
    return choice;
  };
  EXPECT_EQ(choice_of({}), 0);
  EXPECT_EQ(choice_of({Key::kRight}), 1);
  EXPECT_EQ(choice_of({Key::kLeft, Key::kUp}), 2);
  EXPECT_EQ(choice_of({Key::kUp}), 3);
  EXPECT_EQ(choice_of({Key::kDown}), 4);
}

TEST(CarRacing, RefusesWhatIsOutOfRange) {
  using testing::AllOf, testing::HasSubstr;
  const auto make = [](const char* key, const char* value) {
    return error_of([&] { Race(kLevel, {{key, value, "test"}}); }, ExitCode::kUsage);
  };
  EXPECT_THAT(make("lap_complete_percent", "95"),
              AllOf(HasSubstr("lap_complete_percent"), HasSubstr("95")));
  EXPECT_THAT(make("continuos", "false"), HasSubstr("continuous"));
  EXPECT_THAT(make("domain_randomize", "7"), HasSubstr("domain_randomize"));

  VecEnv real(registry().find("CarRacing-v3"), {}, {}),
      five(registry().find("CarRacing-v3"), kDiscrete, {});
  for (VecEnv* envs : {&real, &five}) {
    const EnvSpec& spec = envs->spec();
    StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), 1);
    envs->reset(buffers.batch.obs, buffers.batch.mask);
    if (envs == &real) {
      buffers.actions[0][1] = NAN;
    } else {
      buffers.actions[0].discrete() = 5;
    }
    EXPECT_THAT(error_of([&] { envs->step(buffers.actions, buffers.batch); }, ExitCode::kUsage),
                AllOf(HasSubstr("CarRacing-v3"), HasSubstr(envs == &real ? "gas" : "5")));
  }
}

TEST(CarRacing, RefusesStatesThatAreNone) {
  using testing::AllOf, testing::HasSubstr;
  Race race(kLevel);
  DoubleVec state = race.state();
  state[5] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(error_of([&] { race.env->set_state(state); }, ExitCode::kUsage),
              AllOf(HasSubstr("CarRacing-v3"), HasSubstr("angular velocity"), HasSubstr("nan")));
  state[5] = 1.02e6;
  EXPECT_THAT(error_of([&] { race.env->set_state(state); }, ExitCode::kUsage),
              AllOf(HasSubstr("angular velocity"), HasSubstr("1020000; expected a number")));
  state.pop_back();
  EXPECT_THAT(error_of([&] { race.env->set_state(state); }, ExitCode::kUsage),
              AllOf(HasSubstr("14"), HasSubstr("15")));
  const auto fresh = registry().find("CarRacing-v3").make({});
  EXPECT_THAT(error_of([&] { fresh->set_state(DoubleVec(15, 0)); }, ExitCode::kUsage),
              HasSubstr("reset"));
}

TEST(CarRacing, StatesThatAreSetAreReadBack) {
  Race race(kLevel);
  DoubleVec state = standing(track_of(kLevel).points()[20]);
  state[3] = 5;
  state[4] = -3;
  state[6] = 0.25;
  state[12] = 7;
  race.env->set_state(state);
  const DoubleVec back = race.state();
  for (std::size_t i = 0; i < state.size(); ++i) EXPECT_NEAR(back[i], state[i], 1e-4) << i;
}

}  // namespace
}  // namespace tern
