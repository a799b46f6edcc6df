// Proof: worked examples of what panels read.

#include "render/frame_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "render/observed_images.h"
#include "tests/render/frames.h"

namespace tern {
namespace {

TEST(FrameData, ChoicesHaveNamesProbabilitiesAndTheChosenOne) {
  const std::vector<ChoiceBar> bars = choice_bars(balancing_frame());
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_EQ(bars[0].name, "left");
  EXPECT_EQ(bars[0].probability, 0.25);
  EXPECT_FALSE(bars[0].is_chosen);
  EXPECT_EQ(bars[1].name, "right");
  EXPECT_TRUE(bars[1].is_chosen);
  EXPECT_FALSE(bars[1].value.has_value());
  EXPECT_TRUE(real_bars(balancing_frame()).empty());
}

TEST(FrameData, ChoicesOfSeveralComponentsAreNumberedAsInTheMask) {
  EnvSpec spec;
  ActionComponent arm, hand;
  arm.name = "arm";
  arm.options = {"up", "down"};
  hand.name = "hand";
  hand.options = {"open", "close"};
  spec.action = ActionSpace::multi_discrete({arm, hand});
  FrameData frame;
  frame.spec = std::make_shared<const EnvSpec>(spec);
  frame.mask = {1, 1, 0, 1};
  frame.action = {0, 1};
  frame.inspection.action_values = {1, 2, 3, 4};
  const std::vector<ChoiceBar> bars = choice_bars(frame);
  ASSERT_EQ(bars.size(), 4u);
  EXPECT_EQ(bars[2].name, "hand: open");
  EXPECT_FALSE(bars[2].is_allowed);
  EXPECT_EQ(bars[3].value, 4);
  EXPECT_TRUE(bars[0].is_chosen);
  EXPECT_FALSE(bars[1].is_chosen);
  EXPECT_FALSE(bars[2].is_chosen);
  EXPECT_TRUE(bars[3].is_chosen);
}

TEST(FrameData, RealActionsHaveFiniteBarsAndTheirDistribution) {
  const std::vector<RealBar> bars = real_bars(steering_frame());
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_EQ(bars[0].name, "torque");
  EXPECT_EQ(bars[0].low, -2);
  EXPECT_EQ(bars[0].high, 2);
  EXPECT_EQ(bars[0].action, -0.5);
  EXPECT_EQ(bars[0].mean, -0.4);
  EXPECT_EQ(bars[0].standard_deviation, 0.3);
  EXPECT_EQ(bars[1].low, -5);  // unbounded: the next of 1, 2, 5, 10 above 3
  EXPECT_EQ(bars[1].high, 5);
  EXPECT_TRUE(choice_bars(steering_frame()).empty());
}

TEST(FrameData, ObservedValuesHaveNamesUnitsAndFiniteBars) {
  const std::vector<ObservedValue> values = observed_values(balancing_frame(), 10);
  ASSERT_EQ(values.size(), 5u);
  EXPECT_EQ(values[0].name, "cart position");
  EXPECT_EQ(values[0].unit, "m");
  EXPECT_EQ(values[0].low, -4.8);
  EXPECT_EQ(values[1].low, -5);
  EXPECT_EQ(values[1].high, 5);
  EXPECT_EQ(values[2].categories, 3);
  EXPECT_EQ(values[2].value, 2);
  EXPECT_EQ(values[4].name, "rays 1");
  EXPECT_EQ(values[4].value, 0.75);
  EXPECT_EQ(observed_values(balancing_frame(), 2).size(), 2u);
}

TEST(FrameData, RowsOfFloatsAndBytesAreReadByTheirFields) {
  EnvSpec spec;
  spec.obs.of(DType::kUint8).image("camera", 1, 1, 3, 0, 255).categorical("floor", 5, /*first=*/3);
  spec.obs.of(DType::kFloat32).scalar("gain", -1, 1, "V");
  FrameData frame;
  frame.spec = std::make_shared<const EnvSpec>(spec);
  frame.obs = {0.5f, 10, 20, 30, 7};
  const std::vector<ObservedValue> values = observed_values(frame, 10);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0].name, "gain");
  EXPECT_EQ(values[0].value, 0.5);
  EXPECT_EQ(values[1].name, "floor");
  EXPECT_EQ(values[1].value, 7);
  EXPECT_EQ(values[1].first, 3);
  const std::vector<ObservedImage> images = observed_images(frame);
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].tiles.at(0), (std::vector<std::uint8_t>{10, 20, 30}));
}

TEST(FrameData, ValuesThatAreNotFiniteStillGetABar) {
  FrameData frame = balancing_frame();
  frame.obs[1] = std::numeric_limits<float>::quiet_NaN();
  const ObservedValue observed = observed_values(frame, 10)[1];
  EXPECT_LT(observed.low, observed.high);
  EXPECT_TRUE(std::isfinite(observed.low));
  frame.obs[1] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isfinite(observed_values(frame, 10)[1].high));
}

TEST(FrameData, TheStateValueIsVOrTheBestAllowedQ) {
  Inspection inspection;
  EXPECT_FALSE(state_value(inspection, {}).has_value());
  inspection.action_values = {1, 5, 3};
  EXPECT_EQ(state_value(inspection, {}), 5);
  const std::vector<std::uint8_t> mask = {1, 0, 1};
  EXPECT_EQ(state_value(inspection, mask), 3);
  inspection.value = 2;
  EXPECT_EQ(state_value(inspection, mask), 2);
}

TEST(FrameData, LabelsSayWhoActsAndHow) {
  FrameData frame = balancing_frame();
  EXPECT_EQ(policy_label(frame), "ppo, 51 k steps");
  EXPECT_EQ(action_label(frame), "right");
  EXPECT_EQ(action_label(steering_frame()), "-0.5 3");
  frame.agent = "";
  frame.action.clear();
  EXPECT_EQ(policy_label(frame), "random actions");
  EXPECT_EQ(action_label(frame), "");
}

TEST(FrameData, CountsAreShort) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(9'999), "9999");
  EXPECT_EQ(count_text(10'000), "10 k");
  EXPECT_EQ(count_text(51'200), "51 k");
  EXPECT_EQ(count_text(999'499), "999 k");
  EXPECT_EQ(count_text(999'500), "1 M");
  EXPECT_EQ(count_text(1'250'000), "1.25 M");
  EXPECT_EQ(count_text(3'000'000'000), "3 G");
}

TEST(FrameData, NumbersHaveFourDigitsAtMost) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(-0.0001), "0");
  EXPECT_EQ(short_number(12), "12");
  EXPECT_EQ(short_number(0.3504), "0.35");
  EXPECT_EQ(short_number(-163.24), "-163.2");
  EXPECT_EQ(short_number(99.996), "100");
  EXPECT_EQ(short_number(12'345), "12345");
  EXPECT_EQ(short_number(1'234'567), "1.23e+06");
  EXPECT_EQ(short_number(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(short_number(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(FrameData, SpeedsAreFractionsOrFactors) {
  EXPECT_EQ(speed_label(0.125), "1/8x");
  EXPECT_EQ(speed_label(1), "1x");
  EXPECT_EQ(speed_label(64), "64x");
}

}  // namespace
}  // namespace tern
