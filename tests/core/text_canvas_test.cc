// Proof: golden text, worked examples, error text.

#include "core/drawing/text_canvas.h"

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace tern {
namespace {

constexpr Color kAny{};

TEST(TextCanvas, ABoardShowsOneGlyphACellAndWhatStandsOnIt) {
  TextCanvas canvas(8, 4);
  canvas.set_view({0, 0}, {4, 4}, kAny);
  const std::uint8_t kinds[16] = {0, 1, 1, 1, 1, 2, 1, 2, 1, 1, 1, 2, 2, 1, 1, 3};
  const CellStyle styles[4] = {{{}, 'S'}, {{}, '.'}, {{}, 'H'}, {{}, 'G'}};
  canvas.cells({0, 4}, 1, 4, 4, kinds, styles, 4);
  canvas.circle({2.5f, 2.5f}, 0.1f, kAny);
  EXPECT_EQ(canvas.str(),
            "S . . .\n"
            ". H .oH\n"
            ". . . H\n"
            "H . . G\n");
}

TEST(TextCanvas, ShapesFollowTheirFormAndDirection) {
  TextCanvas canvas(20, 6);
  canvas.set_view({0, 0}, {20, 12}, kAny);
  canvas.line({0, 11}, {6, 11}, 0.1f, kAny);
  canvas.line({10.5f, 0}, {10.5f, 12}, 0.1f, kAny);
  canvas.capsule({12, 0}, {20, 8}, 0.2f, kAny);
  canvas.line({0, 8}, {8, 0}, 0.1f, kAny);
  canvas.rectangle({14, 8}, {18, 12}, kAny);
  canvas.circle({3, 2}, 2, kAny);
  EXPECT_EQ(canvas.str(),
            "------    |   ####\n"
            "          |   ####\n"
            "\\\\        |       //\n"
            "  \\\\      |     //\n"
            " oooo\\    |   //\n"
            " oooo \\\\  | //\n");
}

TEST(TextCanvas, TextStandsOnItsBaselineAndIsAligned) {
  TextCanvas canvas(11, 3);
  canvas.set_view({0, 0}, {11, 6}, kAny);
  canvas.text({0, 4}, 1, "left", kAny);
  canvas.text({11, 2}, 1, "right", kAny, Align::kRight);
  canvas.text({5.5f, 0}, 1, "mid", kAny, Align::kCenter);
  EXPECT_EQ(canvas.str(),
            "left\n"
            "      right\n"
            "    mid\n");
}

TEST(TextCanvas, PicturesBecomeShadesDarkToLight) {
  TextCanvas canvas(4, 1);
  canvas.set_view({0, 0}, {4, 2}, kAny);
  const std::uint8_t rgb[12] = {0, 0, 0, 90, 90, 90, 170, 170, 170, 230, 230, 230};
  canvas.image({0, 0}, {4, 2}, 4, 1, rgb);
  EXPECT_EQ(canvas.str(), "@*-.\n");
}

TEST(TextCanvas, TransformsMoveWhatIsDrawn) {
  TextCanvas canvas(6, 3);
  canvas.set_view({0, 0}, {6, 6}, kAny);
  canvas.push({3, 3}, 1.5707964f, 2);
  canvas.text({0.5f, -0.5f}, 1, "x", kAny);  // turned and doubled: it stands on y = 4
  canvas.pop();
  canvas.text({0, 0}, 1, "y", kAny);
  EXPECT_EQ(canvas.str(), "    x\n\ny\n");
}

TEST(TextCanvas, AFrameStartsEmpty) {
  TextCanvas canvas(4, 1);
  canvas.text({0, 0}, 1, "old", kAny);
  canvas.set_view({0, 0}, {4, 2}, kAny);
  EXPECT_EQ(canvas.str(), "\n");
}

TEST(TextCanvas, ASizeOfZeroIsRefused) {
  try {
    TextCanvas(0, 4);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a text picture of 0x4 characters cannot be made; expected 1 to "
                 "1024 in both directions");
  }
}

}  // namespace
}  // namespace tern
