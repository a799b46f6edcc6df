// Proof: hand values. Groups are the parts of names before their dots.

#include "core/field_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> names(const std::vector<const Field*>& fields) {
  std::vector<std::string> all;
  for (const Field* const field : fields) all.push_back(field->name);
  return all;
}

ObsSpace robot() {
  ObsSpace space;
  space.scalar("robot.arm.x", -1, 1).vector("robot.arm.joints", 6, -3.2, 3.2);
  space.scalar("robot.battery", 0, 1).scalar("time", 0, 1).scalar("robotic", 0, 1);
  space.of(DType::kUint8).image("robot.camera", 8, 8, 3, 0, 255);
  return space;
}

TEST(FieldGroups, ANameIsItsGroupAndTheRest) {
  EXPECT_EQ(group_of("robot.arm.x"), "robot.arm");
  EXPECT_EQ(name_in_group("robot.arm.x"), "x");
  EXPECT_EQ(group_of("time"), "");
  EXPECT_EQ(name_in_group("time"), "time");
}

TEST(FieldGroups, OuterGroupsComeFirst) {
  EXPECT_THAT(field_groups(robot()), ElementsAre("robot", "robot.arm"));
  EXPECT_THAT(field_groups(ObsSpace().scalar("time", 0, 1)), IsEmpty());
}

TEST(FieldGroups, HoldTheirFieldsAndThoseOfGroupsWithin) {
  const ObsSpace space = robot();
  EXPECT_THAT(names(fields_in(space, "robot.arm")), ElementsAre("robot.arm.x", "robot.arm.joints"));
  EXPECT_THAT(names(fields_in(space, "robot")),
              ElementsAre("robot.arm.x", "robot.arm.joints", "robot.battery", "robot.camera"));
  EXPECT_THAT(names(fields_in(space, "robot.leg")), IsEmpty());
  EXPECT_THAT(names(fields_in(space, "time")), IsEmpty());
  EXPECT_EQ(fields_in(space, "").size(), space.fields().size());
  EXPECT_EQ(fields_in(space, "robot")[3]->offset, 10u);  // behind all floats
}

TEST(FieldGroups, WrongNamesAreNamed) {
  EXPECT_EQ(wrong_group(robot()), "");
  for (const char* const name : {"a..x", ".x", "a.", "."}) {
    const std::string wrong = wrong_group(ObsSpace().scalar(name, 0, 1));
    EXPECT_THAT(wrong, HasSubstr(std::string("'") + name + "' has an empty part"));
  }
  EXPECT_THAT(wrong_group(ObsSpace().scalar("arm", 0, 1).scalar("arm.x", 0, 1)),
              HasSubstr("'arm' is a field and also the group of 'arm.x'"));
  EXPECT_THAT(wrong_group(ObsSpace().scalar("r.arm.x", 0, 1).scalar("r.arm", 0, 1)),
              HasSubstr("'r.arm' is a field and also the group of 'r.arm.x'"));
}

}  // namespace
}  // namespace tern
