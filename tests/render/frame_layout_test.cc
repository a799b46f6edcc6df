// Proof: golden hashes of whole pictures, golden words of what they say, error text.

#include "render/frame_layout.h"

#include <gtest/gtest.h>

#include <set>

#include "core/drawing/raster_canvas.h"
#include "render/film_strip.h"
#include "render/observed_images.h"
#include "tests/core/canvas_scene.h"
#include "tests/error_of.h"
#include "tests/render/frames.h"

namespace tern {
namespace {

std::uint64_t viewer_hash(int width, int height, const FrameData& frame) {
  RasterCanvas canvas(width, height);
  draw_viewer_frame(canvas, width, height, frame);
  return picture_hash(canvas.rgb());
}

/// All texts of the window, in the order they are drawn.
std::vector<std::string> words(const FrameData& frame, int width = 960, int height = 640) {
  RecordingCanvas canvas;
  draw_viewer_frame(canvas, width, height, frame);
  std::vector<std::string> lines;
  for (const DrawCall& call : canvas.calls()) {
    if (call.kind == DrawCall::Kind::kText) lines.push_back(call.line);
  }
  return lines;
}

bool contains(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

TEST(FrameLayout, TheWindowSaysWhatTheMomentIs) {
  EXPECT_EQ(words(balancing_frame()), (std::vector<std::string>{"speed 1x",
                                                                "h: help",
                                                                "Pole-v0",
                                                                "ppo, 51 k steps",
                                                                "greedy, seed 0",
                                                                "return",
                                                                "episode 4",
                                                                "123",
                                                                "step 123 of 500",
                                                                "mean 197.3",
                                                                "value V(s)",
                                                                "87.25",
                                                                "action probabilities",
                                                                "left",
                                                                "0.25",
                                                                "right",
                                                                "0.75",
                                                                "observation",
                                                                "cart position",
                                                                "1.20 m",
                                                                "cart velocity",
                                                                "-3.50 m/s",
                                                                "gear",
                                                                "2/3",
                                                                "rays 0",
                                                                "0.250",
                                                                "rays 1",
                                                                "0.750"}));
}

TEST(FrameLayout, AUnitThatIsAMultipleIsLeftOut) {
  FrameData frame = steering_frame();
  EnvSpec spec = *frame.spec;
  spec.obs = ObsSpace();
  spec.obs.scalar("speed", 0, 10, "7.5 m/s");
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  EXPECT_TRUE(contains(words(steering_frame()), "4.00 m/s"));
  EXPECT_TRUE(contains(words(frame), "4.00"));
}

TEST(FrameLayout, RealActionsAreShownWithTheirDistribution) {
  const std::vector<std::string> lines = words(steering_frame());
  EXPECT_TRUE(contains(lines, "random actions"));
  EXPECT_TRUE(contains(lines, "torque"));
  EXPECT_TRUE(contains(lines, "-0.50"));
  EXPECT_TRUE(contains(lines, "thrust"));
  EXPECT_FALSE(contains(lines, "value V(s)"));
}

TEST(FrameLayout, TheBestActionValueIsNotCalledTheStates) {
  FrameData frame = balancing_frame();
  frame.inspection.action_values = {86, 87.25};
  EXPECT_TRUE(contains(words(frame), "value V(s)"));  // of a policy that has both
  frame.inspection.probabilities.clear();
  EXPECT_TRUE(contains(words(frame), "best Q(s, a)"));
}

std::vector<std::string> film_words(const FrameData& frame) {
  RecordingCanvas canvas;
  draw_recorded_frame(canvas, 640, 480, frame);
  std::vector<std::string> lines;
  for (const DrawCall& call : canvas.calls()) {
    if (call.kind == DrawCall::Kind::kText) lines.push_back(call.line);
  }
  return lines;
}

std::uint64_t film_hash(const FrameData& frame) {
  RasterCanvas canvas(640, 480);
  draw_recorded_frame(canvas, 640, 480, frame);
  return picture_hash(canvas.rgb());
}

TEST(FrameLayout, AFilmShowsActionValues) {
  FrameData frame = balancing_frame();
  frame.inspection = {};
  frame.inspection.action_values = {4, 6.5};
  EXPECT_TRUE(contains(film_words(frame), "left"));
  EXPECT_TRUE(contains(film_words(frame), "right"));
  FrameData other = frame;
  other.inspection.action_values = {6.5, 4};
  EXPECT_NE(film_hash(frame), film_hash(other));
}

TEST(FrameLayout, AFilmShowsGaussians) {
  const FrameData frame = steering_frame();
  EXPECT_TRUE(contains(film_words(frame), "torque"));
  EXPECT_TRUE(contains(film_words(frame), "thrust"));
  FrameData other = frame;
  other.inspection.mean[0] = 1.5;
  EXPECT_NE(film_hash(frame), film_hash(other));
  other = frame;
  other.inspection.standard_deviation[0] = 1;
  EXPECT_NE(film_hash(frame), film_hash(other));
  other = frame;
  other.action[0] = 1;
  EXPECT_NE(film_hash(frame), film_hash(other));
}

TEST(FrameLayout, BarsOfActionValuesGrowFromZeroOnAScaleThatStays) {
  FrameData frame = balancing_frame();
  const auto bar = [&](std::size_t i) {
    const ChoiceBar choice = choice_bars(frame)[i];
    return std::pair(choice.from, choice.to);
  };
  EXPECT_EQ(bar(1), std::pair(0.0f, 0.75f));  // a probability
  frame.inspection = {};
  EXPECT_EQ(bar(0), std::pair(0.0f, 0.0f));  // not chosen
  EXPECT_EQ(bar(1), std::pair(0.0f, 1.0f));
  frame.inspection.action_values = {1, 4};  // on a scale to 5
  EXPECT_EQ(bar(0), std::pair(0.0f, 0.2f));
  EXPECT_EQ(bar(1), std::pair(0.0f, 0.8f));
  frame.largest_action_value = 7;  // once it was more: a scale to 10
  EXPECT_EQ(bar(1), std::pair(0.0f, 0.4f));
  frame.inspection.action_values = {-5, 5};
  EXPECT_EQ(bar(0), std::pair(0.5f, 0.25f));
  EXPECT_EQ(bar(1), std::pair(0.5f, 0.75f));
  frame.inspection.action_values = {-5, -2};
  EXPECT_EQ(bar(0), std::pair(1.0f, 0.5f));
  frame.mask = {0, 1};
  EXPECT_EQ(bar(0), std::pair(1.0f, 1.0f));  // forbidden
}

TEST(FrameLayout, AFilmShowsTheChosenAndTheBestOfManyActions) {
  FrameData frame = balancing_frame();
  EnvSpec spec = *frame.spec;
  std::vector<std::string> options;
  for (int i = 0; i < 9; ++i) options.push_back("option " + std::to_string(i));
  spec.action = ActionSpace::discrete(options);
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.mask = {1, 1, 1, 1, 1, 1, 1, 1, 0};
  frame.inspection = {};
  frame.inspection.action_values = {1, 1, 1, 1, 1, 3, 1, 2, 9};
  frame.action = {6};
  std::vector<std::string> shown;
  for (const std::string& line : film_words(frame)) {
    if (line.rfind("option ", 0) == 0) shown.push_back(line);
  }
  EXPECT_EQ(shown, (std::vector<std::string>{"option 0", "option 5", "option 6", "option 7"}));
}

TEST(FrameLayout, ThePlayersHelpSaysTheGoal) {
  FrameData frame = balancing_frame();
  EnvSpec spec = *frame.spec;
  spec.summary = "balance the pole";
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.is_by_hand = frame.shows_help = true;
  frame.key_help = {{"left", "push left"}};
  EXPECT_TRUE(contains(words(frame), "Balance the pole."));
  EXPECT_TRUE(contains(words(frame), "push left"));
}

TEST(FrameLayout, ActionValuesStandInForProbabilities) {
  FrameData frame = balancing_frame();
  frame.inspection = {};
  frame.inspection.action_values = {4, 6.5};
  frame.past_values = {6.5};
  const std::vector<std::string> lines = words(frame);
  EXPECT_TRUE(contains(lines, "best Q(s, a)"));
  EXPECT_TRUE(contains(lines, "action values Q(s, a)"));
  EXPECT_TRUE(contains(lines, "6.5"));
  EXPECT_TRUE(contains(lines, "4"));
}

TEST(FrameLayout, PauseEndNoticeTrainingAndHelpAreSaid) {
  FrameData frame = balancing_frame();
  frame.is_paused = true;
  frame.terminated = true;
  frame.action.clear();
  frame.notice = "saved watch-1.png";
  frame.training = "training: 51 k of 100 k steps";
  frame.progress = std::make_shared<const TrainingProgress>();
  frame.shows_help = true;
  const std::vector<std::string> lines = words(frame);
  EXPECT_TRUE(contains(lines, "paused: space goes on, n is one step"));
  EXPECT_TRUE(contains(lines, "paused"));
  EXPECT_TRUE(contains(lines, "terminated after 123 steps, return 123"));
  EXPECT_TRUE(contains(lines, "saved watch-1.png"));
  EXPECT_TRUE(contains(lines, "training: 51 k of 100 k steps"));
  for (const KeyHelp& help : kKeyHelp) EXPECT_TRUE(contains(lines, help.meaning)) << help.meaning;
}

/// More rows than any window has room for.
FrameData long_frame() {
  EnvSpec spec;
  spec.id = "Wide-v0";
  spec.obs.vector("ray", 40, 0, 1);
  std::vector<std::string> options;
  for (int i = 0; i < 30; ++i) options.push_back("option " + std::to_string(i));
  spec.action = ActionSpace::discrete(options);
  FrameData frame;
  frame.spec = std::make_shared<const EnvSpec>(spec);
  frame.obs.assign(40, 0.5f);
  return frame;
}

TEST(FrameLayout, ScrollingShowsAllRows) {
  FrameData frame = long_frame();
  RecordingCanvas canvas;
  const PanelMap map = draw_viewer_frame(canvas, 960, 640, frame);
  EXPECT_GT(map.hidden, 500);
  std::set<std::string> seen;
  for (; frame.panel_scroll < map.hidden + 20; frame.panel_scroll += 20) {
    for (const std::string& line : words(frame)) {
      if (line.rfind("option ", 0) == 0 || line.rfind("ray ", 0) == 0) seen.insert(line);
    }
  }
  EXPECT_EQ(seen.size(), 70u);
  frame.panel_scroll = map.hidden;
  EXPECT_TRUE(contains(words(frame), "ray 39"));  // as far as a person can scroll
  EXPECT_EQ(draw_viewer_frame(canvas, 960, 640, balancing_frame()).hidden, 0);
}

TEST(FrameLayout, AFoldedSectionIsATitleAlone) {
  FrameData frame = balancing_frame();
  frame.folded.set(static_cast<std::size_t>(PanelSection::kAction));
  const std::vector<std::string> lines = words(frame);
  EXPECT_TRUE(contains(lines, "+ action probabilities"));
  EXPECT_FALSE(contains(lines, "left"));
  EXPECT_TRUE(contains(lines, "cart position"));
}

TEST(FrameLayout, FieldsStandBelowTheirGroupsWhichFold) {
  EnvSpec spec = *balancing_frame().spec;
  spec.obs = ObsSpace();
  spec.obs.scalar("robot.arm.x", -1, 1, "m").scalar("robot.battery", 0, 1).scalar("time", 0, 1);
  FrameData frame = balancing_frame();
  frame.spec = std::make_shared<const EnvSpec>(spec);
  frame.obs = {0.5f, 0.25f, 0.75f};
  EXPECT_TRUE(contains(words(frame), "- robot"));
  EXPECT_TRUE(contains(words(frame), "- arm"));
  EXPECT_TRUE(contains(words(frame), "x"));
  EXPECT_TRUE(contains(words(frame), "battery"));

  RecordingCanvas canvas;
  const PanelMap map = draw_viewer_frame(canvas, 960, 640, frame);
  std::vector<std::string> groups, hints;
  for (const PanelMap::Area& area : map.areas) {
    if (!area.group.empty()) groups.push_back(area.group);
    hints.push_back(area.hint);
  }
  EXPECT_EQ(groups, (std::vector<std::string>{"robot", "robot.arm"}));
  EXPECT_TRUE(contains(hints, "robot.arm.x 0.5 m"));

  frame.folded_groups = {"robot.arm"};
  EXPECT_TRUE(contains(words(frame), "+ arm"));
  EXPECT_FALSE(contains(words(frame), "x"));
  EXPECT_TRUE(contains(words(frame), "battery"));
  frame.folded_groups = {"robot"};
  EXPECT_TRUE(contains(words(frame), "+ robot"));
  EXPECT_FALSE(contains(words(frame), "- arm"));
  EXPECT_FALSE(contains(words(frame), "battery"));
  EXPECT_TRUE(contains(words(frame), "time"));

  spec.action = ActionSpace::discrete({"0.5", "right"});  // a dot makes no group of an option
  frame.spec = std::make_shared<const EnvSpec>(spec);
  EXPECT_TRUE(contains(words(frame), "0.5"));
}

TEST(FrameLayout, WhatAPointerIsToldHasAllDigits) {
  FrameData frame = balancing_frame();
  frame.obs[0] = 1.23456789f;
  RecordingCanvas canvas;
  const PanelMap map = draw_viewer_frame(canvas, 960, 640, frame);
  std::vector<std::string> hints;
  for (const PanelMap::Area& area : map.areas) hints.push_back(area.hint);
  EXPECT_TRUE(contains(hints, "cart position 1.23456788 m"));
  EXPECT_TRUE(contains(hints, "right 0.75"));
  frame.hint = "cart position 1.23456788 m";
  EXPECT_TRUE(contains(words(frame), "cart position 1.23456788 m"));
}

TEST(FrameLayout, RewardTermsAreShownWithTheirSum) {
  FrameData frame = balancing_frame();
  EnvSpec spec = *frame.spec;
  spec.reward_terms = {"shaping", "fuel"};
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  EXPECT_FALSE(contains(words(frame), "fuel"));  // before the first step there are none
  frame.reward_terms = {1.5f, -0.5f};
  frame.reward = 1;
  frame.largest_reward_term = 3;
  const std::vector<std::string> lines = words(frame);
  for (const char* line : {"reward terms", "reward 1", "shaping", "1.5", "fuel", "-0.5"}) {
    EXPECT_TRUE(contains(lines, line)) << line;
  }
  FrameData other = frame;
  other.reward_terms[1] = -0.6f;
  EXPECT_NE(viewer_hash(960, 640, frame), viewer_hash(960, 640, other));
}

TEST(FrameLayout, InfoValuesAndWhoSeesTheObservationAreShown) {
  FrameData frame = balancing_frame();
  EnvSpec spec = *frame.spec;
  EXPECT_FALSE(contains(words(frame), "info"));
  spec.info = {"distance", "wind"};
  spec.players = 2;
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.info = {12.5f, -0.25f};
  frame.player = 1;
  const std::vector<std::string> lines = words(frame);
  for (const char* line : {"info", "distance", "12.50", "wind", "-0.25", "seen by player 1"}) {
    EXPECT_TRUE(contains(lines, line)) << line;
  }
}

TEST(FrameLayout, MemoryAndImagesAreShownAsTheyAre) {
  FrameData frame = balancing_frame();
  const std::uint64_t before = viewer_hash(960, 900, frame);
  frame.inspection.recurrent_state.assign(40, 0.5);
  const std::uint64_t with_memory = viewer_hash(960, 900, frame);
  EXPECT_NE(before, with_memory);
  frame.inspection.recurrent_state[39] = -0.5;
  EXPECT_NE(viewer_hash(960, 900, frame), with_memory);

  EnvSpec spec = *frame.spec;
  spec.obs = ObsSpace();
  spec.obs.image("board", 2, 3, 2, 0, 10);
  frame.spec = std::make_shared<const EnvSpec>(std::move(spec));
  frame.obs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20};
  const std::vector<ObservedImage> images = observed_images(frame);
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].width, 3);
  EXPECT_EQ(images[0].height, 2);
  ASSERT_EQ(images[0].tiles.size(), 2u);  // one for each channel
  EXPECT_EQ(images[0].tiles[0], (std::vector<std::uint8_t>{0, 0, 0, 51, 51, 51, 102, 102, 102, 153,
                                                           153, 153, 204, 204, 204, 255, 255, 255}));
  EXPECT_EQ(images[0].tiles[1].back(), 255);  // beyond the bounds
  const std::uint64_t with_image = viewer_hash(960, 900, frame);
  frame.obs[3] = 9;
  EXPECT_NE(viewer_hash(960, 900, frame), with_image);
  EXPECT_TRUE(contains(words(frame), "board"));
}

