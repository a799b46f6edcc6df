#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/drawing/raster_canvas.h"

namespace tern {

/// The PNG file of an RGB picture, [height, width, 3], top row first, 8 bits a channel.
/// The same picture gives the same bytes with the same libpng and zlib.
std::vector<std::uint8_t> encode_png(int width, int height, const std::uint8_t* rgb);

/// Writes `picture` to `path`. Throws Error::failure naming the file if that cannot be done.
void write_png(const std::string& path, const RasterCanvas& picture);

}  // namespace tern
