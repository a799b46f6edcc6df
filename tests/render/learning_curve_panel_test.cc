// Proof: golden words, worked examples of what a pointer is told and where dots lie, law (whatever
// the numbers, nothing leaves the plot).

#include "render/learning_curve_panel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/drawing/raster_canvas.h"
#include "render/frame_layout.h"
#include "render/terminal_frame.h"
#include "render/viewer.h"
#include "tests/core/canvas_scene.h"
#include "tests/render/fake_window.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

TrainingProgress halfway() {
  TrainingProgress progress;
  progress.total_steps = 100'000;
  for (int i = 1; i <= 20; ++i) {
    progress.curve.add({1000 * i, 0.1 * i, {{"rollout/return", 4.0 * i}}});
  }
  progress.curve.add({20'000, 2, {{"eval/return", 90}, {"eval/return_std", 3.5}}});
  for (int i = 21; i <= 50; ++i) {
    progress.curve.add({1000 * i, 0.1 * i, {{"rollout/return", 4.0 * i}}});
  }
  progress.curve.add({50'000, 5, {{"eval/return", 210}, {"eval/return_std", 12}}});
  progress.checkpoints = {40'000, 50'000};
  return progress;
}

FrameData frame_with(TrainingProgress progress) {
  FrameData frame = balancing_frame();
  frame.policy_step = 40'000;
  frame.progress = std::make_shared<const TrainingProgress>(std::move(progress));
  return frame;
}

struct Drawn {
  PanelMap map;
  std::vector<DrawCall> calls;
  bool says(const std::string& line) const {
    return std::any_of(calls.begin(), calls.end(), [&](const DrawCall& call) {
      return call.kind == DrawCall::Kind::kText && call.line == line;
    });
  }
  const PanelMap::Area* area(const std::string& hint) const {
    for (const PanelMap::Area& area : map.areas) {
      if (area.hint == hint) return &area;
    }
    return nullptr;
  }
};

Drawn draw(const FrameData& frame, int width = 960, int height = 800) {
  RecordingCanvas canvas;
  Drawn drawn;
  drawn.map = draw_viewer_frame(canvas, width, height, frame);
  drawn.calls = canvas.calls();
  return drawn;
}

std::uint64_t hash(const FrameData& frame) {
  RasterCanvas canvas(960, 800);
  draw_viewer_frame(canvas, 960, 800, frame);
  return picture_hash(canvas.rgb());
}

Point middle(const Rectangle& at) {
  return {(at.low.x + at.high.x) / 2, (at.low.y + at.high.y) / 2};
}

TEST(LearningCurvePanel, SaysHowFarTheRunIs) {
  TrainingProgress progress = halfway();
  EXPECT_EQ(progress_text(progress), "training: step 50 k of 100 k, 50 %");
  EXPECT_EQ(training_speed_text(progress), "10 k steps/s");
  progress.total_steps = 0;
  EXPECT_EQ(progress_text(progress), "training: step 50 k");
  progress.state = "killed";
  progress.is_running = false;
  EXPECT_EQ(progress_text(progress), "killed, step 50 k");
  EXPECT_EQ(training_speed_text(progress), "");
  EXPECT_EQ(progress_text(TrainingProgress()), "training: step 0");
}

TEST(LearningCurvePanel, ShowsTheAxesAndTheSpeed) {
  const Drawn drawn = draw(frame_with(halfway()));
  for (const char* line : {"learning curve", "10 k steps/s", "210", "4", "0", "100 k"}) {
    EXPECT_TRUE(drawn.says(line)) << line;
  }
  EXPECT_FALSE(draw(balancing_frame()).says("learning curve"));
}

TEST(LearningCurvePanel, APointerIsToldStepAndReturn) {
  const Drawn drawn = draw(frame_with(halfway()));
  EXPECT_NE(drawn.area("step 30000, training return 120"), nullptr);
  const PanelMap::Area* const lost =
      drawn.area("step 20000, evaluation 90 +- 3.5; checkpoint not kept");
  const PanelMap::Area* const kept = drawn.area("step 50000, evaluation 210 +- 12; click plays it");
  ASSERT_NE(lost, nullptr);
  ASSERT_NE(kept, nullptr);
  EXPECT_FALSE(lost->checkpoint.has_value());
  EXPECT_EQ(kept->checkpoint, 50'000);
  // The later one lies further right, the better one higher.
  EXPECT_GT(middle(kept->at).x, middle(lost->at).x + 20);
  EXPECT_GT(middle(kept->at).y, middle(lost->at).y + 20);
}

TEST(LearningCurvePanel, EachOfItsSourcesChangesThePicture) {
  const std::uint64_t before = hash(frame_with(halfway()));
  TrainingProgress progress = halfway();
  progress.curve.add({51'000, 5.1, {{"rollout/return", 190}}});
  EXPECT_NE(hash(frame_with(progress)), before);
  progress = halfway();
  progress.curve.add({50'000, 5, {{"final_eval/return", 150}}});
  EXPECT_NE(hash(frame_with(progress)), before);
  progress = halfway();
  progress.checkpoints = {20'000, 50'000};
  EXPECT_NE(hash(frame_with(progress)), before);
  progress = halfway();
  progress.total_steps = 200'000;
  EXPECT_NE(hash(frame_with(progress)), before);
  FrameData frame = frame_with(halfway());
  frame.policy_step = 10'000;
  EXPECT_NE(hash(frame), before);
}

TEST(LearningCurvePanel, ARunWithoutReturnsSaysSo) {
  EXPECT_TRUE(draw(frame_with({})).says("no episode has ended yet"));
}

TEST(LearningCurvePanel, NumbersThatAreNoneStayInThePlot) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  TrainingProgress progress;
  for (const double value : {kInfinity, -kInfinity, std::nan(""), 1e300, -1e300, 3.0}) {
    const std::int64_t step = progress.curve.step() + 7;
    progress.curve.add({step, 1, {{"rollout/return", value}, {"eval/return", value}}});
  }
  progress.checkpoints = {7, 14};
  const Drawn drawn = draw(frame_with(progress));
  for (const DrawCall& call : drawn.calls) {
    for (const Point& point : call.points) {
      EXPECT_TRUE(std::isfinite(point.x) && std::isfinite(point.y));
    }
  }
  TrainingProgress single;
  single.curve.add({1, 0, {{"rollout/return", 5}}});
  EXPECT_TRUE(draw(frame_with(single)).says("learning curve"));
}

TEST(LearningCurvePanel, ALongCurveIsDrawnInAsManyPiecesAsPixels) {
  TrainingProgress progress;
  for (int i = 0; i < 4000; ++i) {
    progress.curve.add({i, 0.1 * i, {{"rollout/return", std::sin(0.01 * i)}}});
  }
  const Drawn drawn = draw(frame_with(progress));
  const auto pieces =
      std::count_if(drawn.calls.begin(), drawn.calls.end(),
                    [](const DrawCall& call) { return call.kind == DrawCall::Kind::kCapsule; });
  EXPECT_GT(pieces, 150);
  EXPECT_LT(pieces, 700);
}

TEST(LearningCurvePanel, TheTerminalSaysItInWords) {
  TerminalScreen screen(120, 30);
  FrameData frame = frame_with(halfway());
  frame.training = progress_text(*frame.progress);
  draw_terminal_frame(screen, frame, {});
  std::string text;
  for (int row = 0; row < 30; ++row) {
    for (int column = 0; column < 120; ++column) {
      const char32_t glyph = screen.at(column, row).glyph;
      text += glyph < 0x80 ? static_cast<char>(glyph) : '#';
    }
    text += '\n';
  }
  for (const char* part : {"training: step 50 k of 100 k, 50 %", "training return 200",
                           "10 k steps/s", "evaluation 210 +- 12", "step 50 k"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

class ChoosingAPolicy : public testing::Test {
 protected:
  ChoosingAPolicy() { viewer_.set_progress(std::make_shared<const TrainingProgress>(halfway())); }
  std::shared_ptr<Policy> policy_ = std::make_shared<LinearPolicy>(40'000);
  Viewer viewer_{std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                                 EpisodeOptions()),
                 [this] { return policy_; }};
};

TEST_F(ChoosingAPolicy, AClickOnAFullDotAsksForIt) {
  RecordingCanvas canvas;
  viewer_.set_panel(draw_viewer_frame(canvas, 960, 800, viewer_.frame()));
  const Drawn drawn = draw(viewer_.frame());
  const auto click = [&](const std::string& hint) {
    const PanelMap::Area* const area = drawn.area(hint);
    ASSERT_NE(area, nullptr) << hint;
    viewer_.use_mouse({middle(area->at), true, true}, 960, 800);
    EXPECT_EQ(viewer_.frame().hint, hint);
  };
  click("step 20000, evaluation 90 +- 3.5; checkpoint not kept");
  EXPECT_FALSE(viewer_.takes_policy_choice().has_value());
  click("step 50000, evaluation 210 +- 12; click plays it");
  const auto choice = viewer_.takes_policy_choice();
  ASSERT_TRUE(choice.has_value());
  EXPECT_EQ(choice->step, 50'000);
  EXPECT_FALSE(viewer_.takes_policy_choice().has_value());  // once
}

TEST_F(ChoosingAPolicy, KeysGoFromCheckpointToCheckpoint) {
  viewer_.press(ViewerKey::kNewerPolicy);
  EXPECT_EQ(viewer_.takes_policy_choice()->step, 50'000);
  viewer_.press(ViewerKey::kOlderPolicy);
  EXPECT_FALSE(viewer_.takes_policy_choice().has_value());
  EXPECT_EQ(viewer_.frame().notice, "no older checkpoint is kept");
  viewer_.press(ViewerKey::kNewestPolicy);
  const auto newest = viewer_.takes_policy_choice();
  ASSERT_TRUE(newest.has_value());
  EXPECT_FALSE(newest->step.has_value());
}

TEST_F(ChoosingAPolicy, WithoutARunThereIsNothingToChoose) {
  viewer_.set_progress(nullptr);
  for (const ViewerKey key :
       {ViewerKey::kNewerPolicy, ViewerKey::kOlderPolicy, ViewerKey::kNewestPolicy}) {
    viewer_.press(key);
  }
  EXPECT_FALSE(viewer_.takes_policy_choice().has_value());
}

}  // namespace
}  // namespace tern
