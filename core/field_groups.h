#pragma once
// Groups of observation fields: the parts of a name before its dots. "robot.arm.x" is the field "x"
// in the group "robot.arm", which is in the group "robot". Names only: a row is the same without.

#include <string>
#include <vector>

#include "core/space.h"

namespace tern {

/// "robot.arm" of "robot.arm.x"; "" of a name without a dot.
std::string group_of(const std::string& field);
/// "x" of "robot.arm.x"; the whole name where it has no dot.
std::string name_in_group(const std::string& field);

/// All groups, outer ones before those within, in the order of the row: "robot", "robot.arm".
std::vector<std::string> field_groups(const ObsSpace& space);
/// The fields of a group and of those within, in the order of the row; "": all fields.
std::vector<const Field*> fields_in(const ObsSpace& space, const std::string& group);

/// A name with an empty part ("a..x", ".x", "a."), or one that is both a field and a group, as a
/// sentence; "" where there is none.
std::string wrong_group(const ObsSpace& space);

}  // namespace tern
