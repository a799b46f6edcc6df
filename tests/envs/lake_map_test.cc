// Maps of frozen lakes: error texts, laws of generated maps, and a seeded storm of nonsense for the
// parser.

#include "envs/grid/lake_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/rng.h"
#include "tests/error_of.h"

namespace tern {
namespace {

std::string error_for(const std::string& map) {
  return error_of([&] { parse_lake_map(map); }, ExitCode::kUsage);
}

const std::string kExpected =
    "; expected 4x4, 8x8, generated, or rows of S, F, H and G divided by '/', as in "
    "SFFF/FHFH/FFFH/HFFG";

TEST(LakeMap, NamedMapsAreTheReferences) {
  EXPECT_EQ(parse_lake_map("4x4").tiles, "SFFFFHFHFFFHHFFG");
  const LakeMap big = parse_lake_map("8x8");
  EXPECT_EQ(big.rows, 8);
  EXPECT_EQ(big.columns, 8);
  std::set<int> holes;
  for (int cell = 0; cell < big.size(); ++cell) {
    if (big.tile(cell) == 'H') holes.insert(cell);
  }
  // As Gymnasium's 8x8: row 2 column 3, row 3 column 5, and so on.
  EXPECT_EQ(holes, (std::set<int>{19, 29, 35, 41, 42, 46, 49, 52, 54, 59}));
  EXPECT_EQ(big.tile(0), 'S');
  EXPECT_EQ(big.tile(63), 'G');
}

TEST(LakeMap, RowsMayBeWrittenOut) {
  const LakeMap map = parse_lake_map("SFH/FFG");
  EXPECT_EQ(map.rows, 2);
  EXPECT_EQ(map.columns, 3);
  EXPECT_EQ(map.tile(2), 'H');
  EXPECT_TRUE(map.ends_episode(2));
  EXPECT_TRUE(map.ends_episode(5));
  EXPECT_FALSE(map.ends_episode(4));
}

TEST(LakeMap, ErrorsSayWhatIsWrongAndWhatWasExpected) {
  EXPECT_EQ(error_for("SFX/FFG"), "env.map: 'SFX/FFG' is no map ('X' is no tile)" + kExpected);
  EXPECT_EQ(error_for("8X8"),
            "env.map: '8X8' is no map ('8' is no tile)" + kExpected + ". Did you mean '8x8'?");
  EXPECT_EQ(error_for("generatd"),
            "env.map: 'generatd' is no map ('g' is no tile)" + kExpected +
                ". Did you mean 'generated'?");
  EXPECT_EQ(error_for(""), "env.map: '' is no map (row 1 is empty)" + kExpected);
  EXPECT_EQ(error_for("SG/"), "env.map: 'SG/' is no map (row 2 is empty)" + kExpected);
  EXPECT_EQ(error_for("SF/FFG"),
            "env.map: row 2 of 'SF/FFG' has 3 tiles, the rows above have 2" + kExpected);
  EXPECT_EQ(error_for("FF/FG"), "env.map: 'FF/FG' has no start (S)" + kExpected);
  EXPECT_EQ(error_for("SF/FF"), "env.map: 'SF/FF' has no goal (G)" + kExpected);
  EXPECT_EQ(error_for("SG" + std::string(63, 'F')),
            "env.map: the map has more than 64 rows or columns" + kExpected);
  std::string tall = "SG";
  for (int row = 0; row < 64; ++row) tall += "/FF";
  EXPECT_EQ(error_for(tall), "env.map: the map has more than 64 rows or columns" + kExpected);
}

TEST(LakeMap, NonsenseIsReadOrRefused) {
  Rng rng(0, "nonsense");
  const std::string alphabet = "SFHG/SFHG/SFHG/SFHGx4 \xff";
  int read = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 2 == 0 ? "SG" : "";
    for (std::uint32_t left = rng.below(12); left > 0; --left) {
      // Every third is of tiles only, so that whole maps come up.
      text += alphabet[rng.below(i % 3 == 0 ? 5 : static_cast<std::uint32_t>(alphabet.size()))];
    }
    try {
      const LakeMap map = parse_lake_map(text);
      ASSERT_EQ(static_cast<int>(map.tiles.size()), map.rows * map.columns);
      ASSERT_EQ(map.tiles.find_first_not_of("SFHG"), std::string::npos);
      ++read;
    } catch (const Error& error) {
      ASSERT_EQ(std::string(error.what()).rfind("env.map: ", 0), 0u);
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

TEST(GeneratedLake, CanAlwaysBeSolved) {
  for (const int size : {2, 3, 4, 8, 16, 64}) {
    for (std::uint64_t level = 0; level < 200; ++level) {
      const LakeMap map = generate_lake_map(size, level);
      ASSERT_EQ(map.tile(0), 'S');
      ASSERT_EQ(map.tile(map.size() - 1), 'G');
      ASSERT_GE(lake_distance(map, 0), 2 * (size - 1)) << size << " " << level;
    }
  }
}

TEST(GeneratedLake, IsTheSameForTheSameLevelAndAnotherForAnother) {
  std::set<std::string> maps;
  for (std::uint64_t level = 0; level < 1000; ++level) {
    maps.insert(generate_lake_map(8, level).tiles);
    ASSERT_EQ(generate_lake_map(8, level).tiles, generate_lake_map(8, level).tiles);
  }
  EXPECT_EQ(maps.size(), 1000u);
}

TEST(GeneratedLake, HasAboutAFifthOfHoles) {
  double holes = 0;
  constexpr int kLevels = 1000, kTiles = 62;  // without start and goal
  for (std::uint64_t level = 0; level < kLevels; ++level) {
    for (const char tile : generate_lake_map(8, level).tiles) holes += tile == 'H' ? 1 : 0;
  }
  // 0.2 less the few that freeze to open a way: with 8x8 tiles under one hole in a hundred maps'
  // share of 0.01; the standard error of the mean is 0.0016.
  EXPECT_NEAR(holes / (kLevels * kTiles), 0.2, 0.01);
}

TEST(LakeDistance, CountsStepsAroundHoles) {
  EXPECT_EQ(lake_distance(parse_lake_map("4x4"), 0), 6);
  EXPECT_EQ(lake_distance(parse_lake_map("SHG/FHF/FFF"), 0), 6);
  EXPECT_EQ(lake_distance(parse_lake_map("SHG"), 0), -1);
}

}  // namespace
}  // namespace tern
