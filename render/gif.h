#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/canvas.h"
#include "core/drawing/raster_canvas.h"
#include "render/color_table.h"

namespace tern {

/// Colours a GIF may use: one of the 256 places stays free for "as before".
constexpr std::size_t kGifColors = 255;

/// An animated picture that repeats for ever, built in memory frame by frame.
class GifEncoder {
 public:
  /// colors: 1 to kGifColors of them, for all frames; other colours become the nearest of these.
  GifEncoder(int width, int height, std::vector<Color> colors);
  ~GifEncoder();
  GifEncoder(const GifEncoder&) = delete;
  GifEncoder& operator=(const GifEncoder&) = delete;

  /// Shows `picture`, of the encoder's size, for `centiseconds`. Viewers play delays below 2
  /// slowly.
  void add(const RasterCanvas& picture, int centiseconds);
  /// The whole file. Nothing can be added after it.
  std::vector<std::uint8_t> finish();

 private:
  struct Stream;

  void check(int result, const char* deed) const;

  int width_, height_;
  ColorMatcher matcher_;
  std::vector<std::uint8_t> indices_;
  std::unique_ptr<Stream> stream_;
};

/// Centiseconds that frame `index` of a film with `frames_per_second` is shown, at least 2.
/// Rounding does not add up: 30 frames last 100 centiseconds.
int gif_delay(std::int64_t index, double frames_per_second);

}  // namespace tern
