#include "core/drawing/stroke_font.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace tern {
namespace {

constexpr char kFirst = ' ', kLast = '~';
constexpr std::size_t kGlyphs = kLast - kFirst + 1;

// Each glyph as pen strokes separated by '|'. "x,y" is a place the pen goes to in a straight line;
// "(x,y)" before a place rounds the way there: an arc that leaves towards the place in parentheses
// and arrives from it. Digits are all 12 wide, so that changing numbers do not dance.
constexpr std::array<const char*, kGlyphs> kShapes = {
    /*   */ "",
    /* ! */ "0,20 0,6.5 | 0,0.4",
    /* " */ "0,20 0,14.5 | 4.5,20 4.5,14.5",
    /* # */ "3,0 5.5,20 | 9,0 11.5,20 | 0,6.5 13.5,6.5 | 1,13.5 14.5,13.5",
    /* $ */ "12,16.2 (10.5,20) 6.3,20 (0.5,20) 0.5,15.3 (0.5,11.3) 6,10.3 (12.5,9.2) 12.5,4.8 "
            "(12.5,0) 6.3,0 (1.5,0) 0,4.2 | 6.3,23 6.3,-3",
    /* % */ "13,20 3,0 | 3.5,20 (7,20) 7,15.8 (7,11.6) 3.5,11.6 (0,11.6) 0,15.8 (0,20) 3.5,20 | "
            "12.5,8.4 (16,8.4) 16,4.2 (16,0) 12.5,0 (9,0) 9,4.2 (9,8.4) 12.5,8.4",
    /* & */ "14,0 3.3,13 (1.8,14.8) 1.8,16.4 (1.8,20) 5.6,20 (9.4,20) 9.4,16.5 (9.4,13.6) 5.2,11.4 "
            "(0,8.8) 0,5 (0,0) 5.6,0 (11.5,0) 13.5,8.5",
    /* ' */ "0,20 0,14.5",
    /* ( */ "4,22.5 (0,18) 0,9.5 (0,1) 4,-3.5",
    /* ) */ "0,22.5 (4,18) 4,9.5 (4,1) 0,-3.5",
    /* * */ "4.5,20 4.5,10.4 | 0.3,17.6 8.7,12.8 | 8.7,17.6 0.3,12.8",
    /* + */ "6,15.5 6,3.5 | 0,9.5 12,9.5",
    /* , */ "1.3,0.6 0,-4",
    /* - */ "0,8.5 7,8.5",
    /* . */ "0,0.4",
    /* / */ "0,-2.5 9,22",
    /* 0 */ "6,20 (12,20) 12,10 (12,0) 6,0 (0,0) 0,10 (0,20) 6,20",
    /* 1 */ "2,15.8 7,20 7,0",
    /* 2 */ "0.5,15.4 (1,20) 6,20 (11.5,20) 11.5,14.8 (11.5,11.8) 8.5,8.6 0.3,0 12,0",
    /* 3 */ "0.6,16.4 (2,20) 6,20 (11.2,20) 11.2,15.3 (11.2,10.6) 6,10.6 4,10.6 | "
            "6,10.6 (12,10.6) 12,5.3 (12,0) 6,0 (1.4,0) 0,4",
    /* 4 */ "9,0 9,20 0,6 12,6",
    /* 5 */ "10.8,20 1.6,20 0.8,10.6 (2.8,12.6) 6,12.6 (12,12.6) 12,6.4 (12,0) 5.8,0 (1.6,0) 0,3.6",
    /* 6 */ "10.6,17 (9.4,20) 6.2,20 (0,20) 0,9.5 0,6.2 (0,0) 6,0 (12,0) 12,6.2 (12,12.4) 6,12.4 "
            "(0,12.4) 0,6.2",
    /* 7 */ "0,20 12,20 4,0",
    /* 8 */ "6,10.6 (0.8,10.6) 0.8,15.3 (0.8,20) 6,20 (11.2,20) 11.2,15.3 (11.2,10.6) 6,10.6 "
            "(0,10.6) 0,5.3 (0,0) 6,0 (12,0) 12,5.3 (12,10.6) 6,10.6",
    /* 9 */ "1.4,3 (2.6,0) 5.8,0 (12,0) 12,10.5 12,13.8 (12,20) 6,20 (0,20) 0,13.8 (0,7.6) 6,7.6 "
            "(12,7.6) 12,13.8",
    /* : */ "0,0.4 | 0,11.6",
    /* ; */ "1.3,0.6 0,-4 | 1.3,11.6",
    /* < */ "11,16 0,9.5 11,3",
    /* = */ "0,12.5 12,12.5 | 0,6.5 12,6.5",
    /* > */ "0,16 11,9.5 0,3",
    /* ? */ "0,16 (1,20) 5.2,20 (10.2,20) 10.2,15.2 (10.2,12.4) 7.6,10.6 (5,8.8) 5,6 | 5,0.4",
    /* @ */ "13,13.5 13,6.5 (13,3.5) 15.5,3.5 (19,3.5) 19,9.5 (19,18.5) 10,18.5 (0,18.5) 0,8 "
            "(0,-3) 10,-3 (14,-3) 16.5,-1.5 | 13,8.5 (13,13) 9.5,13 (5.5,13) 5.5,8.3 (5.5,3.7) "
            "9.2,3.7 (13,3.7) 13,8.5",
    /* A */ "0,0 7,20 14,0 | 2.3,6.5 11.7,6.5",
    /* B */ "0,10.5 7.3,10.5 (12.5,10.5) 12.5,5.2 (12.5,0) 7.3,0 0,0 0,20 7,20 (11.6,20) 11.6,15.3 "
            "(11.6,10.5) 7,10.5",
    /* C */ "13.6,15.4 (12,20) 7.4,20 (0,20) 0,10 (0,0) 7.4,0 (12,0) 13.6,4.6",
    /* D */ "6,20 (13.6,20) 13.6,10 (13.6,0) 6,0 0,0 0,20 6,20",
    /* E */ "11,20 0,20 0,0 11,0 | 0,10.5 9.5,10.5",
    /* F */ "11,20 0,20 0,0 | 0,10 9.5,10",
    /* G */ "13.6,15.6 (12,20) 7.4,20 (0,20) 0,10 (0,0) 7.4,0 (14,0) 14,7 14,9.5 8,9.5",
    /* H */ "0,0 0,20 | 13,0 13,20 | 0,10.5 13,10.5",
    /* I */ "0,0 0,20",
    /* J */ "8.5,20 8.5,5.5 (8.5,0) 4.2,0 (0.8,0) 0,3.8",
    /* K */ "0,0 0,20 | 12,20 0,8 | 4.3,12.3 12.6,0",
    /* L */ "0,20 0,0 10.5,0",
    /* M */ "0,0 0,20 8,6 16,20 16,0",
    /* N */ "0,0 0,20 13,0 13,20",
    /* O */ "7.5,20 (15,20) 15,10 (15,0) 7.5,0 (0,0) 0,10 (0,20) 7.5,20",
    /* P */ "0,0 0,20 7,20 (12.5,20) 12.5,14.5 (12.5,9) 7,9 0,9",
    /* Q */ "7.5,20 (15,20) 15,10 (15,0) 7.5,0 (0,0) 0,10 (0,20) 7.5,20 | 9.5,4.5 14.6,-1.5",
    /* R */ "0,0 0,20 7,20 (12.5,20) 12.5,14.6 (12.5,9.2) 7,9.2 0,9.2 | 7,9.2 12.9,0",
    /* S */ "12,16.2 (10.5,20) 6.3,20 (0.5,20) 0.5,15.3 (0.5,11.3) 6,10.3 (12.5,9.2) 12.5,4.8 "
            "(12.5,0) 6.3,0 (1.5,0) 0,4.2",
    /* T */ "0,20 13,20 | 6.5,20 6.5,0",
    /* U */ "0,20 0,6.5 (0,0) 6.5,0 (13,0) 13,6.5 13,20",
    /* V */ "0,20 7,0 14,20",
    /* W */ "0,20 4.7,0 9.7,18.5 14.7,0 19.4,20",
    /* X */ "0,0 12.6,20 | 0,20 12.6,0",
    /* Y */ "0,20 6.8,9.5 13.6,20 | 6.8,9.5 6.8,0",
    /* Z */ "0.3,20 12,20 0,0 12.3,0",
    /* [ */ "4.5,22.5 0,22.5 0,-3.5 4.5,-3.5",
    /* \ */ "0,22 9,-2.5",
    /* ] */ "0,22.5 4.5,22.5 4.5,-3.5 0,-3.5",
    /* ^ */ "0,12.5 5,20 10,12.5",
    /* _ */ "0,-3.5 12,-3.5",
    /* ` */ "0,20.5 3,17",
    /* a */ "0.9,11.2 (2.2,14) 5.4,14 (10,14) 10,9.4 10,0 | 10,8 4.6,8 (0,8) 0,4 (0,0) 4.2,0 "
            "(8.4,0) 10,3.8",
    /* b */ "0,20 0,0 | 0,7 (0,14) 5.5,14 (11,14) 11,7 (11,0) 5.5,0 (0,0) 0,7",
    /* c */ "9.8,10.9 (8.8,14) 5.5,14 (0,14) 0,7 (0,0) 5.5,0 (8.8,0) 9.8,3.1",
    /* d */ "11,20 11,0 | 11,7 (11,14) 5.5,14 (0,14) 0,7 (0,0) 5.5,0 (11,0) 11,7",
    /* e */ "0,7.2 11,7.2 (11,14) 5.5,14 (0,14) 0,7 (0,0) 5.8,0 (9,0) 10.3,2.9",
    /* f */ "7.2,20 6.4,20 (2.8,20) 2.8,16 2.8,0 | 0,14 6.8,14",
    /* g */ "11,14 11,-0.8 (11,-6) 5.5,-6 (2.2,-6) 0.7,-3.8 | 11,7 (11,14) 5.5,14 (0,14) 0,7 "
            "(0,0) 5.5,0 (11,0) 11,7",
    /* h */ "0,20 0,0 | 0,8.3 (0,14) 5.2,14 (10,14) 10,8.8 10,0",
    /* i */ "0,14 0,0 | 0,19.4",
    /* j */ "3,14 3,-2.2 (3,-6) 0,-6 | 3,19.4",
    /* k */ "0,20 0,0 | 9.4,14 0,5.2 | 3.7,8.7 10.2,0",
    /* l */ "0,20 0,3.6 (0,0) 3.4,0",
    /* m */ "0,14 0,0 | 0,8.6 (0,14) 4.3,14 (8.3,14) 8.3,9.2 8.3,0 | 8.3,8.6 (8.3,14) 12.6,14 "
            "(16.6,14) 16.6,9.2 16.6,0",
    /* n */ "0,14 0,0 | 0,8.3 (0,14) 5.2,14 (10,14) 10,8.8 10,0",
    /* o */ "5.7,14 (11.4,14) 11.4,7 (11.4,0) 5.7,0 (0,0) 0,7 (0,14) 5.7,14",
    /* p */ "0,14 0,-6 | 0,7 (0,14) 5.5,14 (11,14) 11,7 (11,0) 5.5,0 (0,0) 0,7",
    /* q */ "11,14 11,-6 | 11,7 (11,14) 5.5,14 (0,14) 0,7 (0,0) 5.5,0 (11,0) 11,7",
    /* r */ "0,14 0,0 | 0,7.6 (0,14) 5,14 6.2,14",
    /* s */ "9.1,11.3 (8,14) 4.8,14 (0.3,14) 0.3,10.7 (0.3,7.9) 4.6,7.2 (9.6,6.4) 9.6,3.5 (9.6,0) "
            "4.8,0 (1.2,0) 0,2.9",
    /* t */ "2.8,18.5 2.8,3.8 (2.8,0) 6.2,0 7.2,0 | 0,14 7,14",
    /* u */ "0,14 0,5.2 (0,0) 4.8,0 (10,0) 10,5.7 | 10,14 10,0",
    /* v */ "0,14 5.4,0 10.8,14",
    /* w */ "0,14 4,0 8.1,13 12.2,0 16.2,14",
    /* x */ "0,0 10,14 | 0,14 10,0",
    /* y */ "0,14 5.4,0.4 | 10.8,14 4.7,-2.7 (3.5,-6) 0.8,-6",
    /* z */ "0.2,14 9.5,14 0,0 9.7,0",
    /* { */ "5.5,22.5 (2.5,22.5) 2.5,19 2.5,13 (2.5,9.5) 0,9.5 (2.5,9.5) 2.5,6 2.5,0 (2.5,-3.5) "
            "5.5,-3.5",
    /* | */ "0,23 0,-4",
    /* } */ "0,22.5 (3,22.5) 3,19 3,13 (3,9.5) 5.5,9.5 (3,9.5) 3,6 3,0 (3,-3.5) 0,-3.5",
    /* ~ */ "0,7.8 (0.5,11.4) 3.5,11.4 (5.5,11.4) 6.5,9.5 (7.5,7.6) 9.5,7.6 (12.5,7.6) 13,11.2",
};

/// Reads a coordinate and steps over it and a comma or parenthesis after it.
float read_coordinate(std::string_view& text) {
  float value = 0;
  const char* end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && (text[0] == ',' || text[0] == ')')) text.remove_prefix(1);
  return value;
}

