// Proof: worked examples of what a viewer asks a policy and shows of the answer, and that each
// source of the picture changes it.

#include "render/explainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/recording_canvas.h"
#include "envs/registry/registry.h"
#include "render/explained_images.h"
#include "render/frame_layout.h"
#include "render/terminal_frame.h"
#include "render/viewer.h"
#include "render/viewer_keys.h"
#include "tests/core/canvas_scene.h"
#include "tests/render/explaining_policy.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kGradient = AttributionMethod::kGradientTimesInput;
constexpr auto kIntegrated = AttributionMethod::kIntegratedGradients;
constexpr auto kOcclusion = AttributionMethod::kOcclusion;

std::unique_ptr<EpisodePlayer> player_of(const std::string& id = "CartPole-v1") {
  EpisodeOptions options;
  options.seed = 3;
  options.cut_after = 30;
  return std::make_unique<EpisodePlayer>(registry().find(id), ParamValues(), options);
}

std::unique_ptr<Viewer> viewer_of(std::shared_ptr<Policy> policy,
                                  const std::string& id = "CartPole-v1") {
  auto viewer = std::make_unique<Viewer>(player_of(id), [policy] { return policy; });
  viewer->press(ViewerKey::kPause);
  return viewer;
}

/// The same, with an explanation.
std::unique_ptr<Viewer> explaining(std::shared_ptr<Policy> policy,
                                   const std::string& id = "CartPole-v1") {
  auto viewer = viewer_of(policy, id);
  viewer->press(ViewerKey::kWhy);
  return viewer;
}

TEST(Explainer, TheKeyGoesThroughTheMethodsAndBackToNone) {
  const auto policy = std::make_shared<ExplainingPolicy>();
  const auto viewer = viewer_of(policy);
  EXPECT_EQ(viewer->frame().why, nullptr);
  for (int round = 0; round < 2; ++round) {
    for (const AttributionMethod method : {kGradient, kIntegrated, kOcclusion}) {
      viewer->press(*key_of_character('w'));
      ASSERT_NE(viewer->frame().why, nullptr);
      EXPECT_EQ(viewer->frame().why->method, method);
      EXPECT_EQ(policy->method, method);
      EXPECT_THAT(viewer->frame().notice, HasSubstr(attribution_name(method)));
    }
    viewer->press(ViewerKey::kWhy);
    EXPECT_EQ(viewer->frame().why, nullptr);
  }
}

TEST(Explainer, TheOtherKeyGoesThroughTheOutputs) {
  const auto policy = std::make_shared<ExplainingPolicy>();
  const auto viewer = viewer_of(policy);
  viewer->press(*key_of_character('e'));  // nothing is explained
  EXPECT_EQ(viewer->frame().why, nullptr);
  EXPECT_THAT(viewer->frame().notice, HasSubstr("w explains"));
  viewer->press(ViewerKey::kWhy);
  for (const char* output : {"Q(s, a)", "V(s)", "Q(s, a)"}) {
    EXPECT_EQ(viewer->frame().why->output, output);
    EXPECT_THAT(viewer->frame().notice, HasSubstr(output));
    viewer->press(ViewerKey::kWhyOutput);
  }
}

TEST(Explainer, IsAskedOnceForEachMomentThatIsShown) {
  const auto policy = std::make_shared<ExplainingPolicy>();
  const auto viewer = viewer_of(policy);
  for (int i = 0; i < 3; ++i) viewer->press(ViewerKey::kStep);
  viewer->frame();
  EXPECT_EQ(policy->asked, 0);  // nobody wanted to know
  viewer->press(ViewerKey::kWhy);
  for (int i = 0; i < 3; ++i) viewer->frame();
  EXPECT_EQ(policy->asked, 1);
  viewer->press(ViewerKey::kStep);
  for (int i = 0; i < 3; ++i) viewer->frame();
  EXPECT_EQ(policy->asked, 2);
  for (int i = 0; i < 3; ++i) viewer->press(ViewerKey::kStep);  // two are not shown
  viewer->frame();
  EXPECT_EQ(policy->asked, 3);
}

