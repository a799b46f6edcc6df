// Worked examples of what a network reads, and laws: frozen between updates, exact after a load.

#include "agents/policy/observation_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/tokens.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;
using ::testing::Pointwise;

std::vector<float> encoded(const ObservationEncoder& encoder, const ObsSpace& space,
                           std::vector<float> rows) {
  const std::size_t count = rows.size() / space.size();
  std::vector<float> features(count * encoder.size(), -77);
  encoder.encode(ObsRows(rows.data(), space, count), features.data());
  return features;
}

void update(ObservationEncoder& encoder, const ObsSpace& space, std::vector<float> rows) {
  encoder.update(ObsRows(rows.data(), space, rows.size() / space.size()));
}

// A number, one of three, two numbers: features 1 + 3 + 2.
ObsSpace mixed_space() {
  return ObsSpace().scalar("angle", -4, 4).categorical("gear", 3).vector("speed", 2, -9, 9);
}

TEST(ObservationEncoder, ACategoryBecomesOneHotInItsPlace) {
  const ObservationEncoder encoder(mixed_space(), /*normalize=*/false);
  EXPECT_EQ(encoder.size(), 6u);
  EXPECT_THAT(encoded(encoder, mixed_space(), {0.5, 2, 7, 8, -0.5, 0, -7, -8}),
              ElementsAre(0.5, 0, 0, 1, 7, 8, -0.5, 1, 0, 0, -7, -8));
}

TEST(ObservationEncoder, ACategoryOutsideItsRangeIsNoneOfThem) {
  const ObsSpace space = ObsSpace().categorical("gear", 3);
  const ObservationEncoder encoder(space, /*normalize=*/false);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const float value : {3.0f, -1.0f, 1e30f, nan}) {
    EXPECT_THAT(encoded(encoder, space, {value}), ElementsAre(0, 0, 0)) << value;
  }
}

TEST(ObservationEncoder, BytesAreDividedByTheirUpperBoundAndNeverNormalised) {
  const ObsSpace space = ObsSpace(DType::kUint8).image("screen", 1, 2, 2, 0, 255);
  ObservationEncoder encoder(space, /*normalize=*/true);
  std::vector<std::uint8_t> rows = {0, 51, 102, 255};
  std::vector<float> features(4);
  for (int pass = 0; pass < 2; ++pass) {
    encoder.encode(ObsRows(rows.data(), space, 1), features.data());
    EXPECT_THAT(features, ElementsAre(0, FloatEq(0.2f), FloatEq(0.4f), 1));
    encoder.update(ObsRows(rows.data(), space, 1));
  }
}

TEST(ObservationEncoder, ByteEnvsMayHaveOtherBoundsAndCategories) {
  const ObsSpace space =
      ObsSpace(DType::kUint8).image("view", 1, 1, 2, 0, 10).categorical("direction", 4);
  const ObservationEncoder encoder(space, /*normalize=*/false);
  std::vector<std::uint8_t> rows = {10, 5, 2};
  std::vector<float> features(6);
  encoder.encode(ObsRows(rows.data(), space, 1), features.data());
  EXPECT_THAT(features, ElementsAre(1, 0.5f, 0, 0, 1, 0));
  rows[2] = 4;  // no direction
  encoder.encode(ObsRows(rows.data(), space, 1), features.data());
  EXPECT_THAT(features, ElementsAre(1, 0.5f, 0, 0, 0, 0));
}

TEST(ObservationEncoder, EachTokenIsOneHot) {
  const ObsSpace space = ObsSpace().scalar("x", -9, 9).add(tokens("word", 2, 3, /*first=*/1));
  const ObservationEncoder encoder(space, /*normalize=*/true);
  ASSERT_EQ(encoder.size(), 7u);
  std::vector<float> rows = {0, 3, 1}, features(7);
  encoder.encode(ObsRows(rows.data(), space, 1), features.data());
  EXPECT_THAT(features, ElementsAre(0, 0, 0, 1, 1, 0, 0));
}

