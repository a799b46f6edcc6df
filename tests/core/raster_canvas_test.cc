// Proof: worked examples by hand (coverage, blending, transforms), laws (areas, clipping is
// cropping, orientation does not matter), golden hash of a scene, error text.

#include "core/drawing/raster_canvas.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "tests/core/canvas_scene.h"

namespace tern {
namespace {

constexpr Color kWhite{255, 255, 255};
constexpr Color kBlack{0, 0, 0};

/// The red channel; x from the left, y from the top.
int red(const RasterCanvas& canvas, int x, int y) {
  return canvas.rgb()[3 * static_cast<std::size_t>(y * canvas.width() + x)];
}

/// Area of black ink on white, in pixels.
double ink(const RasterCanvas& canvas) {
  double sum = 0;
  for (const std::uint8_t byte : canvas.rgb()) sum += (255 - byte) / 255.0 / 3;
  return sum;
}

TEST(RasterCanvas, ARectangleOverHalfAPixelBlendsHalf) {
  RasterCanvas canvas(4, 4);
  canvas.rectangle({1.5f, 1}, {2.5f, 2}, kBlack);
  EXPECT_EQ(red(canvas, 1, 2), 127);  // 255 - 128, 128 being half of 255 rounded
  EXPECT_EQ(red(canvas, 2, 2), 127);
  EXPECT_EQ(red(canvas, 0, 2), 255);
  EXPECT_EQ(red(canvas, 3, 2), 255);
  EXPECT_EQ(red(canvas, 1, 1), 255);
  EXPECT_EQ(red(canvas, 1, 3), 255);
}

TEST(RasterCanvas, ARectangleOverQuartersOfFourPixelsBlendsAQuarterEach) {
  RasterCanvas canvas(4, 4);
  canvas.rectangle({1.5f, 1.5f}, {2.5f, 2.5f}, kBlack);
  for (const int x : {1, 2}) {
    for (const int y : {1, 2}) EXPECT_EQ(red(canvas, x, y), 255 - 64);
  }
  EXPECT_NEAR(ink(canvas), 1, 0.01);
}

TEST(RasterCanvas, ATriangleCoversHalfOfThePixelsOnItsDiagonal) {
  RasterCanvas canvas(3, 3);
  const Point corners[3] = {{0, 0}, {3, 0}, {0, 3}};
  canvas.polygon(corners, 3, kBlack);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 3; ++x) {
      const int expected = x < y ? 0 : x == y ? 127 : 255;
      EXPECT_EQ(red(canvas, x, y), expected) << x << ", " << y;
    }
  }
}

TEST(RasterCanvas, ASlopeThroughSeveralPixelsOfARowCoversTrapezoids) {
  // Below the line from (0, 0) to (4, 1): 1/8, 3/8, 5/8 and 7/8 of the four pixels.
  RasterCanvas canvas(4, 1);
  const Point corners[3] = {{0, 0}, {4, 0}, {4, 1}};
  canvas.polygon(corners, 3, kBlack);
  for (int x = 0; x < 4; ++x) {
    EXPECT_NEAR(255 - red(canvas, x, 0), 255 * (2 * x + 1) / 8.0, 0.6) << x;
  }
}

TEST(RasterCanvas, AConcavePolygonLeavesItsNotchEmptyInBothOrientations) {
  const Point corners[4] = {{1, 1}, {5, 9}, {9, 1}, {5, 5}};
  RasterCanvas forth(10, 10), back(10, 10);
  forth.polygon(corners, 4, kBlack);
  const Point reversed[4] = {corners[3], corners[2], corners[1], corners[0]};
  back.polygon(reversed, 4, kBlack);
  EXPECT_EQ(forth.rgb(), back.rgb());
  EXPECT_NEAR(ink(forth), 16, 0.05);  // half of 8 x 8 minus half of 8 x 4
  EXPECT_EQ(red(forth, 4, 7), 255);   // in the notch
  EXPECT_EQ(red(forth, 4, 3), 0);     // above it
}

