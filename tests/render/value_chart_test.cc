// Proof: worked examples by hand, and a picture that changes with each line of the chart.

#include "render/value_chart.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/drawing/raster_canvas.h"
#include "render/frame_layout.h"
#include "tests/core/canvas_scene.h"
#include "tests/error_of.h"
#include "tests/render/frames.h"

namespace tern {
namespace {

/// Four moments: V = 10, 20, 40, 7; rewards 1, 2, 3.
Episode short_episode(bool is_terminated) {
  Episode episode;
  episode.spec = balancing_frame().spec;
  double sum = 0;
  for (const auto& [value, reward] : {std::pair(10.0, 0.0f), {20, 1}, {40, 2}, {7, 3}}) {
    Moment& moment = episode.moments.emplace_back();
    moment.inspection.value = value;
    moment.reward = reward;
    moment.episode_return = sum += static_cast<double>(reward);
  }
  episode.moments.back().terminated = is_terminated;
  return episode;
}

using Numbers = std::vector<double>;

TEST(ValueChart, HasValuesReturnsAndWhatCameDiscounted) {
  const ValueChart chart = value_chart(short_episode(true), 3, 0.5);
  EXPECT_EQ(chart.values, (Numbers{10, 20, 40, 7}));
  EXPECT_EQ(chart.returns, (Numbers{0, 1, 3, 6}));
  EXPECT_EQ(chart.realised, (Numbers{1 + 1 + 0.75, 2 + 1.5, 3, 0}));
  EXPECT_EQ(chart.td_errors[1], 1 + 0.5 * 20 - 10);
  EXPECT_EQ(chart.td_errors[3], 3 - 40);  // terminated: nothing comes
  EXPECT_TRUE(std::isnan(chart.td_errors[0]));
}

TEST(ValueChart, WhatIsNotOverIsWorthItsValue) {
  const ValueChart chart = value_chart(short_episode(false), 3, 0.5);
  EXPECT_EQ(chart.realised,
            (Numbers{1 + 0.5 * (2 + 0.5 * (3 + 0.5 * 7)), 2 + 0.5 * (3 + 3.5), 3 + 3.5, 7}));
  EXPECT_EQ(chart.td_errors[3], 3 + 0.5 * 7 - 40);
}

// At an earlier moment what came later counts in the realised return.
TEST(ValueChart, EndsAtTheMomentThatIsShown) {
  const ValueChart chart = value_chart(short_episode(true), 1, 0.5);
  EXPECT_EQ(chart.values, (Numbers{10, 20}));
  EXPECT_EQ(chart.realised, (Numbers{2.75, 3.5}));
}

TEST(ValueChart, ALongEpisodeIsCutToItsLastMoments) {
  Episode episode = short_episode(false);
  for (int i = 0; i < 3000; ++i) {
    Moment moment;
    moment.inspection.value = 100;
    moment.reward = 1;
    episode.moments.push_back(moment);
  }
  const ValueChart chart = value_chart(episode, 2000, 0.99);
  ASSERT_EQ(chart.values.size(), kRememberedValues);
  ASSERT_EQ(chart.realised.size(), kRememberedValues);
  for (const double realised : chart.realised) EXPECT_NEAR(realised, 100, 1e-9);
  EXPECT_NEAR(chart.td_errors[5], 1 + 99 - 100, 1e-12);
  EXPECT_NEAR(value_chart(episode, 10, 1.0).realised.back(), 2993 + 100, 1e-9);
  EXPECT_NEAR(value_chart(episode, 10, 0.0).realised.back(), 1, 1e-9);
}

TEST(ValueChart, WithoutValuesThereIsNone) {
  Episode episode = short_episode(true);
  episode.moments[2].inspection.value.reset();  // random actions
  EXPECT_TRUE(value_chart(episode, 3, 0.5).values.empty());
  EXPECT_EQ(error_of([&] { value_chart(episode, 4, 0.5); }, ExitCode::kUsage),
            "there is no moment 4");
}

TEST(ValueChart, PlayersWhoTakeTurnsHaveNoErrors) {
  Episode episode = short_episode(true);
  EnvSpec spec = *episode.spec;
  spec.players = 2;
  episode.spec = std::make_shared<const EnvSpec>(std::move(spec));
  const ValueChart chart = value_chart(episode, 3, 0.5);
  EXPECT_EQ(chart.values.size(), 4u);
  EXPECT_TRUE(chart.realised.empty());
  EXPECT_TRUE(chart.td_errors.empty());
}

TEST(ValueChart, EachLineIsSeen) {
  FrameData frame = balancing_frame();
  const ValueChart chart = value_chart(short_episode(true), 3, 0.5);
  const auto hash = [&](const ValueChart& shown) {
    frame.chart = std::make_shared<const ValueChart>(shown);
    RasterCanvas canvas(960, 640);
    draw_viewer_frame(canvas, 960, 640, frame);
    return picture_hash(canvas.rgb());
  };
  const std::uint64_t before = hash(chart);
  for (const auto line :
       {&ValueChart::values, &ValueChart::realised, &ValueChart::returns, &ValueChart::td_errors}) {
    ValueChart other = chart;
    (other.*line)[2] += 4;
    EXPECT_NE(hash(other), before);
    (other.*line)[2] = NAN;
    hash(other);
    (other.*line)[2] = INFINITY;
    hash(other);
  }
}

}  // namespace
}  // namespace tern
