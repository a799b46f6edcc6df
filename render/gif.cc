#include "render/gif.h"

#include <cgif.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace tern {

struct GifEncoder::Stream {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> palette;
  CGIF* gif = nullptr;

  static int append(void* context, const std::uint8_t* data, const std::size_t size) {
    auto& all = static_cast<Stream*>(context)->bytes;
    all.insert(all.end(), data, data + size);
    return 0;
  }
};

GifEncoder::GifEncoder(int width, int height, std::vector<Color> colors)
    : width_(width),
      height_(height),
      matcher_(std::move(colors)),
      indices_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)),
      stream_(std::make_unique<Stream>()) {
  for (const Color& color : matcher_.colors()) {
    stream_->palette.insert(stream_->palette.end(), {color.r, color.g, color.b});
  }
  CGIF_Config config = {};
  config.pGlobalPalette = stream_->palette.data();
  config.numGlobalPaletteEntries = static_cast<std::uint16_t>(matcher_.colors().size());
  config.attrFlags = CGIF_ATTR_IS_ANIMATED;
  config.width = static_cast<std::uint16_t>(width);
  config.height = static_cast<std::uint16_t>(height);
  config.numLoops = CGIF_INFINITE_LOOP;
  config.pWriteFn = Stream::append;
  config.pContext = stream_.get();
  stream_->gif = cgif_newgif(&config);
  check(stream_->gif == nullptr ? CGIF_ERROR : CGIF_OK, "started");
}

GifEncoder::~GifEncoder() {
  if (stream_->gif != nullptr) cgif_close(stream_->gif);
}

void GifEncoder::add(const RasterCanvas& picture, int centiseconds) {
  matcher_.match(picture.rgb().data(), indices_.size(), indices_.data());
  CGIF_FrameConfig config = {};
  config.pImageData = indices_.data();
  config.delay = static_cast<std::uint16_t>(centiseconds);
  config.genFlags = CGIF_FRAME_GEN_USE_DIFF_WINDOW | CGIF_FRAME_GEN_USE_TRANSPARENCY;
  check(cgif_addframe(stream_->gif, &config), "continued");
}

std::vector<std::uint8_t> GifEncoder::finish() {
  CGIF* gif = stream_->gif;
  stream_->gif = nullptr;
  check(cgif_close(gif), "finished");
  return std::move(stream_->bytes);
}

void GifEncoder::check(int result, const char* deed) const {
  if (result == CGIF_OK) return;
  throw Error::failure("a GIF of " + std::to_string(width_) + "x" + std::to_string(height_) +
                       " pixels could not be " + deed + ": the encoder gave up with code " +
                       std::to_string(result) + "; a smaller --size needs less memory");
}

int gif_delay(std::int64_t index, double frames_per_second) {
  const double step = std::max(100 / frames_per_second, 2.0);
  const auto at = [step](std::int64_t i) { return std::llround(static_cast<double>(i) * step); };
  return static_cast<int>(at(index + 1) - at(index));
}

}  // namespace tern