TEST(RasterCanvas, ACircleHasTheAreaOfACircle) {
  for (const float radius : {0.4f, 0.7f, 1.0f, 2.3f, 10.0f, 47.0f}) {
    RasterCanvas canvas(100, 100);
    canvas.circle({50.3f, 49.8f}, radius, kBlack);
    const double area = 3.14159265 * static_cast<double>(radius) * radius;
    EXPECT_NEAR(ink(canvas), area, 0.01 * area + 0.005) << radius;
  }
}

TEST(RasterCanvas, ACapsuleHasTheAreaOfItsRectangleAndTwoHalfCircles) {
  RasterCanvas canvas(100, 100);
  canvas.capsule({20, 30}, {60, 60}, 8, kBlack);  // 50 long
  const double area = 50 * 16 + 3.14159265 * 64;
  EXPECT_NEAR(ink(canvas), area, 0.003 * area);
  RasterCanvas point(40, 40), disc(40, 40);
  point.capsule({20, 20}, {20, 20}, 8, kBlack);
  disc.circle({20, 20}, 8, kBlack);
  EXPECT_EQ(point.rgb(), disc.rgb());
}

TEST(RasterCanvas, ALineHasSquareEndsAndItsWidth) {
  RasterCanvas canvas(100, 100);
  canvas.line({20, 30}, {60, 60}, 6, kBlack);
  EXPECT_NEAR(ink(canvas), 50 * 6, 1);
}

TEST(RasterCanvas, AHairlineFillsExactlyOneRowOfPixels) {
  RasterCanvas canvas(8, 8);
  canvas.line({0, 3.1f}, {8, 3.1f}, 0.01f, kBlack);
  for (int x = 0; x < 8; ++x) {
    EXPECT_EQ(red(canvas, x, 4), 0);
    EXPECT_EQ(red(canvas, x, 3), 255);
    EXPECT_EQ(red(canvas, x, 5), 255);
  }
  RasterCanvas slanted(50, 50);
  slanted.line({5, 5}, {35, 45}, 0.01f, kBlack);
  EXPECT_NEAR(ink(slanted), 50, 0.5);  // one pixel wide
}

TEST(RasterCanvas, PushScalesThenTurnsThenMoves) {
  RasterCanvas canvas(10, 10);
  canvas.push({5, 1}, 1.5707964f, 2);
  // (1, 0)-(3, 1), doubled (2, 0)-(6, 2), a quarter turn left (-2, 2)-(0, 6), moved (3, 3)-(5, 7).
  canvas.rectangle({1, 0}, {3, 1}, kBlack);
  canvas.pop();
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) {
      const bool inside = x >= 3 && x < 5 && 9 - y >= 3 && 9 - y < 7;
      EXPECT_EQ(red(canvas, x, y), inside ? 0 : 255) << x << ", " << y;
    }
  }
}

TEST(RasterCanvas, PushesNestAndPopRestores) {
  RasterCanvas canvas(10, 10);
  canvas.push({2, 2}, 0, 2);
  canvas.push({1, 1}, 0, 0.5f);  // the origin is now at (4, 4), the scale 1 again
  canvas.rectangle({0, 0}, {1, 1}, kBlack);
  canvas.pop();
  canvas.pop();
  canvas.rectangle({0, 0}, {1, 1}, kBlack);
  EXPECT_EQ(red(canvas, 4, 5), 0);
  EXPECT_EQ(red(canvas, 0, 9), 0);
  EXPECT_NEAR(ink(canvas), 2, 1e-9);
}

TEST(RasterCanvas, TheViewKeepsItsShapeAndIsCentred) {
  RasterCanvas canvas(100, 100);
  canvas.set_view({-1, 0}, {1, 1}, kWhite);  // 50 pixels a unit, 25 above and below
  canvas.rectangle({-1, 0}, {1, 1}, kBlack);
  for (int y = 0; y < 100; ++y) EXPECT_EQ(red(canvas, 50, y), y >= 25 && y < 75 ? 0 : 255) << y;
  canvas.set_view({0, 0}, {1, 4}, kWhite);
  canvas.rectangle({0, 0}, {1, 4}, kBlack);
  for (int x = 0; x < 100; ++x) {
    const double left = 37.5, covered = std::min(x + 1.0, 62.5) - std::max(1.0 * x, left);
    EXPECT_NEAR(red(canvas, x, 50), 255 - 255 * std::max(0.0, covered), 1) << x;
  }
}

