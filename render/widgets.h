#pragma once
// The few shapes that panels are made of, and their colours. One unit is one pixel, y up.

#include <string>
#include <string_view>
#include <vector>

#include "core/canvas.h"

namespace tern::widgets {

constexpr Color kPaper{255, 255, 255};
constexpr Color kRule{226, 228, 226};
constexpr Color kTrack{236, 238, 236};
constexpr Color kLabel{98, 110, 117};  // small text beside numbers
constexpr Color kShade{38, 50, 56, 235};

/// A rectangle with round corners.
void rounded(Canvas& canvas, Point low, Point high, float radius, Color color);

/// A bar from `from` to `to`, both in [0, 1] of the way from low.x to high.x, on a track.
void bar(Canvas& canvas, Point low, Point high, float from, float to, Color color);

/// The values as a line through low-high, the newest at the right; the range grows with them.
/// capacity: how many values fill the width. Nothing is drawn of fewer than two.
void sparkline(Canvas& canvas, Point low, Point high, const std::vector<double>& values,
               std::size_t capacity, Color color);

/// The values as columns in low-high, the newest at the right, from zero.
void columns(Canvas& canvas, Point low, Point high, const std::vector<double>& values,
             std::size_t capacity, Color color);

/// In pixels, as RasterCanvas draws it where a unit is a pixel.
float text_width(std::string_view line, float height);

/// As much of the line as fits into `width`, ending in ".." if something is missing.
std::string fitted(std::string_view line, float height, float width);

/// The line in pieces of at most `width`, broken at spaces.
std::vector<std::string> wrapped(std::string_view line, float height, float width);

/// White text on a dark rounded label whose upper left corner is `at`. Returns its height.
float pill(Canvas& canvas, Point at, float text_height, std::string_view line);

}  // namespace tern::widgets
