#pragma once
// The one font of Tern, drawn with a pen instead of filled outlines: every glyph is a few strokes,
// so the same data serves a picture of 80 pixels, a window and a terminal plot. Printable ASCII.

#include <string_view>
#include <vector>

namespace tern {

/// A point of a pen stroke, in font units; x from the left of the glyph, y up from the baseline.
struct StrokePoint {
  float x = 0, y = 0;
};

/// A stroke of one point is a dot.
using Stroke = std::vector<StrokePoint>;

struct Glyph {
  float width = 0;  // from the leftmost to the rightmost place of the pen
  std::vector<Stroke> strokes;
};

// Places of the pen's centre, in font units. The pen's own width comes on top of them.
constexpr float kFontCapHeight = 20;    // H, d, 7
constexpr float kFontXHeight = 14;      // x
constexpr float kFontDescent = 6;       // g, below the baseline
constexpr float kFontLetterGap = 6.5f;  // between the pens of neighbouring letters
/// Pen width for a capital of height 1.
constexpr float kFontPenWidth = 0.125f;

/// The glyph of a printable ASCII character; that of '?' for all others.
const Glyph& stroke_glyph(char c);

/// Width of a line of text whose capitals are `height` high, pen included, in the units of
/// `height`.
float stroke_text_width(std::string_view line, float height);

}  // namespace tern