TEST(Explainer, AsksWhatThePolicyWasGiven) {
  const auto policy = std::make_shared<ExplainingPolicy>();
  for (const std::string id : {"CartPole-v1", "ConnectFour-v1", "Taxi-v3"}) {
    const auto viewer = explaining(policy, id);
    for (int step = 0; step < 3; ++step) {
      const FrameData frame = viewer->frame();
      EXPECT_EQ(policy->obs, frame.obs) << id;
      EXPECT_EQ(policy->action, frame.action) << id;
      EXPECT_EQ(policy->mask, frame.mask) << id;
      EXPECT_THAT(policy->state, ElementsAre(step)) << id;
      viewer->press(ViewerKey::kStep);
    }
    viewer->press(ViewerKey::kBack);  // from step 3
    viewer->press(ViewerKey::kBack);
    EXPECT_EQ(policy->obs, viewer->frame().obs) << id;
    EXPECT_EQ(policy->action, viewer->frame().action) << id;
    EXPECT_THAT(policy->state, ElementsAre(1)) << id;
  }
}

TEST(Explainer, WhatCannotBeSaidIsASentence) {
  EXPECT_EQ(explaining(nullptr)->frame().why->refusal, "random actions have no reasons");
  EXPECT_EQ(explaining(std::make_shared<LinearPolicy>())->frame().why->refusal,
            "ppo does not explain itself");
  const auto policy = std::make_shared<ExplainingPolicy>();
  const auto viewer = explaining(policy);
  viewer->press(ViewerKey::kStep);
  EXPECT_EQ(viewer->frame().why->refusal, "");
  policy->steps = 50'000;
  viewer->press(ViewerKey::kStep);
  EXPECT_EQ(viewer->frame().why->refusal, "");  // decided by that one
  viewer->press(ViewerKey::kBack);
  EXPECT_EQ(viewer->frame().why->refusal,
            "decided by the policy of step 100; now that of 50 k plays");
  while (!viewer->frame().terminated && !viewer->frame().truncated) {
    viewer->press(ViewerKey::kStep);
  }
  EXPECT_EQ(viewer->frame().why->refusal, "the episode is over: nothing is decided");
}

TEST(Explainer, AsksWhoeverPlaysInThePanel) {
  const auto policy = std::make_shared<ExplainingPolicy>();
  const auto rival = std::make_shared<ExplainingPolicy>();
  const auto viewer = viewer_of(policy);
  viewer->compare_with({player_of(), [rival] { return rival; }, {"old", "new"}});
  viewer->press(ViewerKey::kWhy);
  viewer->frame();
  EXPECT_EQ(policy->asked, 1);
  EXPECT_EQ(rival->asked, 0);
  viewer->press(ViewerKey::kOtherSide);
  viewer->frame();
  EXPECT_EQ(rival->asked, 1);
  viewer->press(ViewerKey::kStep);
  EXPECT_EQ(rival->obs, viewer->frame().obs);
  EXPECT_EQ(rival->asked, 2);
}

/// Its fields, by weight: 1.2, -7, 6, 1, 3.75.
FrameData explained_frame() {
  FrameData frame = balancing_frame();
  auto why = std::make_shared<Explanation>();
  why->method = kIntegrated;
  why->output = "log pi(a | s)";
  why->attribution.scores = {1.2, -7, 6, 0, 3.75};
  why->attribution.output = -0.25;
  why->attribution.baseline_output = -4.2;
  frame.why = why;
  return frame;
}

void set_scores(FrameData& frame, const std::vector<double>& scores) {
  auto why = std::make_shared<Explanation>(*frame.why);
  why->attribution.scores = scores;
  frame.why = why;
}

