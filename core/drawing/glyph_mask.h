#pragma once
// Letters as coverage: pen strokes on the pixel grid, fitted to it where they are small.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/drawing/polygon_coverage.h"

namespace tern {

/// Coverage 0..255 of a rectangle of pixels; `left`, `top` are its place in the picture.
struct CoverageMask {
  int left = 0, top = 0, width = 0, height = 0;
  std::vector<std::uint8_t> alpha;  // [height, width]
};

/// What a round pen of `radius` pixels covers on its way along `points` (one point: a dot), merged
/// into `mask` by the larger of both, so that crossing strokes do not darken.
void add_pen_stroke(CoverageMask& mask, const std::vector<PixelPoint>& points, double radius);

/// A letter whose capital is `height` pixels high, relative to the baseline at the pen position:
/// left and top are 0 at the first pixel above the baseline, right of the pen.
struct GlyphMask {
  CoverageMask mask;
  int advance = 0;  // pixels to the next letter
};

/// Fits bars, stems and arcs of the letter to whole pixels: outer edges of bars and stems lie on
/// borders between pixels, so that small text is sharp. height >= 1.
GlyphMask make_glyph_mask(char c, int height);

/// Pixels from the letter's pen position to the next one's: GlyphMask::advance, remembered.
int glyph_advance(char c, int height);

/// Width of a line of upright text in pixels as RasterCanvas draws it, without the gap after its
/// last letter.
int pixel_text_width(std::string_view line, int height);

/// Radius of the pen for capitals of `height` pixels; never thinner than a pixel.
double pen_radius(double height);

}  // namespace tern