TEST(FrameLayout, NothingIsDrawnBelowTheLowerEnd) {
  FrameData frame = balancing_frame();
  for (const int height : {200, 300, 420, 640, 1200}) {
    RecordingCanvas canvas;
    draw_viewer_frame(canvas, 800, height, frame);
    for (const DrawCall& call : canvas.calls()) {
      if (call.kind != DrawCall::Kind::kText) continue;
      EXPECT_GE(call.points[0].y, 0) << call.line << " at " << height;
      EXPECT_LE(call.points[0].y + call.size, static_cast<float>(height)) << call.line;
    }
  }
}

TEST(FrameLayout, TheEnvIsNeverNarrowerThanOneToTwo) {
  for (const auto& [width, height] : {std::pair{500, 1000}, {480, 640}, {640, 480}, {1024, 680},
                                      {1000, 400}, {720, 1440}, {300, 600}, {2160, 3840}}) {
    RecordingCanvas canvas;
    draw_viewer_frame(canvas, width, height, balancing_frame());
    const DrawCall& background = canvas.calls().at(1);  // of the env's part
    const Point low = background.points[0], high = background.points[2];
    const float shape = (high.x - low.x) / (high.y - low.y);
    EXPECT_GE(shape, 0.5f) << width << "x" << height;
    EXPECT_LE(shape, 2.5f) << width << "x" << height;
    EXPECT_TRUE(contains(words(balancing_frame(), width, height), "123")) << width;
  }
}

