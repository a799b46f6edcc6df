#pragma once
// At most 256 colours for pictures that have more: what GIF asks for.

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/canvas.h"

namespace tern {

/// How many pixels have which colour.
class ColorCounts {
 public:
  /// rgb: [pixels, 3].
  void add(const std::uint8_t* rgb, std::size_t pixels);

  struct Count {
    std::uint32_t color = 0;  // 0xRRGGBB
    std::uint64_t pixels = 0;
  };
  /// Ascending by colour: the same pictures in any order give the same list.
  std::vector<Count> sorted() const;

 private:
  std::unordered_map<std::uint32_t, std::uint64_t> counts_;
};

/// The colours themselves where there are at most `most` of them. Otherwise colours with a small
/// squared error over all pixels: boxes are split where the error is largest (a variance-based
/// median cut), then every colour moves to the middle of what it stands for, a few times. A colour
/// that makes up most of what is near it is kept exactly, so that flat surfaces stay what they
/// were.
std::vector<Color> choose_colors(const ColorCounts& counts, std::size_t most);

/// Finds the nearest colour of a table; remembers what it found.
class ColorMatcher {
 public:
  explicit ColorMatcher(std::vector<Color> colors) : colors_(std::move(colors)) {}

  /// rgb: [pixels, 3]. indices: [pixels].
  void match(const std::uint8_t* rgb, std::size_t pixels, std::uint8_t* indices);
  const std::vector<Color>& colors() const { return colors_; }

 private:
  std::uint8_t nearest(std::uint32_t color) const;

  std::vector<Color> colors_;
  std::unordered_map<std::uint32_t, std::uint8_t> known_;
};

}  // namespace tern
