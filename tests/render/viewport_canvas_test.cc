// Proof: worked examples by hand, law (a viewport that is the whole picture changes nothing).

#include "render/viewport_canvas.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/recording_canvas.h"
#include "tests/core/canvas_scene.h"
#include "tests/error_of.h"

namespace tern {
namespace {

int red(const RasterCanvas& canvas, int x, int y) {
  return canvas.rgb()[3 * static_cast<std::size_t>(y * canvas.width() + x)];
}

TEST(ViewportCanvas, TheViewIsFittedIntoItsPartOfThePicture) {
  RasterCanvas canvas(100, 60);
  canvas.set_view({0, 0}, {100, 60}, {255, 255, 255});
  {
    ViewportCanvas part(canvas, {20, 10}, {80, 50});  // 60 x 40
    part.set_view({-1, -1}, {1, 1}, {100, 0, 0});     // 40 x 40 in its middle: x 30 to 70
    part.rectangle({-1, -1}, {0, 1}, {0, 0, 0});      // x 30 to 50, all its height
  }
  EXPECT_EQ(red(canvas, 10, 30), 255);  // outside
  EXPECT_EQ(red(canvas, 25, 30), 100);  // background beside the view
  EXPECT_EQ(red(canvas, 31, 11), 0);
  EXPECT_EQ(red(canvas, 49, 48), 0);
  EXPECT_EQ(red(canvas, 51, 30), 100);
  EXPECT_EQ(red(canvas, 75, 30), 100);
  EXPECT_EQ(red(canvas, 50, 5), 255);
  EXPECT_EQ(red(canvas, 50, 55), 255);
}

TEST(ViewportCanvas, AViewportOfTheWholePictureChangesNothing) {
  RasterCanvas direct(320, 240), through(320, 240);
  draw_scene(direct);
  through.set_view({0, 0}, {320, 240}, {0, 0, 0});
  {
    ViewportCanvas all(through, {0, 0}, {320, 240});
    draw_scene(all);
  }
  EXPECT_EQ(direct.rgb(), through.rgb());
}

TEST(ViewportCanvas, WhatTheEnvLeftOpenIsClosedBehindIt) {
  RecordingCanvas target;
  target.set_view({0, 0}, {10, 10}, {});
  {
    ViewportCanvas part(target, {0, 0}, {5, 5});
    part.set_view({0, 0}, {1, 1}, {});
    part.push({1, 1}, 0.5f);
    part.push({1, 1}, 0.5f);
    part.set_view({0, 0}, {2, 2}, {});  // a second frame
    part.push({1, 1}, 0.5f);
  }
  int depth = 0;
  for (const DrawCall& call : target.calls()) {
    if (call.kind == DrawCall::Kind::kPush) ++depth;
    if (call.kind == DrawCall::Kind::kPop) --depth;
  }
  EXPECT_EQ(depth, 0);
}

TEST(ViewportCanvas, WhatLiesBeyondTheRectangleIsCutOff) {
  RasterCanvas canvas(100, 60);
  canvas.set_view({0, 0}, {100, 60}, {255, 255, 255});
  {
    ViewportCanvas part(canvas, {20, 10}, {80, 50});
    part.set_view({-1, -1}, {1, 1}, {100, 0, 0});
    EXPECT_FLOAT_EQ(part.shown({-1, -1}, {1, 1}).low.x, -1.5f);
    EXPECT_FLOAT_EQ(part.shown({-1, -1}, {1, 1}).high.x, 1.5f);
    EXPECT_FLOAT_EQ(part.shown({-1, -1}, {1, 1}).high.y, 1);
    part.rectangle({-9, -9}, {9, 0}, {0, 0, 0});      // ground: all of the lower half
    part.line({-9, 0.5f}, {9, 0.5f}, 0.1f, {50, 0, 0});
    part.circle({4, 0}, 1, {0, 0, 0});                // nowhere near
  }
  EXPECT_EQ(red(canvas, 21, 48), 0);
  EXPECT_EQ(red(canvas, 78, 48), 0);
  EXPECT_EQ(red(canvas, 21, 20), 50);
  EXPECT_EQ(red(canvas, 78, 20), 50);
  for (const int x : {10, 19, 81, 95}) {
    for (const int y : {20, 30, 48}) EXPECT_EQ(red(canvas, x, y), 255) << x << ' ' << y;
  }
  EXPECT_EQ(red(canvas, 50, 52), 255);
}

/// Whether a shape of twice the rectangle's size, drawn by `draw` in a view of (-1, -1) to (1, 1),
/// fills the rectangle's middle and nothing around it.
void expect_cut(const char* what, const std::function<void(Canvas&)>& draw) {
  RasterCanvas canvas(100, 60);
  canvas.set_view({0, 0}, {100, 60}, {255, 255, 255});
  {
    ViewportCanvas part(canvas, {20, 10}, {80, 50});
    part.set_view({-1, -1}, {1, 1}, {100, 0, 0});
    draw(part);
  }
  EXPECT_EQ(red(canvas, 50, 30), 0) << what;
  EXPECT_EQ(red(canvas, 50, 11), 0) << what;
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 100; ++x) {
      if (x >= 20 && x < 80 && y >= 10 && y < 50) continue;
      ASSERT_EQ(red(canvas, x, y), 255) << what << " at " << x << ", " << y;
    }
  }
}

