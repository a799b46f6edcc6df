// Proof: golden text of the calls; law: a replay draws the same picture.

#include "core/drawing/recording_canvas.h"

#include <gtest/gtest.h>

#include "core/drawing/raster_canvas.h"
#include "tests/core/canvas_scene.h"

namespace tern {
namespace {

TEST(RecordingCanvas, TheCallsReadAsText) {
  RecordingCanvas canvas;
  draw_scene(canvas);
  EXPECT_EQ(canvas.str(),
            "set_view (-4, -3) (4, 3) #fafaf7\n"
            "cells (-3.9, 2.9) size 0.7\n"
            "  .~.\n"
            "  ~.~\n"
            "image (2, 1.5) (3.5, 2.7) of 2x2\n"
            "polygon (-1, -1) (0, 1.5) (1, -1) (0, -0.3) #0072b2\n"
            "circle (2.2, -1.2) radius 0.8 #d55e0080\n"
            "capsule (-3, -2) (-1.5, -0.5) radius 0.3 #e69f00\n"
            "line (-4, -2.5) (4, -2.5) width 0.01 #909ba0\n"
            "text (0, 2.2) height 0.4 center 'Scene 1' #263238\n"
            "push (2.2, -1.2) angle 0.6 scale 0.5\n"
            "polygon (-0.5, -0.5) (0.5, -0.5) (0.5, 0.5) (-0.5, 0.5) #009e73\n"
            "line (0, 0) (3, 0) width 0.1 #263238\n"
            "text (0, 1) height 0.5 left 'turned' #cc79a7\n"
            "image (1, 1) (2, 2) of 2x2\n"
            "cells (-2, -1) size 0.5\n"
            "  .~.\n"
            "  ~.~\n"
            "pop\n");
}

TEST(RecordingCanvas, AReplayDrawsTheSamePicture) {
  RasterCanvas direct(160, 120), replayed(160, 120);
  draw_scene(direct);
  RecordingCanvas recording;
  draw_scene(recording);
  recording.replay(replayed);
  EXPECT_EQ(direct.rgb(), replayed.rgb());
}

TEST(RecordingCanvas, ANewViewForgetsTheFrameBefore) {
  RecordingCanvas canvas;
  draw_scene(canvas);
  canvas.set_view({0, 0}, {1, 1}, {});
  EXPECT_EQ(canvas.calls().size(), 1u);
}

TEST(RecordingCanvas, UnbalancedPushesAndPopsDoNotReachTheCanvasAround) {
  RecordingCanvas env;
  env.pop();
  env.push({5, 5}, 0.3f, 2);
  env.push({1, 1}, 0.3f, 2);
  RecordingCanvas around;
  around.push({1, 1}, 0);
  env.replay(around);
  around.pop();
  int depth = 0;
  for (std::size_t i = 0; i < around.calls().size(); ++i) {
    const DrawCall::Kind kind = around.calls()[i].kind;
    if (kind == DrawCall::Kind::kPush) ++depth;
    if (kind == DrawCall::Kind::kPop) --depth;
    const bool is_last = i + 1 == around.calls().size();
    EXPECT_GE(depth, is_last ? 0 : 1) << i;  // the push around stays open all the time
  }
  EXPECT_EQ(depth, 0);
}

}  // namespace
}  // namespace tern
