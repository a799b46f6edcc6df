// Proof: worked examples of two policies on one beginning, and that each source of the picture
// changes it.

#include "render/side_by_side.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/drawing/raster_canvas.h"
#include "envs/registry/registry.h"
#include "render/frame_layout.h"
#include "render/terminal_frame.h"
#include "render/viewer.h"
#include "tests/core/canvas_scene.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using testing::HasSubstr;

/// Balances like LinearPolicy, but from a step on it only pushes to the left.
class TiringPolicy final : public Policy {
 public:
  explicit TiringPolicy(int steps) : steps_(steps) {}
  using Policy::act;
  std::size_t state_size() const override { return 1; }  // steps of the episode
  void act(Row<const ActRow> rows, bool deterministic) override {
    for (const ActRow& row : rows) {
      linear_.act({row.obs, row.mask, row.rng, row.action, {}}, deterministic);
      if (row.state[0]++ >= static_cast<float>(steps_)) row.action.discrete() = 0;
    }
  }
  Inspection inspect(ConstObsRow obs, ConstMaskRow mask, Row<const float>) override {
    return linear_.inspect(obs, mask, {});
  }
  std::int64_t step() const override { return 77; }
  std::string agent() const override { return "dqn"; }

 private:
  LinearPolicy linear_;
  int steps_;
};

std::unique_ptr<EpisodePlayer> cartpole(int cut_after = 60) {
  EpisodeOptions options;
  options.seed = 3;
  options.cut_after = cut_after;
  return std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(), options);
}

/// LinearPolicy beside the rival.
std::unique_ptr<Viewer> comparison_with(std::shared_ptr<Policy> rival) {
  auto viewer = std::make_unique<Viewer>(
      cartpole(), [policy = std::make_shared<LinearPolicy>()] { return policy; });
  viewer->compare_with({cartpole(), [rival] { return rival; }, {"old", "new"}});
  return viewer;
}

void step(Viewer& viewer, int count) {
  for (int i = 0; i < count; ++i) viewer.press(ViewerKey::kStep);
}

TEST(Comparison, EqualPoliciesNeverDiffer) {
  const auto viewer = comparison_with(std::make_shared<LinearPolicy>());
  for (int i = 0; i < 150; ++i) {  // two and a half episodes
    ASSERT_NE(viewer->frame().other, nullptr);
    const FrameData frame = viewer->frame();
    EXPECT_EQ(frame.obs, frame.other->obs) << i;
    EXPECT_FALSE(viewer->frame().first_difference.has_value());
    step(*viewer, 1);
  }
  EXPECT_EQ(viewer->frame().episode, 3);
  EXPECT_EQ(viewer->frame().other->episode, 3);
}

TEST(Comparison, TheFirstStepWhereTheyDifferIsFound) {
  const auto viewer = comparison_with(std::make_shared<TiringPolicy>(10));
  int first = -1;
  for (int i = 0; i < 60; ++i) {
    const FrameData& frame = viewer->frame();
    if (first < 0 && frame.action != frame.other->action) first = i;
    if (first >= 0) {
      EXPECT_EQ(frame.first_difference, first);
    } else {
      EXPECT_FALSE(frame.first_difference.has_value());
    }
    step(*viewer, 1);
  }
  EXPECT_GE(first, 10);
  EXPECT_EQ(viewer->frame().side, "old");
  EXPECT_EQ(viewer->frame().other->side, "new");
  EXPECT_EQ(viewer->frame().other->agent, "dqn");
}