TEST(FrameLayout, TheTimeLineSaysWhereTheMomentLies) {
  FrameData frame = balancing_frame();
  frame.recorded_steps = frame.time_line_step = 123;
  EXPECT_TRUE(contains(words(frame), "live"));
  frame.recorded_steps = 200;
  frame.is_replay = true;
  EXPECT_TRUE(contains(words(frame), "step 123 of 200"));
  const std::uint64_t before = viewer_hash(960, 640, frame);
  frame.time_line_step = 124;
  EXPECT_NE(viewer_hash(960, 640, frame), before);
  const Rectangle track = time_line_track(960, 640);
  EXPECT_GT(track.high.x - track.low.x, 400);
  EXPECT_LT(track.high.y, 40);
  const Rectangle none = time_line_track(200, 100);
  EXPECT_EQ(none.low.x, none.high.x);
}

TEST(FrameLayout, NarrowWindowsShowTheEnvAlone) {
  EXPECT_TRUE(words(balancing_frame(), 400, 300).empty());
}

TEST(FrameLayout, TheWindowIsTheSameToTheBit) {
  FrameData frame = balancing_frame();
  EXPECT_EQ(viewer_hash(960, 640, frame), 12095175380250503981u);
  frame.shows_help = frame.is_paused = true;
  EXPECT_EQ(viewer_hash(1100, 720, frame), 11880415082192449521u);
  EXPECT_EQ(viewer_hash(700, 500, steering_frame()), 2793890329623176543u);
}

