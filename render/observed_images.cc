#include "render/observed_images.h"

#include <algorithm>
#include <cmath>

namespace tern {

std::vector<ObservedImage> observed_images(const FrameData& frame) {
  constexpr std::size_t kMostTiles = 64;
  std::vector<ObservedImage> images;
  for (const Field& field : frame.spec->obs.fields()) {
    if (!field.is_image() || field.offset + field.size() > frame.obs.size()) continue;
    ObservedImage image{field.name, field.shape[1], field.shape[0], {}};
    const auto channels = static_cast<std::size_t>(field.shape[2]);
    const std::size_t pixels = field.size() / channels;
    const double low = std::isfinite(field.low) ? field.low : 0;
    const double high = std::isfinite(field.high) && field.high > low ? field.high : low + 1;
    const auto level = [&](std::size_t pixel, std::size_t channel) {
      const double value =
          static_cast<double>(frame.obs[field.offset + pixel * channels + channel]);
      const double part = std::clamp((value - low) / (high - low), 0.0, 1.0);
      return std::isnan(part) ? std::uint8_t{0} : static_cast<std::uint8_t>(std::lround(255 * part));
    };
    const bool is_colored = channels == 3;
    const std::size_t tiles = is_colored ? 1 : std::min(channels, kMostTiles);
    for (std::size_t tile = 0; tile < tiles; ++tile) {
      std::vector<std::uint8_t>& rgb = image.tiles.emplace_back();
      rgb.reserve(3 * pixels);
      for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
        for (std::size_t k = 0; k < 3; ++k) rgb.push_back(level(pixel, is_colored ? k : tile));
      }
    }
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace tern