TEST(Comparison, TheShorterEpisodeStaysAtItsEnd) {
  const auto viewer = comparison_with(std::make_shared<TiringPolicy>(0));
  step(*viewer, 60);
  const int end = viewer->frame().other->step;
  EXPECT_LT(end, 20);
  EXPECT_TRUE(viewer->frame().other->terminated);
  EXPECT_EQ(viewer->frame().step, 60);
  EXPECT_EQ(viewer->frame().recorded_steps, 60);
  viewer->press(ViewerKey::kBack);
  EXPECT_EQ(viewer->frame().step, 59);
  EXPECT_EQ(viewer->frame().other->step, end);
  viewer->press(ViewerKey::kOtherSide);  // the short one in the panel
  EXPECT_EQ(viewer->frame().step, end);
  EXPECT_EQ(viewer->frame().time_line_step, 59);
  EXPECT_EQ(viewer->frame().recorded_steps, 60);
  viewer->press(ViewerKey::kBegin);
  EXPECT_EQ(viewer->frame().step, 0);
  EXPECT_EQ(viewer->frame().other->step, 0);
  viewer->press(ViewerKey::kEnd);
  step(*viewer, 1);
  EXPECT_EQ(viewer->frame().episode, 2);
  const FrameData frame = viewer->frame();
  EXPECT_EQ(frame.obs, frame.other->obs);
  EXPECT_EQ(viewer->frame().other->past_returns.size(), 1u);
}

TEST(Comparison, ABranchIsRefused) {
  const auto viewer = comparison_with(std::make_shared<TiringPolicy>(0));
  viewer->press(ViewerKey::kBranch1);
  EXPECT_THAT(viewer->frame().notice, HasSubstr("watch one alone to branch"));
}

TEST(Comparison, BreakpointsHoldOnEitherSide) {
  const auto viewer = comparison_with(std::make_shared<TiringPolicy>(0));
  viewer->set_breakpoints({Breakpoint("terminated", *viewer->frame().spec)});
  for (int i = 0; i < 20 && !viewer->frame().is_paused; ++i) viewer->advance(0.1);
  EXPECT_TRUE(viewer->frame().other->terminated);
  EXPECT_FALSE(viewer->frame().terminated);
  EXPECT_EQ(viewer->frame().breakpoint, "terminated");
}

