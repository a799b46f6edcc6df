// Worked examples: offsets and sizes of spaces by hand.

#include "core/space.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "core/views.h"
#include "tests/error_of.h"

namespace tern {
namespace {

TEST(ObsSpace, PutsFieldsOneAfterTheOther) {
  const ObsSpace space =
      ObsSpace().scalar("angle", -3, 3, "rad").image("view", 4, 5, 3, 0, 1).categorical("door", 6).vector(
          "speeds", 2, -8, 8);
  ASSERT_EQ(space.fields().size(), 4u);
  EXPECT_EQ(space.fields()[0].offset, 0u);
  EXPECT_EQ(space.fields()[1].offset, 1u);
  EXPECT_EQ(space.fields()[2].offset, 61u);
  EXPECT_EQ(space.fields()[3].offset, 62u);
  EXPECT_EQ(space.size(), 64u);
  EXPECT_EQ(space.bytes(), 256u);
  EXPECT_EQ(space.fields()[0].unit, "rad");
  EXPECT_TRUE(space.fields()[1].is_image());
  EXPECT_FALSE(space.fields()[3].is_image());
}

TEST(ObsSpace, ACategoricalFieldIsOneNumberInItsRange) {
  const Field field = ObsSpace().categorical("cell", 16).fields()[0];
  EXPECT_EQ(field.size(), 1u);
  EXPECT_EQ(field.categories, 16);
  EXPECT_EQ(field.low, 0);
  EXPECT_EQ(field.high, 15);
}

TEST(ObsSpace, ARowOfBytesHasOneByteAnElement) {
  EXPECT_EQ(ObsSpace(DType::kUint8).image("pixels", 10, 10, 3, 0, 255).bytes(), 300u);
}

TEST(ObsSpace, ARowOfBothTypesHasItsFloatsFirst) {
  const ObsSpace space = ObsSpace(DType::kUint8)
                             .image("camera", 2, 3, 1, 0, 255)
                             .of(DType::kFloat32)
                             .vector("speeds", 2, -8, 8)
                             .of(DType::kUint8)
                             .categorical("room", 7)
                             .of(DType::kFloat32)
                             .scalar("angle", -3, 3);
  ASSERT_EQ(space.fields().size(), 4u);
  const char* const names[] = {"speeds", "angle", "camera", "room"};
  const std::size_t offsets[] = {0, 2, 3, 9};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(space.fields()[i].name, names[i]);
    EXPECT_EQ(space.fields()[i].offset, offsets[i]);
    EXPECT_EQ(space.fields()[i].dtype, i < 2 ? DType::kFloat32 : DType::kUint8);
  }
  EXPECT_EQ(space.size(), 10u);
  EXPECT_EQ(space.num_floats(), 3u);
  EXPECT_EQ(space.num_bytes(), 7u);
  EXPECT_EQ(space.used_bytes(), 19u);
  EXPECT_EQ(space.bytes(), 20u);  // so that the floats of the next row are aligned
  EXPECT_EQ(ObsSpace(DType::kUint8).categorical("room", 7).bytes(), 1u);
}

TEST(ObsSpace, AnIndexMayBeginAboveZero) {
  const Field field = ObsSpace().categorical("floor", 5, /*first=*/-2).fields()[0];
  EXPECT_EQ(field.categories, 5);
  EXPECT_EQ(field.first, -2);
  EXPECT_EQ(field.low, -2);
  EXPECT_EQ(field.high, 2);
}

TEST(ObsRow, NumbersItsElementsFloatsFirst) {
  float memory[3] = {0.5f, -2, 0};
  const ObsRow row(memory, 2, 3);
  for (std::uint8_t i = 0; i < 3; ++i) row.bytes()[i] = static_cast<std::uint8_t>(7 + i);
  EXPECT_EQ(row.size(), 5u);
  EXPECT_EQ(row.value(1), -2);
  EXPECT_EQ(row.value(2), 7);
  EXPECT_EQ(row.value(4), 9);
  EXPECT_EQ(row.data(), static_cast<void*>(memory));
  EXPECT_EQ(ObsRow(memory, 0, 3).data(), static_cast<void*>(memory));
}

TEST(ActionSpace, DiscreteIsOneComponentWithAFlagAnOption) {
  const ActionSpace space = ActionSpace::discrete({"left", "right"});
  EXPECT_EQ(space.kind(), ActionSpace::Kind::kDiscrete);
  EXPECT_EQ(space.size(), 1u);
  EXPECT_EQ(space.options(), 2u);
  EXPECT_EQ(space.mask_size(), 2u);
}

TEST(ActionSpace, MultiDiscreteHasTheFlagsOfAllComponents) {
  ActionComponent move, fire;
  move.options = {"left", "stay", "right"};
  fire.options = {"no", "yes"};
  const ActionSpace space = ActionSpace::multi_discrete({move, fire});
  EXPECT_EQ(space.size(), 2u);
  EXPECT_EQ(space.options(1), 2u);
  EXPECT_EQ(space.mask_size(), 5u);
}

TEST(ActionSpace, MultiBinaryIsASwitchForEachName) {
  const ActionSpace space = ActionSpace::multi_binary({"lights", "horn"});
  EXPECT_EQ(space.kind(), ActionSpace::Kind::kMultiDiscrete);
  EXPECT_EQ(space.size(), 2u);
  EXPECT_EQ(space.mask_size(), 4u);
  EXPECT_EQ(space.components()[1].name, "horn");
  EXPECT_EQ(space.components()[1].options, (std::vector<std::string>{"off", "on"}));
}

TEST(ActionSpace, IntegersAreOptionsNamedByTheirNumbers) {
  EXPECT_EQ(ActionSpace::integer("trim", -2, 1).options,
            (std::vector<std::string>{"-2", "-1", "0", "1"}));
  EXPECT_EQ(ActionSpace::integer("one", 7, 7).options, std::vector<std::string>{"7"});
  EXPECT_EQ(ActionSpace::integer("many", 1, 65536).options.size(), 65536u);
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_EQ(ActionSpace::integer("last", kMost, kMost).options.size(), 1u);
  const auto refused = [](int low, int high) {
    return error_of([&] { ActionSpace::integer("trim", low, high); }, ExitCode::kUsage);
  };
  EXPECT_EQ(refused(3, 2), "action 'trim': 3 to 2 is no range of 1 to 65536 whole numbers");
  EXPECT_NE(refused(0, 65536), "");
  EXPECT_NE(refused(-kMost, kMost), "");
}

TEST(ActionSpace, BoxHasNoMask) {
  const ActionSpace space =
      ActionSpace::box({ActionSpace::real("torque", -2, 2, "N m"), ActionSpace::real("gas", 0, 1)});
  EXPECT_TRUE(space.is_box());
  EXPECT_EQ(space.size(), 2u);
  EXPECT_EQ(space.mask_size(), 0u);
  EXPECT_EQ(space.components()[0].unit, "N m");
}

}  // namespace
}  // namespace tern