TEST(ScoreBars, StandInTheOrderOfTheRowOnOneScale) {
  const std::vector<ScoreBar> bars = score_bars(explained_frame(), 8);
  std::vector<std::string> names;
  for (const ScoreBar& bar : bars) names.push_back(bar.name);
  EXPECT_THAT(names, ElementsAre("cart position", "cart velocity", "gear", "rays 0", "rays 1"));
  EXPECT_EQ(bars[1].score, -7);
  EXPECT_FLOAT_EQ(bars[1].to, 0);  // the largest
  EXPECT_FLOAT_EQ(bars[2].to, static_cast<float>(0.5 + 0.5 * 6 / 7));
  EXPECT_FLOAT_EQ(bars[3].to, 0.5f);
}

TEST(ScoreBars, OfTooManyTheLargestAreKept) {
  const FrameData frame = explained_frame();
  const std::vector<ScoreBar> bars = score_bars(frame, 2);
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_EQ(bars[0].name, "cart velocity");
  EXPECT_EQ(bars[1].name, "gear");
  EXPECT_EQ(num_scores(frame), 5u);
  EXPECT_TRUE(score_bars(balancing_frame(), 8).empty());
}

TEST(ScoreBars, SmallNumbersKeepTheirDigits) {
  EXPECT_EQ(score_text(-0.000198), "-2.0e-04");
  EXPECT_EQ(score_text(0), "0");
  EXPECT_EQ(score_text(-12.5), "-12.5");
  EXPECT_EQ(score_text(NAN), "nan");
}

TEST(ScoreBars, NumbersThatAreNotFiniteHaveNoBar) {
  FrameData frame = explained_frame();
  set_scores(frame, {NAN, INFINITY, 2, 0, 0});
  const std::vector<ScoreBar> bars = score_bars(frame, 8);
  EXPECT_FLOAT_EQ(bars[0].to, 0.5f);
  EXPECT_FLOAT_EQ(bars[1].to, 0.5f);
  EXPECT_FLOAT_EQ(bars[2].to, 1);
}

std::uint64_t hash_of(const FrameData& frame) {
  RasterCanvas canvas(960, 900);
  draw_viewer_frame(canvas, 960, 900, frame);
  return picture_hash(canvas.rgb());
}

std::vector<std::string> words(const FrameData& frame, int width = 960, int height = 900) {
  RecordingCanvas canvas;
  draw_viewer_frame(canvas, width, height, frame);
  std::vector<std::string> lines;
  for (const DrawCall& call : canvas.calls()) {
    if (call.kind == DrawCall::Kind::kText) lines.push_back(call.line);
  }
  return lines;
}

TEST(WhyPanel, SaysWhatRestsOnWhat) {
  const FrameData frame = explained_frame();
  const std::vector<std::string> lines = words(frame);
  for (const char* line : {"why: log pi(a | s)", "integrated gradients", "here -0.25",
                           "baseline -4.2", "cart velocity", "-7", "3.75"}) {
    EXPECT_THAT(lines, Contains(line));
  }
  FrameData other = frame;
  set_scores(other, {1.2, -7, 6, 0, 3.25});
  EXPECT_NE(hash_of(frame), hash_of(other));
  EXPECT_NE(hash_of(frame), hash_of(balancing_frame()));
}

TEST(WhyPanel, CountsWhatItHasNoRoomForAndFolds) {
  FrameData frame = balancing_frame();
  EnvSpec spec = *frame.spec;
  spec.obs = ObsSpace().vector("rays", 20, 0, 1);
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.obs.assign(20, 0.5f);
  auto why = std::make_shared<Explanation>();
  why->attribution.scores.assign(20, 1);
  frame.why = why;
  EXPECT_THAT(words(frame), Contains("12 more, of less weight"));
  frame.folded.set(static_cast<std::size_t>(PanelSection::kWhy));
  EXPECT_THAT(words(frame), testing::Not(Contains("12 more, of less weight")));
}

TEST(WhyPanel, ARefusalIsReadable) {
  FrameData frame = balancing_frame();
  auto why = std::make_shared<Explanation>();
  why->refusal = "decided by the policy of step 100; now that of 50 k plays";
  frame.why = why;
  std::string all;
  for (const std::string& line : words(frame)) all += line + " ";
  EXPECT_THAT(all, HasSubstr("decided by the policy of step 100; now that of"));
}