TEST(RasterCanvas, WhatLiesOutsideIsCroppedAndNothingElse) {
  const auto draw = [](RasterCanvas& canvas, float dx) {
    canvas.push({dx, dx}, 0);
    const Point big[3] = {{-40, 7}, {33, -25}, {61, 50}};
    canvas.polygon(big, 3, kBlack);
    canvas.circle({-1, 12.3f}, 9, {255, 0, 0, 100});
    canvas.capsule({19, -4}, {27, 31}, 2.7f, {0, 255, 0});
    canvas.line({-30, 3}, {70, 23}, 1.5f, {0, 0, 255});
    canvas.pop();
  };
  RasterCanvas small(20, 20), large(120, 120);
  draw(small, 0);
  draw(large, 50);  // the same, with the small picture in its middle
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) EXPECT_NEAR(red(small, x, y), red(large, x + 50, y + 50), 1);
  }
}

TEST(RasterCanvas, ShapesFarOutsideLeaveNoTrace) {
  RasterCanvas canvas(16, 16), untouched(16, 16);
  const std::uint8_t kind = 0;
  const CellStyle style{kBlack, '#'};
  for (const float far : {-1e6f, 1e6f, 1e30f}) {
    canvas.circle({far, 8}, 5, kBlack);
    canvas.rectangle({far, far}, {far + 1, far + 1}, kBlack);
    canvas.capsule({far, far}, {far, 0}, 3, kBlack);
    canvas.line({far, 0}, {far, 16}, 1, kBlack);
    canvas.text({far, 8}, 8, "far", kBlack);
    canvas.cells({far, far}, 1, 1, 1, &kind, &style, 1);
    const std::uint8_t pixel[3] = {0, 0, 0};
    canvas.image({far, far}, {far + 1, far + 1}, 1, 1, pixel);
  }
  EXPECT_EQ(canvas.rgb(), untouched.rgb());
}

TEST(RasterCanvas, ShapesThatAreNotFiniteAreLeftOut) {
  RasterCanvas canvas(16, 16), untouched(16, 16);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Point corners[3] = {{0, 0}, {nan, 3}, {3, 3}};
  canvas.polygon(corners, 3, kBlack);
  canvas.circle({nan, 8}, 5, kBlack);
  canvas.circle({8, 8}, nan, kBlack);
  canvas.capsule({0, 0}, {nan, 0}, 3, kBlack);
  canvas.line({nan, 0}, {0, 16}, 1, kBlack);
  canvas.text({8, nan}, 8, "nan", kBlack);
  EXPECT_EQ(canvas.rgb(), untouched.rgb());
}

TEST(RasterCanvas, TransparentColoursBlendOneAfterTheOther) {
  RasterCanvas canvas(1, 1);
  const Color half_black{0, 0, 0, 128};
  canvas.rectangle({0, 0}, {1, 1}, half_black);
  EXPECT_EQ(red(canvas, 0, 0), 127);  // (255 * 127 + 127) / 255
  canvas.rectangle({0, 0}, {1, 1}, half_black);
  EXPECT_EQ(red(canvas, 0, 0), 63);  // (127 * 127 + 127) / 255 = 63.7
}

TEST(RasterCanvas, CellsMeetWithoutSeamsOrOverlap) {
  RasterCanvas canvas(10, 10);
  canvas.set_view({0, 0}, {3, 3}, kWhite);  // 3.33 pixels a cell
  const std::uint8_t kinds[9] = {0, 1, 0, 1, 0, 1, 0, 1, 0};
  const CellStyle styles[2] = {{{0, 0, 0}, '#'}, {{200, 200, 200}, '.'}};
  canvas.cells({0, 3}, 1, 3, 3, kinds, styles, 2);
  for (int y = 0; y < 10; ++y) {
    for (int x = 0; x < 10; ++x) {
      const int column = x < 3 ? 0 : x < 7 ? 1 : 2, row = y < 3 ? 0 : y < 7 ? 1 : 2;
      EXPECT_EQ(red(canvas, x, y), (column + row) % 2 == 0 ? 0 : 200) << x << ", " << y;
    }
  }
}

