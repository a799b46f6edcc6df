#include "render/explained_images.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tern {
namespace {

/// The score of each pixel, of one channel or of all together.
std::vector<double> pixel_scores(const std::vector<double>& scores, const Field& field,
                                 int channel) {
  const auto channels = static_cast<std::size_t>(field.shape[2]);
  std::vector<double> pixels(field.size() / channels, 0.0);
  for (std::size_t i = 0; i < field.size(); ++i) {
    const bool counts = channel < 0 || i % channels == static_cast<std::size_t>(channel);
    if (counts) pixels[i / channels] += scores[field.offset + i];
  }
  return pixels;
}

double largest_of(const double* begin, const double* end) {
  double largest = 0;
  for (const double* score = begin; score != end; ++score) {
    if (std::isfinite(*score)) largest = std::max(largest, std::fabs(*score));
  }
  return largest;
}

/// channel: of the tile, -1: all of them together.
void tint(const std::vector<double>& scores, const Field& field, int channel,
          std::vector<std::uint8_t>& rgb) {
  const std::vector<double> pixels = pixel_scores(scores, field, channel);
  const double* const first = scores.data() + field.offset;
  const double largest = channel < 0 ? largest_of(pixels.data(), pixels.data() + pixels.size())
                                     : largest_of(first, first + field.size());
  for (std::size_t i = 0; i < pixels.size() && 3 * i + 2 < rgb.size(); ++i) {
    const double part = largest > 0 && std::isfinite(pixels[i]) ? pixels[i] / largest : 0;
    const Color heat = part < 0 ? palette::kAgent : palette::kItem;
    const double grey = (rgb[3 * i] + rgb[3 * i + 1] + rgb[3 * i + 2]) / 3.0;
    const auto mix = [&](std::uint8_t to) {
      return static_cast<std::uint8_t>(std::lround(grey + std::fabs(part) * (to - grey)));
    };
    rgb[3 * i] = mix(heat.r);
    rgb[3 * i + 1] = mix(heat.g);
    rgb[3 * i + 2] = mix(heat.b);
  }
}

}  // namespace

std::vector<ObservedImage> explained_images(const FrameData& frame) {
  const bool has_scores =
      frame.why != nullptr && frame.why->attribution.scores.size() == frame.obs.size();
  if (!has_scores) return {};
  std::vector<ObservedImage> images = observed_images(frame);
  auto image = images.begin();
  for (const Field& field : frame.spec->obs.fields()) {
    if (!field.is_image() || image == images.end()) continue;
    const bool is_coloured = field.shape[2] == 3;
    for (std::size_t tile = 0; tile < image->tiles.size(); ++tile) {
      tint(frame.why->attribution.scores, field, is_coloured ? -1 : static_cast<int>(tile),
           image->tiles[tile]);
    }
    ++image;
  }
  return images;
}

}  // namespace tern
