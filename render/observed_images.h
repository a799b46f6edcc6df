#pragma once
// Images among the observations, as pictures of what a network is given.

#include <cstdint>
#include <string>
#include <vector>

#include "render/frame_data.h"

namespace tern {

struct ObservedImage {
  std::string name;
  int width = 0, height = 0;  // pixels
  /// RGB, 3 * width * height bytes, top row first: one of an image with three channels, otherwise a
  /// grey one for each channel. Dark is the field's low, bright its high.
  std::vector<std::vector<std::uint8_t>> tiles;
};

/// One for each image field, at most 64 tiles each.
std::vector<ObservedImage> observed_images(const FrameData& frame);

}  // namespace tern
