#include "render/png.h"

#include <png.h>

#include "core/error.h"
#include "core/files/file_io.h"

namespace tern {

std::vector<std::uint8_t> encode_png(int width, int height, const std::uint8_t* rgb) {
  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  // Incompressible pictures grow by a little; the bound of libpng covers that in one pass.
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> bytes(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, /*convert_to_8_bit=*/0, rgb,
                                /*row_stride=*/0, /*colormap=*/nullptr) == 0) {
    throw Error::failure("a picture of " + std::to_string(width) + "x" + std::to_string(height) +
                         " pixels could not be encoded as PNG: " + image.message);
  }
  bytes.resize(size);
  return bytes;
}

void write_png(const std::string& path, const RasterCanvas& picture) {
  const std::vector<std::uint8_t> bytes =
      encode_png(picture.width(), picture.height(), picture.rgb().data());
  write_file_durably(path, bytes);
}

}  // namespace tern
