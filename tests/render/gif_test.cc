// Proof: law (a reader written from the format's description shows what was drawn), worked example.

#include "render/gif.h"

#include <gtest/gtest.h>

#include "tests/core/canvas_scene.h"
#include "tests/render/gif_reader.h"

namespace tern {
namespace {

/// A film of a disc that moves over the scene.
std::vector<RasterCanvas> moving_disc(int frames) {
  std::vector<RasterCanvas> pictures;
  for (int i = 0; i < frames; ++i) {
    pictures.emplace_back(120, 90);
    draw_scene(pictures.back());
    pictures.back().circle({-3.0f + static_cast<float>(i), 0}, 0.5f, palette::kDanger);
  }
  return pictures;
}

std::vector<std::uint8_t> encode(const std::vector<RasterCanvas>& pictures, std::size_t most) {
  ColorCounts counts;
  for (const RasterCanvas& picture : pictures) {
    counts.add(picture.rgb().data(), picture.rgb().size() / 3);
  }
  GifEncoder gif(pictures[0].width(), pictures[0].height(), choose_colors(counts, most));
  for (std::size_t i = 0; i < pictures.size(); ++i) gif.add(pictures[i], 3 + static_cast<int>(i));
  return gif.finish();
}

TEST(Gif, AReaderSeesEveryFrameItsDelayAndTheLoop) {
  std::vector<RasterCanvas> pictures;
  for (int i = 0; i < 5; ++i) {  // few colours: nothing may change
    pictures.emplace_back(40, 30);
    pictures.back().rectangle({static_cast<float>(3 * i), 4},
                              {static_cast<float>(3 * i) + 9.5f, 20}, palette::kAgent);
  }
  const std::vector<std::uint8_t> bytes = encode(pictures, kGifColors);
  const GifFilm film = GifReader(bytes).read();
  EXPECT_EQ(film.width, 40);
  EXPECT_EQ(film.height, 30);
  EXPECT_TRUE(film.loops_for_ever);
  EXPECT_EQ(film.delays, (std::vector<int>{3, 4, 5, 6, 7}));
  ASSERT_EQ(film.pictures.size(), pictures.size());
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_EQ(film.pictures[i], pictures[i].rgb()) << i;
  }
}

TEST(Gif, ManyColoursBecomeNearOnesInEveryFrame) {
  const std::vector<RasterCanvas> pictures = moving_disc(6);
  for (const std::size_t most : {kGifColors, std::size_t{16}}) {
    const std::vector<std::uint8_t> bytes = encode(pictures, most);
    const GifFilm film = GifReader(bytes).read();
    ASSERT_EQ(film.pictures.size(), pictures.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      double squares = 0;
      for (std::size_t j = 0; j < film.pictures[i].size(); ++j) {
        const double difference = film.pictures[i][j] - pictures[i].rgb()[j];
        squares += difference * difference;
      }
      const double error = std::sqrt(squares / static_cast<double>(film.pictures[i].size()));
      EXPECT_LT(error, most == 16 ? 8 : 1.5) << i;  // of 255
    }
  }
}

TEST(Gif, TheSamePicturesGiveTheSameBytes) {
  EXPECT_EQ(encode(moving_disc(3), kGifColors), encode(moving_disc(3), kGifColors));
}

TEST(Gif, FramesThatDoNotChangeStillTakeTheirTime) {
  std::vector<RasterCanvas> pictures(3, RasterCanvas(8, 8));
  const std::vector<std::uint8_t> bytes = encode(pictures, kGifColors);
  const GifFilm film = GifReader(bytes).read();
  int total = 0;
  for (const int delay : film.delays) total += delay;
  EXPECT_EQ(total, 3 + 4 + 5);
  EXPECT_EQ(film.pictures.back(), pictures.back().rgb());
}

TEST(Gif, DelaysAddUpToTheTimeThatPassed) {
  for (const double rate : {8.0, 15.0, 25.0, 30.0, 50.0}) {
    int total = 0;
    for (int i = 0; i < 300; ++i) {
      EXPECT_GE(gif_delay(i, rate), 2);
      total += gif_delay(i, rate);
    }
    EXPECT_NEAR(total, 300 * 100 / rate, 0.5 + 1e-9) << rate;
  }
  EXPECT_EQ(gif_delay(7, 200), 2);  // viewers play anything shorter slowly
}

}  // namespace
}  // namespace tern