// A number and one of 5..7 as floats, two pixels and one of 2..3 as bytes: features 1 + 3 + 2 + 2.
TEST(ObservationEncoder, RowsOfBothTypesAreEncodedFieldByField) {
  const ObsSpace space = ObsSpace()
                             .scalar("x", -9, 9)
                             .categorical("gear", 3, /*first=*/5)
                             .of(DType::kUint8)
                             .image("view", 1, 1, 2, 0, 10)
                             .categorical("door", 2, /*first=*/2);
  std::vector<std::uint8_t> rows(2 * space.bytes());  // 11 bytes and one between the rows
  ASSERT_EQ(rows.size(), 24u);
  const ObsRows both(rows.data(), space, 2);
  const float x[2] = {1, 4}, gear[2] = {5, 7};
  for (std::size_t i = 0; i < 2; ++i) {
    both[i][0] = x[i];
    both[i][1] = gear[i];
    both[i].bytes()[0] = static_cast<std::uint8_t>(5 * i);
    both[i].bytes()[1] = 10;
    both[i].bytes()[2] = static_cast<std::uint8_t>(3 - i);
  }
  ObservationEncoder encoder(space, /*normalize=*/true);
  std::vector<float> features(2 * encoder.size(), -77);
  ASSERT_EQ(features.size(), 16u);
  encoder.encode(both, features.data());
  EXPECT_THAT(features, ElementsAre(1, 1, 0, 0, 0, 1, 0, 1, 4, 0, 0, 1, 0.5f, 1, 1, 0));
  encoder.update(both);  // of x alone: mean 2.5, deviation 1.5
  encoder.encode(both, features.data());
  EXPECT_THAT(features, ElementsAre(FloatNear(-1, 1e-6f), 1, 0, 0, 0, 1, 0, 1, FloatNear(1, 1e-6f),
                                    0, 0, 1, 0.5f, 1, 1, 0));
  both[0][1] = 4.5f;  // none of them
  both[0].bytes()[2] = 1;
  encoder.encode(both, features.data());
  EXPECT_THAT(std::vector<float>(features.begin() + 1, features.begin() + 8),
              ElementsAre(0, 0, 0, 0, 1, 0, 0));
}

// A pixel of range [-1, 3]: (x + 1) / 4. The number beside it is normalised, the pixel is not; where
// nothing bounds it, it stays as it is.
TEST(ObservationEncoder, PixelsOfConvolutionsAreScaledByTheirRange) {
  const ObsSpace space = ObsSpace().image("view", 1, 1, 2, -1, 3).scalar("x", -9, 9);
  ObservationEncoder encoder(space, /*normalize=*/true, /*has_convolutions=*/true);
  EXPECT_THAT(encoded(encoder, space, {-1, 2, 7}), ElementsAre(0, 0.75, 7));
  update(encoder, space, {-1, 2, 7, 3, 3, 9});
  EXPECT_THAT(encoded(encoder, space, {-1, 2, 7}), ElementsAre(0, 0.75, FloatNear(-1, 1e-5f)));
  const ObsSpace unbounded = ObsSpace().image("view", 1, 1, 1, 0, kUnbounded);
  EXPECT_THAT(encoded(ObservationEncoder(unbounded, true, true), unbounded, {5}), ElementsAre(5));
  const ObsSpace bytes = ObsSpace(DType::kUint8).image("view", 1, 1, 1, 50, 250);
  std::vector<std::uint8_t> row = {100};
  float feature = -77;
  ObservationEncoder(bytes, true, true).encode(ObsRows(row.data(), bytes, 1), &feature);
  EXPECT_FLOAT_EQ(feature, 0.25f);
}

// Column 0 sees 1, 2, 3, 4: mean 2.5, population variance 1.25, deviation 1.1180340.
// Column 1 sees -10, 10, 10, -10: mean 0, variance 100, deviation 10.
TEST(ObservationEncoder, NormalisesByMeanAndPopulationDeviation) {
  const ObsSpace space = ObsSpace().vector("x", 2, -99, 99);
  ObservationEncoder encoder(space, /*normalize=*/true);
  update(encoder, space, {1, -10, 2, 10, 3, 10, 4, -10});
  EXPECT_THAT(encoded(encoder, space, {2.5, 0, 4, -5}),
              Pointwise(FloatNear(1e-6f), {0.0f, 0.0f, 1.3416408f, -0.5f}));
}