TEST(ViewportCanvas, EveryShapeIsCutAlsoWhereItIsTurnedAndMoved) {
  const Color black{0, 0, 0};
  expect_cut("circle", [&](Canvas& c) { c.circle({0, 0}, 2, black); });
  expect_cut("capsule", [&](Canvas& c) { c.capsule({-0.5f, 0}, {0.5f, 0}, 2, black); });
  expect_cut("point", [&](Canvas& c) { c.capsule({0, 0}, {0, 0}, 2, black); });
  expect_cut("moved", [&](Canvas& c) {
    c.push({5, 3}, 0.7f, 2);
    c.push({0, 0}, -0.7f, 0.5f);
    c.rectangle({-7, -5}, {-3, -1}, black);
    c.pop();
    c.pop();
  });
  expect_cut("turned", [&](Canvas& c) {
    c.push({0, 0}, 1.1f);
    c.rectangle({-5, -2}, {5, 2}, black);
    c.circle({3, 0}, 2, black);
    c.capsule({-4, 0}, {4, 0}, 1, black);
    c.pop();
  });
}

TEST(ViewportCanvas, ShapesInsideAreDrawnAsTheyAre) {
  RecordingCanvas target;
  target.set_view({0, 0}, {100, 60}, {});
  {
    ViewportCanvas part(target, {20, 10}, {80, 50});
    part.set_view({-1, -1}, {1, 1}, {});
    part.circle({1.2f, 0}, 0.25f, {});
    part.capsule({-1.2f, 0}, {1.2f, 0}, 0.25f, {});
    part.circle({1.4f, 0}, 0.25f, {});  // across the right border
    part.circle({1.8f, 0}, 0.25f, {});  // beyond it
  }
  std::vector<DrawCall::Kind> kinds;
  for (const DrawCall& call : target.calls()) kinds.push_back(call.kind);
  using Kind = DrawCall::Kind;
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kSetView, Kind::kPolygon, Kind::kPush, Kind::kCircle,
                                      Kind::kCapsule, Kind::kPolygon, Kind::kPop}));
}

TEST(ViewportCanvas, APopTooManyIsRefused) {
  RasterCanvas canvas(10, 10);
  ViewportCanvas part(canvas, {0, 0}, {5, 5});
  part.set_view({0, 0}, {1, 1}, {});
  EXPECT_EQ(error_of([&] { part.pop(); }, ExitCode::kUsage),
            "Canvas::pop without a push before it");
}

}  // namespace
}  // namespace tern
