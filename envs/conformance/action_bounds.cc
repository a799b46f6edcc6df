#include "envs/conformance/action_bounds.h"

#include <cmath>

#include "core/params.h"

namespace tern {
namespace {

// A policy tells numbers apart down to about a hundredth of half the range: of this, by hundreds.
constexpr double kHugeHalfRange = 1e5;

}  // namespace

std::string bounds_remark(const ActionSpace& space) {
  for (const ActionComponent& component : space.components()) {
    if (!space.is_box()) break;
    const bool has_low = std::isfinite(component.low), has_high = std::isfinite(component.high);
    const std::string range = "the bounds of action component '" + component.name + "' are " +
                              format_number(component.low) + " to " + format_number(component.high);
    if (has_low != has_high) {
      return range + ": with one side only, policies begin around 0 with a deviation of about 1, in the "
             "env's units; give both bounds, or scale the action in the env";
    }
    if (has_low && 0.5 * component.high - 0.5 * component.low > kHugeHalfRange) {
      return range + ": policies begin in the middle with a deviation of about half the range, and "
             "hardly learn what lies close together in it; give the bounds that actions need";
    }
  }
  return "";
}

}  // namespace tern