TEST(RasterCanvas, AnEnlargedPictureRepeatsItsPixelsTopRowFirst) {
  RasterCanvas canvas(4, 4);
  const std::uint8_t pixels[12] = {10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0};
  canvas.image({0, 0}, {4, 4}, 2, 2, pixels);
  EXPECT_EQ(red(canvas, 1, 1), 10);
  EXPECT_EQ(red(canvas, 2, 1), 20);
  EXPECT_EQ(red(canvas, 1, 2), 30);
  EXPECT_EQ(red(canvas, 2, 2), 40);
}

TEST(RasterCanvas, AReducedPictureShowsMeans) {
  RasterCanvas canvas(1, 1);
  const std::uint8_t pixels[12] = {10, 0, 0, 20, 0, 0, 30, 0, 0, 60, 0, 0};
  canvas.image({0, 0}, {1, 1}, 2, 2, pixels);
  EXPECT_EQ(red(canvas, 0, 0), 30);
}

TEST(RasterCanvas, ACapitalFillsItsHeightAboveTheBaseline) {
  for (const int height : {8, 12, 20, 40}) {
    RasterCanvas canvas(60, 60);
    canvas.text({10, 10}, static_cast<float>(height), "H", kBlack);
    int top = 60, bottom = -1;
    for (int y = 0; y < 60; ++y) {
      for (int x = 0; x < 60; ++x) {
        if (red(canvas, x, y) > 127) continue;
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
    }
    EXPECT_EQ(bottom, 49) << height;
    EXPECT_EQ(bottom - top + 1, height);
  }
}

TEST(RasterCanvas, TextIsAlignedAtItsPlace) {
  const auto extent = [](Align align) {
    RasterCanvas canvas(100, 20);
    canvas.text({50, 5}, 10, "HHHH", kBlack, align);
    std::pair<int, int> columns{100, -1};
    for (int x = 0; x < 100; ++x) {
      if (red(canvas, x, 9) > 127) continue;
      columns.first = std::min(columns.first, x);
      columns.second = std::max(columns.second, x);
    }
    return columns;
  };
  EXPECT_EQ(extent(Align::kLeft).first, 50);
  EXPECT_EQ(extent(Align::kRight).second, 49);
  const auto centred = extent(Align::kCenter);
  EXPECT_NEAR(centred.first + centred.second, 99, 1);
}

TEST(RasterCanvas, TextIsAsWideAsWasMeasured) {
  const std::string line = "terminated after 385 stepsH";
  for (const int height : {8, 11, 12, 13, 20}) {
    RasterCanvas canvas(600, 40);
    canvas.text({10, 10}, static_cast<float>(height), line, kBlack);
    int last = -1;
    for (int x = 0; x < 600; ++x) {
      if (red(canvas, x, 29) < 128) last = x;  // the row of the baseline
    }
    EXPECT_NEAR(last + 1 - 10, pixel_text_width(line, height), 1) << height;
  }
}

TEST(RasterCanvas, TurnedTextHasAsMuchInkAsUprightText) {
  RasterCanvas upright(200, 200), turned(200, 200);
  upright.text({20, 100}, 30, "Tern 42", kBlack);
  turned.push({40, 40}, 0.7f);
  turned.text({0, 0}, 30, "Tern 42", kBlack);
  EXPECT_NEAR(ink(turned), ink(upright), 0.05 * ink(upright));
  EXPECT_GT(ink(upright), 1000);
}

TEST(RasterCanvas, TheSceneIsTheSameToTheBit) {
  RasterCanvas canvas(320, 240);
  draw_scene(canvas);
  EXPECT_EQ(picture_hash(canvas.rgb()), 2893021910974172707u);
}

TEST(RasterCanvas, ErrorsSayWhatWasWrong) {
  const auto message = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message([] { RasterCanvas(0, 5); }),
            "a picture of 0x5 pixels cannot be made; expected 1 to 16384 in both directions");
  EXPECT_EQ(message([] {
              RasterCanvas(5, 5).set_view({0, 0}, {0, 1}, kWhite);
            }),
            "set_view was given an empty rectangle; expected finite corners, `low` to the left of "
            "`high` and below it");
  EXPECT_EQ(message([] { RasterCanvas(5, 5).pop(); }), "Canvas::pop without a push before it");
}

}  // namespace
}  // namespace tern