TEST(FrameLayout, RecordedFramesAreTheSameToTheBit) {
  RasterCanvas canvas(640, 480);
  draw_recorded_frame(canvas, 640, 480, balancing_frame());
  EXPECT_EQ(picture_hash(canvas.rgb()), 4318591880541389452u);
  draw_film_strip(canvas, 640, 480, {balancing_frame(), balancing_frame(), balancing_frame()});
  EXPECT_EQ(picture_hash(canvas.rgb()), 4987653183004799549u);
}

TEST(FrameLayout, SmallRecordingsShowTheEnvAlone) {
  RasterCanvas recorded(84, 84), alone(84, 84);
  const FrameData frame = balancing_frame();
  draw_recorded_frame(recorded, 84, 84, frame);
  frame.env.replay(alone);
  EXPECT_EQ(recorded.rgb(), alone.rgb());
}

TEST(FrameLayout, AnEnvThatCannotBeDrawnIsNamed) {
  FrameData frame = balancing_frame();
  frame.env.set_view({0, 0}, {0, 1}, {});
  RasterCanvas canvas(640, 480);
  EXPECT_EQ(
      error_of([&] { draw_viewer_frame(canvas, 640, 480, frame); }, ExitCode::kUsage),
      "Pole-v0: draw(): set_view was given an empty rectangle; expected finite corners, `low` "
      "to the left of `high` and below it");
}

}  // namespace
}  // namespace tern
