#include "envs/wrappers/rescale_action.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/number_text.h"

namespace tern {
namespace {

void check(const EnvSpec& spec) {
  if (!spec.action.is_box()) {
    throw Error("env.rescale_action: the actions of " + spec.id +
                " are choices, not real numbers; leave the key out");
  }
  for (const ActionComponent& component : spec.action.components()) {
    if (std::isfinite(component.low) && std::isfinite(component.high)) continue;
    throw Error("env.rescale_action: '" + component.name + "' of the actions of " + spec.id +
                " lies in [" + format_number(component.low) + ", " + format_number(component.high) +
                "]; expected both bounds to be numbers. Leave the key out");
  }
}

/// "2 N m" where a 1 means two newton metres; nothing where 0 is not the middle.
std::string unit_of(const ActionComponent& component) {
  if (component.unit.empty() || component.low != -component.high) return "";
  return component.high == 1 ? component.unit
                             : format_number(component.high) + " " + component.unit;
}

/// With what a program hands over far out of bounds it may be more than a float holds.
float as_float(double value) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

}  // namespace

RescaleAction::RescaleAction(std::unique_ptr<Env> inner)
    : EnvWrapper(std::move(inner)), units_(spec_.action), action_(spec_.action.size()) {
  check(spec_);
  std::vector<ActionComponent> components = spec_.action.components();
  for (ActionComponent& component : components) {
    component.unit = unit_of(component);
    component.low = -1;
    component.high = 1;
  }
  spec_.action = ActionSpace::box(std::move(components));
}

StepResult RescaleAction::step(ActionRow action, Rng& rng, ObsRow obs) {
  for (std::size_t i = 0; i < action_.size(); ++i) {
    action_[i] = as_float(units_.to_env(i, static_cast<double>(action[i])));
  }
  return inner_->step(ActionRow(Row<const float>(action_)), rng, obs);
}

bool RescaleAction::human_action(const Keys& keys, MutableActionRow action) const {
  if (!inner_->human_action(keys, action)) return false;
  units_.to_policy(action);
  return true;
}

}  // namespace tern
