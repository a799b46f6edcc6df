// Proof: worked examples, laws (few colours are kept, flat colours are exact, more colours err
// less).

#include "render/color_table.h"

#include <gtest/gtest.h>

#include <set>

#include "core/rng.h"

namespace tern {
namespace {

std::uint32_t packed(Color color) {
  return static_cast<std::uint32_t>(color.r << 16 | color.g << 8 | color.b);
}

std::set<std::uint32_t> packed(const std::vector<Color>& colors) {
  std::set<std::uint32_t> all;
  for (const Color& color : colors) all.insert(packed(color));
  return all;
}

/// A flat background with noise on it: 70 of 100 pixels are of one colour.
std::vector<std::uint8_t> noisy_picture() {
  Rng rng(1, "color table test");
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < 20'000; ++i) {
    const bool is_flat = rng.below(100) < 70;
    for (const std::uint8_t channel : {17, 99, 201}) {
      rgb.push_back(is_flat ? channel : static_cast<std::uint8_t>(rng.below(256)));
    }
  }
  return rgb;
}

double mean_squared_error(const std::vector<std::uint8_t>& rgb, std::size_t most) {
  ColorCounts counts;
  counts.add(rgb.data(), rgb.size() / 3);
  ColorMatcher matcher(choose_colors(counts, most));
  std::vector<std::uint8_t> indices(rgb.size() / 3);
  matcher.match(rgb.data(), indices.size(), indices.data());
  double sum = 0;
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    const Color& color = matcher.colors()[indices[i / 3]];
    const int shown = i % 3 == 0 ? color.r : i % 3 == 1 ? color.g : color.b;
    sum += (shown - rgb[i]) * (shown - rgb[i]);
  }
  return sum / static_cast<double>(indices.size());
}

TEST(ColorTable, CountsPixelsOfEachColour) {
  const std::uint8_t rgb[] = {1, 2, 3, 1, 2, 3, 0, 0, 9, 1, 2, 3};
  ColorCounts counts;
  counts.add(rgb, 4);
  const auto list = counts.sorted();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].color, 0x000009u);
  EXPECT_EQ(list[0].pixels, 1u);
  EXPECT_EQ(list[1].color, 0x010203u);
  EXPECT_EQ(list[1].pixels, 3u);
}

TEST(ColorTable, FewColoursAreKeptAsTheyAre) {
  const std::uint8_t rgb[] = {255, 0, 0, 254, 0, 0, 0, 0, 1, 0, 0, 0};
  ColorCounts counts;
  counts.add(rgb, 4);
  EXPECT_EQ(packed(choose_colors(counts, 4)),
            (std::set<std::uint32_t>{0xff0000, 0xfe0000, 0x000001, 0x000000}));
}

TEST(ColorTable, TwoGroupsOfColoursBecomeTheirMeans) {
  // 10 and 12 with equal weight: 11. 200 to 203: 201.5, rounded up.
  std::vector<std::uint8_t> rgb;
  for (const std::uint8_t grey : {10, 12, 200, 201, 202, 203}) rgb.insert(rgb.end(), 3, grey);
  ColorCounts counts;
  counts.add(rgb.data(), 6);
  EXPECT_EQ(packed(choose_colors(counts, 2)), (std::set<std::uint32_t>{0x0b0b0b, 0xcacaca}));
}

TEST(ColorTable, AFlatSurfaceKeepsItsExactColour) {
  const std::vector<std::uint8_t> rgb = noisy_picture();
  ColorCounts counts;
  counts.add(rgb.data(), rgb.size() / 3);
  for (const std::size_t most : {8u, 64u, 255u}) {
    const std::vector<Color> colors = choose_colors(counts, most);
    EXPECT_LE(colors.size(), most);
    EXPECT_EQ(packed(colors).count(0x1163c9), 1u) << most;
  }
}

TEST(ColorTable, MoreColoursErrLess) {
  const std::vector<std::uint8_t> rgb = noisy_picture();
  const double with_8 = mean_squared_error(rgb, 8), with_64 = mean_squared_error(rgb, 64),
               with_255 = mean_squared_error(rgb, 255);
  // Noise fills the cube: an eighth of the colours is twice as far apart in each direction.
  EXPECT_LT(with_64, with_8 / 2.5);
  EXPECT_LT(with_255, with_64 / 2);
  EXPECT_LT(with_255, 0.30 * 700);  // 30 % of the pixels, each about 26 away
}

TEST(ColorTable, TheNearestColourIsFound) {
  ColorMatcher matcher({{0, 0, 0}, {100, 100, 100}, {255, 0, 0}});
  const std::uint8_t rgb[] = {40, 40, 40, 60, 60, 60, 200, 20, 20, 100, 100, 100};
  std::uint8_t indices[4];
  matcher.match(rgb, 4, indices);
  EXPECT_EQ(std::vector<int>(indices, indices + 4), (std::vector<int>{0, 1, 2, 1}));
}

}  // namespace
}  // namespace tern