/// Whether a picture of this size shows anything of the explanation.
bool shows_why(int width, int height) {
  FrameData plain = explained_frame();
  plain.why = nullptr;
  RasterCanvas with(width, height), without(width, height);
  draw_viewer_frame(with, width, height, explained_frame());
  draw_viewer_frame(without, width, height, plain);
  return with.rgb() != without.rgb();
}

TEST(WhyPanel, FitsEveryWindow) {
  EXPECT_FALSE(shows_why(1, 1));  // a pixel has no room for it
  for (const auto& [width, height] :
       {std::pair{430, 3000}, {1024, 680}, {640, 2000}, {3840, 2160}}) {
    EXPECT_TRUE(shows_why(width, height)) << width << "x" << height;
  }
  for (const auto& [width, height] : {std::pair{420, 60}, {3000, 200}, {260, 800}}) {
    EXPECT_NO_THROW(shows_why(width, height)) << width << "x" << height;
  }
}

/// Two by one pixels of `channels` channels.
FrameData picture_frame(int channels, const std::vector<double>& scores) {
  FrameData frame = balancing_frame();
  EnvSpec spec = *frame.spec;
  spec.obs = ObsSpace();
  spec.obs.image("board", 1, 2, channels, 0, 10);
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.obs.assign(static_cast<std::size_t>(2 * channels), 5.0f);
  auto why = std::make_shared<Explanation>();
  why->attribution.scores = scores;
  frame.why = why;
  return frame;
}

TEST(ExplainedImages, TheStrongestPixelHasTheFullColour) {
  const FrameData frame = picture_frame(2, {4, 0, -2, -4});
  const std::vector<ObservedImage> images = explained_images(frame);
  ASSERT_EQ(images[0].tiles.size(), 2u);
  const auto pixel = [&](std::size_t tile, std::size_t i) {
    const std::vector<std::uint8_t>& rgb = images[0].tiles[tile];
    return std::vector<int>{rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]};
  };
  const auto is = [](Color c) { return ElementsAre(c.r, c.g, c.b); };
  EXPECT_THAT(pixel(0, 0), is(palette::kItem));
  EXPECT_THAT(pixel(1, 0), ElementsAre(128, 128, 128));
  EXPECT_THAT(pixel(1, 1), is(palette::kAgent));
  EXPECT_EQ(pixel(0, 1)[2], (128 + palette::kAgent.b) / 2);  // half of it
  EXPECT_EQ(score_bars(frame, 8)[0].score, -2);
}

TEST(ExplainedImages, OfAColouredPictureTheChannelsAddUp) {
  const FrameData frame = picture_frame(3, {3, -1, -2, 1, 1, 1});
  const std::vector<ObservedImage> images = explained_images(frame);
  ASSERT_EQ(images[0].tiles.size(), 1u);
  EXPECT_THAT(images[0].tiles[0],
              ElementsAre(128, 128, 128, palette::kItem.r, palette::kItem.g, palette::kItem.b));
}

TEST(ExplainedImages, WithoutScoresThereAreNone) {
  FrameData frame = picture_frame(2, {});
  EXPECT_TRUE(explained_images(frame).empty());
  frame.why = nullptr;
  EXPECT_TRUE(explained_images(frame).empty());
}

TEST(ExplainedImages, StandInThePanel) {
  const FrameData frame = picture_frame(2, {4, 0, -2, -4});
  FrameData other = frame;
  set_scores(other, {4, 0, 2, -4});
  EXPECT_NE(hash_of(frame), hash_of(other));
}

TEST(TerminalFrame, SaysWhy) {
  TerminalScreen screen(100, 40);
  draw_terminal_frame(screen, explained_frame(), TerminalKind());
  const std::string all = screen.update(nullptr, TerminalKind());
  for (const char* text : {"why: log pi(a | s)", "integrated gradients", "cart velocity", "-7"}) {
    EXPECT_THAT(all, HasSubstr(text));
  }
}

}  // namespace
}  // namespace tern
