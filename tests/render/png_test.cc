// Proof: law (libpng's own reader gives the pixels back), error text.

#include "render/png.h"

#include <gtest/gtest.h>
#include <png.h>

#include <vector>

#include "core/files/file_io.h"
#include "tests/core/canvas_scene.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

TEST(Png, AReaderGetsThePixelsBack) {
  RasterCanvas picture(123, 45);  // rows of no round length
  draw_scene(picture);
  const std::vector<std::uint8_t> bytes = encode_png(123, 45, picture.rgb().data());

  png_image image = {};
  image.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  EXPECT_EQ(image.width, 123u);
  EXPECT_EQ(image.height, 45u);
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  ASSERT_NE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr), 0);
  EXPECT_EQ(pixels, picture.rgb());
}

TEST(Png, AFileHoldsTheEncodedPicture) {
  const TemporaryFolder folder;
  RasterCanvas picture(20, 10);
  draw_scene(picture);
  write_png(folder / "a.png", picture);
  EXPECT_EQ(read_file(folder / "a.png"), encode_png(20, 10, picture.rgb().data()));
}

TEST(Png, AFileThatCannotBeWrittenIsNamed) {
  const TemporaryFolder folder;
  const std::string path = folder / "missing/a.png";
  const std::string message = error_of([&] { write_png(path, RasterCanvas(2, 2)); });
  EXPECT_NE(message.find(path), std::string::npos) << message;
}

}  // namespace
}  // namespace tern
