#include "core/field_groups.h"

#include <set>

namespace tern {
namespace {

bool is_within(const std::string& name, const std::string& group) {
  return group.empty() || (name.size() > group.size() && name[group.size()] == '.' &&
                           name.compare(0, group.size(), group) == 0);
}

}  // namespace

std::string group_of(const std::string& field) {
  const std::size_t dot = field.rfind('.');
  return dot == std::string::npos ? "" : field.substr(0, dot);
}

std::string name_in_group(const std::string& field) {
  return field.substr(field.rfind('.') + 1);  // npos + 1 is 0
}

std::vector<std::string> field_groups(const ObsSpace& space) {
  std::vector<std::string> groups;
  std::set<std::string> known;
  for (const Field& field : space.fields()) {
    for (std::size_t dot = field.name.find('.'); dot != std::string::npos;
         dot = field.name.find('.', dot + 1)) {
      const std::string group = field.name.substr(0, dot);
      if (known.insert(group).second) groups.push_back(group);
    }
  }
  return groups;
}

std::vector<const Field*> fields_in(const ObsSpace& space, const std::string& group) {
  std::vector<const Field*> fields;
  for (const Field& field : space.fields()) {
    if (is_within(field.name, group)) fields.push_back(&field);
  }
  return fields;
}

std::string wrong_group(const ObsSpace& space) {
  for (const Field& field : space.fields()) {
    if (!field.name.empty() && ("." + field.name + ".").find("..") != std::string::npos) {
      return "the field '" + field.name +
             "' has an empty part; dots part the names of groups: 'robot.arm.x'";
    }
  }
  const std::vector<std::string> groups = field_groups(space);
  const std::set<std::string> all(groups.begin(), groups.end());
  for (const Field& field : space.fields()) {
    if (all.count(field.name) > 0) {
      return "'" + field.name + "' is a field and also the group of '" +
             fields_in(space, field.name).front()->name + "'; give one of them another name";
    }
  }
  return "";
}

}  // namespace tern
