// Proof: laws (every letter is there, all differ, digits are equally wide), worked example.

#include "core/drawing/stroke_font.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/drawing/glyph_mask.h"

namespace tern {
namespace {

TEST(StrokeFont, EveryPrintableCharacterButTheSpaceHasStrokesInsideItsBox) {
  for (char c = '!'; c <= '~'; ++c) {
    const Glyph& glyph = stroke_glyph(c);
    EXPECT_FALSE(glyph.strokes.empty()) << c;
    for (const Stroke& stroke : glyph.strokes) {
      EXPECT_FALSE(stroke.empty()) << c;
      for (const StrokePoint& point : stroke) {
        EXPECT_GE(point.x, 0) << c;
        EXPECT_LE(point.x, glyph.width) << c;
        EXPECT_GE(point.y, -kFontDescent) << c;
        EXPECT_LE(point.y, kFontCapHeight + 3) << c;
      }
    }
  }
  EXPECT_TRUE(stroke_glyph(' ').strokes.empty());
}

TEST(StrokeFont, LettersAndDigitsReachTheirHeights) {
  const auto top = [](char c) {
    float y = 0;
    for (const Stroke& stroke : stroke_glyph(c).strokes) {
      for (const StrokePoint& point : stroke) y = std::max(y, point.y);
    }
    return y;
  };
  for (char c = 'A'; c <= 'Z'; ++c) EXPECT_EQ(top(c), kFontCapHeight) << c;
  for (char c = '0'; c <= '9'; ++c) EXPECT_EQ(top(c), kFontCapHeight) << c;
  for (const char c : {'a', 'c', 'e', 'm', 'n', 'o', 's', 'u', 'v', 'w', 'x', 'z'}) {
    EXPECT_EQ(top(c), kFontXHeight) << c;
  }
}

TEST(StrokeFont, NoTwoCharactersLookTheSameAtEightPixels) {
  std::set<std::string> seen;
  for (char c = ' '; c <= '~'; ++c) {
    const CoverageMask mask = make_glyph_mask(c, 8).mask;
    std::string look = std::to_string(mask.width) + ":";
    look.append(mask.alpha.begin(), mask.alpha.end());
    EXPECT_TRUE(seen.insert(look).second) << c;
  }
}

TEST(StrokeFont, DigitsAreEquallyWideAtEverySize) {
  for (const int height : {7, 8, 11, 16, 40}) {
    for (char c = '1'; c <= '9'; ++c) {
      EXPECT_EQ(make_glyph_mask(c, height).advance, make_glyph_mask('0', height).advance)
          << c << " at " << height;
    }
  }
}

TEST(StrokeFont, OtherCharactersAreShownAsQuestionMarks) {
  EXPECT_EQ(&stroke_glyph('\n'), &stroke_glyph('?'));
  EXPECT_EQ(&stroke_glyph('\x80'), &stroke_glyph('?'));
}

TEST(StrokeFont, TheWidthOfALineIsPensGapsAndGlyphs) {
  // At height 40: the pen is 5, a unit (40 - 5) / 20 = 1.75. "HH": 13 + 6.5 + 13 units and a pen.
  EXPECT_FLOAT_EQ(stroke_text_width("HH", 40), 32.5f * 1.75f + 5);
  EXPECT_EQ(stroke_text_width("", 40), 0);
}

TEST(StrokeFont, TheMeasuredWidthIsThatOfThePixels) {
  for (const int height : {12, 20, 40}) {
    const std::string line = "The return of 42.7 episodes";
    int advance = 0;
    for (const char c : line) advance += make_glyph_mask(c, height).advance;
    EXPECT_NEAR(advance, stroke_text_width(line, static_cast<float>(height)), 0.07 * advance);
  }
}

}  // namespace
}  // namespace tern
