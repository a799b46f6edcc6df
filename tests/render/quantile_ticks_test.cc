// Proof: worked examples by hand, and pictures that change with what they show.

#include "render/quantile_ticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/drawing/raster_canvas.h"
#include "render/breakpoint.h"
#include "render/frame_layout.h"
#include "tests/core/canvas_scene.h"
#include "tests/render/frames.h"

namespace tern {
namespace {

/// Two actions of four quantiles: means 2 and 5, standard deviations sqrt(5) and 0.
FrameData frame_with_quantiles() {
  FrameData frame = balancing_frame();
  frame.inspection = {};
  frame.inspection.action_values = {2, 5};
  frame.inspection.quantiles = {5, 1, 3, -1, 5, 5, 5, 5};
  return frame;
}

TEST(QuantileTicks, StandWhereTheyLieInTheBarRising) {
  const std::vector<ChoiceBar> bars = choice_bars(frame_with_quantiles());
  EXPECT_EQ(bars[0].quantiles, (std::vector<double>{-1, 1, 3, 5}));
  EXPECT_EQ(bars[0].place(-1), 0.4f);  // from -5 to 5
  EXPECT_EQ(bars[0].place(5), 1.0f);
  EXPECT_EQ(bars[0].from, 0.5f);  // a quantile below zero has room, so zero is in the middle
  EXPECT_EQ(bars[1].quantiles, (std::vector<double>{5, 5, 5, 5}));
  EXPECT_DOUBLE_EQ(bars[0].deviation.value(), std::sqrt(5.0));
  EXPECT_EQ(bars[1].deviation, 0);
}

TEST(QuantileTicks, WithoutQuantilesOrProbabilitiesInsteadThereAreNone) {
  FrameData frame = frame_with_quantiles();
  frame.inspection.quantiles.clear();
  EXPECT_TRUE(choice_bars(frame)[0].quantiles.empty());
  EXPECT_FALSE(choice_bars(frame)[0].deviation.has_value());
  frame = frame_with_quantiles();
  frame.inspection.probabilities = {0.5, 0.5};
  EXPECT_TRUE(choice_bars(frame)[0].quantiles.empty());
  frame = frame_with_quantiles();
  frame.mask = {0, 1};
  EXPECT_TRUE(choice_bars(frame)[0].quantiles.empty());
}

TEST(QuantileTicks, WhatIsNotFiniteIsLeftOut) {
  FrameData frame = frame_with_quantiles();
  frame.inspection.quantiles[0] = NAN;
  frame.inspection.quantiles[4] = INFINITY;
  const std::vector<ChoiceBar> bars = choice_bars(frame);
  EXPECT_EQ(bars[0].quantiles.size(), 3u);
  EXPECT_EQ(bars[1].quantiles.size(), 3u);
  EXPECT_FALSE(bars[0].deviation.has_value());
  EXPECT_FALSE(bars[1].deviation.has_value());
  frame.inspection.quantiles.assign(8, std::numeric_limits<double>::max());
  EXPECT_FALSE(choice_bars(frame)[0].deviation.has_value());
}

TEST(QuantileTicks, EachIsSeenInTheWindowAndInFilms) {
  const auto hash = [](const FrameData& frame, bool is_film) {
    RasterCanvas canvas(960, 640);
    if (is_film) {
      draw_recorded_frame(canvas, 960, 640, frame);
    } else {
      draw_viewer_frame(canvas, 960, 640, frame);
    }
    return picture_hash(canvas.rgb());
  };
  const FrameData frame = frame_with_quantiles();
  FrameData other = frame;
  other.inspection.quantiles[2] = 4;
  EXPECT_NE(hash(frame, false), hash(other, false));
  EXPECT_NE(hash(frame, true), hash(other, true));
}

/// The words of the window.
std::vector<std::string> words(const FrameData& frame) {
  RecordingCanvas canvas;
  draw_viewer_frame(canvas, 960, 640, frame);
  std::vector<std::string> lines;
  for (const DrawCall& call : canvas.calls()) {
    if (call.kind == DrawCall::Kind::kText) lines.push_back(call.line);
  }
  return lines;
}

TEST(QuantileTicks, ASectionOfThePanelHasThemBetweenTheFirstAndTheLast) {
  using testing::Contains;
  FrameData frame = frame_with_quantiles();
  EXPECT_THAT(words(frame), Contains("quantiles of the return"));
  EXPECT_THAT(words(frame), Contains("-1 to 5"));
  frame.inspection.quantiles.assign(8, 5);  // all alike
  EXPECT_THAT(words(frame), Contains("5 to 5"));
  frame.inspection.quantiles.assign(8, NAN);
  EXPECT_THAT(words(frame), testing::Not(Contains("quantiles of the return")));
  frame.inspection.quantiles.clear();
  EXPECT_THAT(words(frame), testing::Not(Contains("quantiles of the return")));
}

TEST(QuantileTicks, AThousandAreDrawnAsAHundred) {
  ChoiceBar bar;
  bar.quantiles.assign(1000, 0.5);
  RecordingCanvas canvas;
  draw_quantiles(canvas, {0, 0}, {80, 8}, bar);
  EXPECT_EQ(canvas.calls().size(), 101u);  // and the line over the middle half
}

TEST(QuantileTicks, ABreakpointAsksHowFarTheyAreApart) {
  FrameData frame = frame_with_quantiles();
  const auto holds = [&](const char* text) {
    return Breakpoint(text, *frame.spec).is_reached(frame, 0.99);
  };
  frame.action = {0};
  EXPECT_TRUE(holds("return_deviation > 2.2"));
  EXPECT_FALSE(holds("return_deviation > 2.3"));
  frame.action = {1};
  EXPECT_TRUE(holds("return_deviation == 0"));
  frame.action = {};
  EXPECT_FALSE(holds("return_deviation >= 0"));
  frame = frame_with_quantiles();
  EXPECT_FALSE(Breakpoint("return_deviation > 1", *frame.spec).is_unknown(frame));
  frame.inspection.quantiles.clear();
  EXPECT_TRUE(Breakpoint("return_deviation > 1", *frame.spec).is_unknown(frame));
}

}  // namespace
}  // namespace tern