StrokePoint between(StrokePoint a, StrokePoint b, float t) {
  return {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

/// The arc from the stroke's end to `to`: a cubic whose handles go 0.58 of the way to `corner`, a
/// little squarer than an ellipse (0.5523), which keeps counters open in small sizes.
void add_arc(Stroke& stroke, StrokePoint corner, StrokePoint to) {
  constexpr int kPieces = 8;
  constexpr float kHandle = 0.58f;
  const StrokePoint from = stroke.back();
  const StrokePoint handle_1 = between(from, corner, kHandle);
  const StrokePoint handle_2 = between(to, corner, kHandle);
  for (int i = 1; i <= kPieces; ++i) {
    const float t = static_cast<float>(i) / kPieces;
    const StrokePoint a = between(from, handle_1, t);
    const StrokePoint b = between(handle_1, handle_2, t);
    const StrokePoint c = between(handle_2, to, t);
    stroke.push_back(between(between(a, b, t), between(b, c, t), t));
  }
}

Glyph parse_glyph(std::string_view text) {
  Glyph glyph;
  if (text.empty()) return {/*width=*/2, {}};  // the space
  glyph.strokes.emplace_back();
  StrokePoint corner;
  bool has_corner = false;
  while (!text.empty()) {
    if (text[0] == ' ' || text[0] == '|') {
      if (text[0] == '|') glyph.strokes.emplace_back();
      text.remove_prefix(1);
    } else if (text[0] == '(') {
      text.remove_prefix(1);
      corner.x = read_coordinate(text);
      corner.y = read_coordinate(text);
      has_corner = true;
    } else {
      StrokePoint to;
      to.x = read_coordinate(text);
      to.y = read_coordinate(text);
      Stroke& stroke = glyph.strokes.back();
      if (has_corner) {
        add_arc(stroke, corner, to);
      } else {
        stroke.push_back(to);
      }
      has_corner = false;
    }
  }
  for (const Stroke& stroke : glyph.strokes) {
    for (const StrokePoint& point : stroke) glyph.width = std::max(glyph.width, point.x);
  }
  return glyph;
}

}  // namespace

const Glyph& stroke_glyph(char c) {
  static const std::array<Glyph, kGlyphs> glyphs = [] {
    std::array<Glyph, kGlyphs> all;
    for (std::size_t i = 0; i < kGlyphs; ++i) all[i] = parse_glyph(kShapes[i]);
    for (char digit = '0'; digit <= '9'; ++digit) all[digit - kFirst].width = 12;
    return all;
  }();
  return glyphs[static_cast<std::size_t>((c < kFirst || c > kLast ? '?' : c) - kFirst)];
}

float stroke_text_width(std::string_view line, float height) {
  if (line.empty()) return 0;
  const float pen = kFontPenWidth * height;
  const float unit = (height - pen) / kFontCapHeight;
  float width = pen - kFontLetterGap * unit;
  for (const char c : line) width += (stroke_glyph(c).width + kFontLetterGap) * unit;
  return width;
}

}  // namespace tern
