// What people and programs see of LunarLander: a golden text of its picture, keys, spaces and limits,
// error texts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/drawing/text_canvas.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/envs/lander_pilot.h"
#include "tests/envs/spec_text.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr const char* kContinuous = "LunarLanderContinuous-v3";

TEST(LunarLander, LooksLikeALanderAboveItsPad) {
  LanderEpisode flight("LunarLander-v3", {}, /*level=*/3);
  for (int t = 0; t < 20; ++t) flight.choose(0);
  place(flight, 10, 8, 0);
  TextCanvas canvas(40, 15);
  flight.env->draw(canvas);
  EXPECT_EQ(canvas.str(), R"(





                   #o
                  #/##


                #       #
          //----|---#---|---------------
--------//##############################
#o####o##o#####o##o##o####o##o#####o##o#
########################################
)");
}

TEST(LunarLander, KeysAreEngines) {
  const LanderEpisode discrete, continuous(kContinuous);
  const auto choice_of = [&](std::initializer_list<Key> held) {
    Keys keys;
    for (const Key key : held) keys.press(key);
    std::int32_t action = 9;
    EXPECT_TRUE(discrete.env->human_action(keys, MutableActionRow(Row<std::int32_t>(&action, 1))));
    return action;
  };
  EXPECT_EQ(choice_of({}), 0);
  EXPECT_EQ(choice_of({Key::kLeft}), 1);
  EXPECT_EQ(choice_of({Key::kUp}), 2);
  EXPECT_EQ(choice_of({Key::kSpace}), 2);
  EXPECT_EQ(choice_of({Key::kRight, Key::kUp}), 3);
  EXPECT_EQ(choice_of({Key::kLeft, Key::kRight}), 0);
  Keys keys;
  keys.press(Key::kUp);
  keys.press(Key::kLeft);
  float action[2] = {9, 9};
  EXPECT_TRUE(continuous.env->human_action(keys, MutableActionRow(FloatRow(action, 2))));
  EXPECT_THAT(action, testing::ElementsAre(1, -1));
}

TEST(LunarLander, HasTheReferencesSpacesAndLimits) {
  const auto text = [](const std::string& actions) {
    return R"(
x position [-2.5, 2.5]
y position [-2.5, 2.5]
x velocity [-10, 10]
y velocity [-10, 10]
angle [-6.28319, 6.28319]
angular velocity [-10, 10]
right leg contact [0, 1]
left leg contact [0, 1])" +
           actions + R"(
= gravity -10 of (-12, 0)
= enable_wind false
= wind_power 15 of [0, 20]
= turbulence_power 1.5 of [0, 2]
1000 steps, 50 a second, solved by 200, 1000000 levels
)";
  };
  EXPECT_EQ(spec_text("LunarLander-v3"), text("\n> action none left main right"));
  EXPECT_EQ(spec_text(kContinuous), text("\n> main [-1, 1]\n> lateral [-1, 1]"));
}

TEST(LunarLander, RefusesWhatIsOutOfRange) {
  const auto refusal = [](const std::string& key, const std::string& value) {
    return error_of(
        [&] {
          LanderEpisode("LunarLander-v3", {{key, value, "test"}});
        },
        ExitCode::kUsage);
  };
  EXPECT_THAT(refusal("gravity", "0"), testing::HasSubstr("env.gravity"));
  EXPECT_THAT(refusal("gravity", "-12"), testing::HasSubstr("-12"));
  EXPECT_THAT(refusal("wind_power", "20.5"), testing::HasSubstr("20.5"));
  EXPECT_THAT(refusal("turbulence_power", "-1"), testing::HasSubstr("env.turbulence_power"));

  LanderEpisode flight;
  const auto state_error = [&](std::vector<double> state) {
    return error_of([&] { flight.env->set_state(ConstDoubleRow(state.data(), state.size())); },
                    ExitCode::kUsage);
  };
  EXPECT_THAT(state_error({1, 2}), testing::AllOf(testing::HasSubstr("LunarLander-v3"),
                                                  testing::HasSubstr("2 numbers")));
  std::vector<double> bad = flight.state();
  bad[3] = 10'200;
  EXPECT_THAT(state_error(bad), testing::AllOf(testing::HasSubstr("hull x_dot"),
                                               testing::HasSubstr("10200; expected a number")));
  bad[8] = NAN;
  bad[3] = 10'000;
  EXPECT_THAT(state_error(bad),
              testing::AllOf(testing::HasSubstr("right leg angle"), testing::HasSubstr("nan")));

  VecEnv envs(registry().find(kContinuous), {}, {});
  StepBuffers buffers(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), 1);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  buffers.actions[0][1] = NAN;
  EXPECT_THAT(error_of([&] { envs.step(buffers.actions, buffers.batch); }, ExitCode::kUsage),
              testing::AllOf(testing::HasSubstr(kContinuous), testing::HasSubstr("lateral"),
                             testing::HasSubstr("nan")));
}

}  // namespace
}  // namespace tern