// The same rows in two updates: Chan's merge gives the same moments.
TEST(ObservationEncoder, UpdatesAddUp) {
  const ObsSpace space = ObsSpace().vector("x", 2, -99, 99);
  ObservationEncoder encoder(space, /*normalize=*/true);
  update(encoder, space, {1, -10});
  update(encoder, space, {2, 10, 3, 10, 4, -10});
  EXPECT_THAT(encoded(encoder, space, {2.5, 0, 4, -5}),
              Pointwise(FloatNear(1e-6f), {0.0f, 0.0f, 1.3416408f, -0.5f}));
}

TEST(ObservationEncoder, BeforeTheFirstUpdateNumbersPassUnchanged) {
  const ObsSpace space = ObsSpace().scalar("x", -99, 99);
  EXPECT_THAT(encoded(ObservationEncoder(space, /*normalize=*/true), space, {3.25}),
              ElementsAre(3.25));
}

// Deviation 1e-4 = sqrt(1e-8 + variance 0): a value 0.002 above the mean would be 20.
TEST(ObservationEncoder, ClipsNormalisedValuesAtTen) {
  const ObsSpace space = ObsSpace().scalar("x", -99, 99);
  ObservationEncoder encoder(space, /*normalize=*/true);
  update(encoder, space, {1, 1, 1});
  EXPECT_THAT(encoded(encoder, space, {1.0005f, 1.002f, 0.998f, 1}),
              ElementsAre(FloatNear(5, 1e-2f), 10, -10, 0));
}

TEST(ObservationEncoder, CategoriesAreNotNormalised) {
  ObservationEncoder encoder(mixed_space(), /*normalize=*/true);
  update(encoder, mixed_space(), {1, 0, 5, 5, 3, 2, 5, 9});
  EXPECT_THAT(encoded(encoder, mixed_space(), {2, 1, 5, 7}),
              ElementsAre(FloatNear(0, 1e-6f), 0, 1, 0, 0, FloatNear(0, 1e-6f)));
}

TEST(ObservationEncoder, IsFrozenBetweenUpdates) {
  const ObsSpace space = ObsSpace().scalar("x", -99, 99);
  ObservationEncoder encoder(space, /*normalize=*/true);
  update(encoder, space, {1, 2, 4});
  const std::vector<float> first = encoded(encoder, space, {3});
  encoded(encoder, space, {50, -50, 3});
  EXPECT_EQ(encoded(encoder, space, {3}), first);
  update(encoder, space, {50});
  EXPECT_NE(encoded(encoder, space, {3}), first);
}

TEST(ObservationEncoder, ContinuesExactlyAfterALoad) {
  const ObsSpace space = mixed_space();
  ObservationEncoder original(space, /*normalize=*/true);
  update(original, space, {0.1f, 0, 0.3f, 7, 0.2f, 2, -0.6f, 5});
  StateWriter out;
  original.save(out);
  ObservationEncoder loaded(space, /*normalize=*/true);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  loaded.load(in);
  EXPECT_EQ(in.remaining(), 0u);
  const std::vector<float> probe = {0.37f, 1, 0.11f, 6.5f};
  EXPECT_EQ(encoded(loaded, space, probe), encoded(original, space, probe));
  update(original, space, {0.9f, 1, 4, 4});
  update(loaded, space, {0.9f, 1, 4, 4});
  EXPECT_EQ(encoded(loaded, space, probe), encoded(original, space, probe));
}

TEST(ObservationEncoder, RefusesTheStateOfAnotherSpace) {
  StateWriter out;
  ObservationEncoder(mixed_space(), /*normalize=*/true).save(out);
  const ObsSpace space = ObsSpace().scalar("x", -1, 1);
  ObservationEncoder other(space, /*normalize=*/true);
  StateReader in{Row<const std::uint8_t>(out.bytes())};
  EXPECT_THROW(other.load(in), Error);
}

}  // namespace
}  // namespace tern
