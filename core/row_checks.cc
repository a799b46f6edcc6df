#include "core/row_checks.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"

namespace tern {
namespace {

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// "4 floats", "4 floats and 12 bytes".
std::string obs_size_text(std::size_t floats, std::size_t bytes) {
  if (bytes == 0) return counted(floats, "float");
  const std::string of_bytes = counted(bytes, "byte");
  return floats == 0 ? of_bytes : counted(floats, "float") + " and " + of_bytes;
}

/// "'pole angle'", "'joints', element 3".
std::string element_text(const ObsSpace& space, std::size_t i) {
  for (const Field& field : space.fields()) {
    if (i < field.offset || i >= field.offset + field.size()) continue;
    const std::string name = "'" + field.name + "'";
    return field.size() == 1 ? name : name + ", element " + std::to_string(i - field.offset);
  }
  return "element " + std::to_string(i);
}

bool is_set(std::uint8_t flag) {
  return flag != 0;
}

}  // namespace

RowChecks::RowChecks(std::string who, PolicySpec spec)
    : who_(std::move(who)), spec_(std::move(spec)), all_allowed_(spec_.action.mask_size(), 1) {}

void RowChecks::obs(ConstObsRow obs) const {
  const std::size_t floats = obs.floats().size(), bytes = obs.bytes().size();
  if (floats != spec_.obs.num_floats() || bytes != spec_.obs.num_bytes()) {
    refuse("the observation has " + obs_size_text(floats, bytes) + "; expected " +
           obs_size_text(spec_.obs.num_floats(), spec_.obs.num_bytes()));
  }
  for (std::size_t i = 0; i < floats; ++i) {
    if (!std::isnan(obs[i])) continue;
    refuse("observation " + element_text(spec_.obs, i) + " is nan; expected a number");
  }
}

ConstMaskRow RowChecks::mask(ConstMaskRow mask) const {
  if (mask.empty() && !spec_.has_masks) return all_allowed_;
  if (mask.size() == all_allowed_.size()) return mask;
  refuse("the mask has " + counted(mask.size(), "flag") + "; expected " +
         (spec_.action.is_box() ? std::string("none: real actions have no mask")
                                : std::to_string(all_allowed_.size()) + ", one for each choice"));
}

void RowChecks::some_allowed(ConstMaskRow mask) const {
  if (spec_.action.is_box()) return;
  std::size_t begin = 0;
  for (const ActionComponent& component : spec_.action.components()) {
    const Row<const std::uint8_t> flags = mask.subrow(begin, component.options.size());
    begin += flags.size();
    if (std::find_if(flags.begin(), flags.end(), is_set) != flags.end()) continue;
    refuse("the mask allows no choice of '" + component.name +
           "'; expected a 1 for at least one of " + std::to_string(flags.size()));
  }
}

void RowChecks::action_size(std::size_t ints, std::size_t floats) const {
  const bool is_box = spec_.action.is_box();
  if (ints == (is_box ? 0 : spec_.action.size()) && floats == (is_box ? spec_.action.size() : 0)) {
    return;
  }
  std::string given = "nothing";
  if (ints > 0) given = counted(ints, "int32");
  if (floats > 0) given = counted(floats, "float");
  refuse("the row for the action holds " + given + "; expected " +
         std::to_string(spec_.action.size()) + (is_box ? " float" : " int32") +
         (spec_.action.size() == 1 ? "" : "s") +
         (is_box ? ": actions are real numbers" : ": actions are choices"));
}

void RowChecks::refuse(const std::string& what) const {
  throw Error::failure(who_ + ": " + what);
}

}  // namespace tern