TEST(Comparison, LongPairsAreForgottenTogether) {
  TimeLine line(60'000);
  auto one = cartpole(400), two = cartpole(400);
  LinearPolicy balances;
  TiringPolicy falls(30);
  one->start(&balances);
  two->start_as(*one, &falls);
  line.begin(*one, two.get(), {"a", "b"});
  while (!one->has_ended()) {
    one->step(&balances);
    two->step(&falls);
    line.add(*one, two.get());
    ASSERT_NE(line.second_episode(), nullptr);
    FrameData frame = line.frame();
    EXPECT_EQ(frame.step, one->frame().step);
    EXPECT_EQ(frame.recorded_steps, one->frame().step);
    EXPECT_EQ(line.frame_in(*line.second_episode()).step, two->frame().step);
    EXPECT_EQ(frame.side, "a");
  }
  EXPECT_GT(line.episode().first_step, 0);
  EXPECT_TRUE(line.first_difference().has_value());
  while (line.go_back()) {
    EXPECT_LE(line.now_of(*line.second_episode()), line.now());
  }
}

FrameData two_frames() {
  FrameData frame = balancing_frame();
  FrameData other = balancing_frame();
  frame.side = "as decided: right";
  other.side = "instead: left";
  other.episode_return = 77;
  other.env.circle({1, 0}, 0.2f, palette::kDanger);
  frame.recorded_steps = 200;
  frame.time_line_step = 123;
  frame.first_difference = 100;
  frame.other = std::make_shared<const FrameData>(other);
  return frame;
}

std::vector<std::string> words_of(const FrameData& frame, int width, int height) {
  RecordingCanvas canvas;
  draw_viewer_frame(canvas, width, height, frame);
  std::vector<std::string> words;
  for (const DrawCall& call : canvas.calls()) {
    if (call.kind == DrawCall::Kind::kText) words.push_back(call.line);
  }
  return words;
}

TEST(SideBySide, BothAreNamedWithTheirReturns) {
  const std::vector<std::string> words = words_of(two_frames(), 1100, 720);
  for (const char* word : {"as decided: right", "instead: left", "return 123", "return 77",
                           "side by side", "differ from step 100 on"}) {
    EXPECT_THAT(words, testing::Contains(word));
  }
  FrameData over = two_frames();
  over.terminated = true;
  EXPECT_THAT(words_of(over, 1100, 720), testing::Contains("return 123, over at 123"));
}

TEST(SideBySide, EachOfItsSourcesChangesThePicture) {
  const auto hash = [](const FrameData& frame) {
    RasterCanvas canvas(1000, 700);
    draw_viewer_frame(canvas, 1000, 700, frame);
    return picture_hash(canvas.rgb());
  };
  const FrameData frame = two_frames();
  const std::uint64_t before = hash(frame);
  const auto changed = [&](const auto& change) {
    FrameData copy = frame;
    FrameData other = *frame.other;
    change(copy, other);
    copy.other = std::make_shared<const FrameData>(other);
    return hash(copy) != before;
  };
  EXPECT_FALSE(changed([](FrameData&, FrameData&) {}));
  EXPECT_TRUE(changed([](FrameData&, FrameData& other) { other.episode_return = 78; }));
  EXPECT_TRUE(changed([](FrameData&, FrameData& other) { other.side = "instead: up"; }));
  EXPECT_TRUE(changed([](FrameData&, FrameData& other) {
    other.env.circle({0, 0}, 0.1f, palette::kGoal);
  }));
  EXPECT_TRUE(changed([](FrameData&, FrameData& other) { other.truncated = true; }));
  EXPECT_TRUE(changed([](FrameData& copy, FrameData&) { copy.first_difference = 30; }));
  EXPECT_TRUE(changed([](FrameData& copy, FrameData&) { copy.time_line_step = 150; }));
  EXPECT_TRUE(changed([](FrameData& copy, FrameData&) { copy.is_second = true; }));
}

TEST(SideBySide, TheHalvesLieWithinTheAreaAndApart) {
  for (const auto& [width, height] :
       {std::pair{700.0f, 600.0f}, {300.0f, 900.0f}, {30.0f, 20.0f}}) {
    const FrameData frame = two_frames();
    const std::vector<Side> sides = sides_of({{10, 20}, {10 + width, 20 + height}}, 1, frame);
    ASSERT_EQ(sides.size(), 2u);
    for (const Side& side : sides) {
      EXPECT_GE(side.env.low.x, 10);
      EXPECT_GE(side.env.low.y, 20);
      EXPECT_LE(side.caption.high.x, 10 + width);
      EXPECT_LE(side.caption.high.y, 20 + height + 0.01f);
      EXPECT_GT(side.env.high.x, side.env.low.x);
      EXPECT_GT(side.env.high.y, side.env.low.y);
    }
    EXPECT_TRUE(sides[0].env.high.x < sides[1].env.low.x ||
                sides[0].env.low.y > sides[1].caption.high.y);
    EXPECT_EQ(sides[0].frame, &frame);
  }
  EXPECT_EQ(sides_of({{0, 0}, {9, 9}}, 1, balancing_frame()).size(), 1u);
}

TEST(SideBySide, OddWindowsAndTerminalsShowBoth) {
  const FrameData frame = two_frames();
  for (const auto& [width, height] :
       {std::pair{16, 16}, {200, 100}, {421, 300}, {300, 1200}, {3840, 2160}}) {
    RasterCanvas canvas(width, height);
    EXPECT_NO_THROW(draw_viewer_frame(canvas, width, height, frame)) << width << "x" << height;
  }
  for (const auto& [columns, rows] : {std::pair{20, 6}, {60, 24}, {100, 40}}) {
    for (const bool has_blocks : {true, false}) {
      TerminalScreen screen(columns, rows);
      TerminalKind kind;
      kind.has_blocks = has_blocks;
      draw_terminal_frame(screen, frame, kind);
      std::string all;
      for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
          const char32_t glyph = screen.at(column, row).glyph;
          all += glyph < 128 ? static_cast<char>(glyph) : '#';
        }
        all += '\n';
      }
      if (rows < 24) continue;
      EXPECT_THAT(all, HasSubstr("instead: left")) << all;
      EXPECT_THAT(all, HasSubstr("differ from step 100 on")) << all;
    }
  }
}

}  // namespace
}  // namespace tern
