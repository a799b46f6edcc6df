#include "render/action_change.h"

#include <algorithm>

namespace tern {
namespace {

constexpr std::size_t kValuesOfReal = 3;  // that have numbers

/// Where a component's flags begin in a mask.
std::size_t first_flag(const ActionSpace& space, std::size_t component) {
  std::size_t flag = 0;
  for (std::size_t i = 0; i < component; ++i) flag += space.options(i);
  return flag;
}

}  // namespace

std::optional<ActionChange> numbered_change(const FrameData& frame, std::size_t number) {
  const ActionSpace& space = frame.spec->action;
  if (space.is_box()) {
    const std::vector<RealBar> bars = real_bars(frame);
    const std::size_t component = number / kValuesOfReal;
    if (component >= bars.size()) return std::nullopt;
    const double part = 0.5 * static_cast<double>(number % kValuesOfReal);
    const RealBar& bar = bars[component];
    return ActionChange{component, static_cast<float>(bar.low + part * (bar.high - bar.low))};
  }
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (number < space.options(i)) return ActionChange{i, static_cast<float>(number)};
    number -= space.options(i);
  }
  return std::nullopt;
}

std::optional<std::vector<float>> changed_action(const FrameData& frame,
                                                 const ActionChange& change) {
  const ActionSpace& space = frame.spec->action;
  if (change.component >= frame.action.size() || change.component >= space.size()) {
    return std::nullopt;
  }
  if (!space.is_box()) {
    const std::size_t flag =
        first_flag(space, change.component) + static_cast<std::size_t>(change.value);
    if (flag < frame.mask.size() && frame.mask[flag] == 0) return std::nullopt;
  }
  std::vector<float> action = frame.action;
  action[change.component] = change.value;
  return action;
}

std::string change_text(const FrameData& frame, const ActionChange& change) {
  const ActionSpace& space = frame.spec->action;
  if (change.component >= space.size()) return "";
  const ActionComponent& component = space.components()[change.component];
  if (space.is_box()) return component.name + " " + short_number(change.value);
  const auto option = static_cast<std::size_t>(change.value);
  const std::string name = option < component.options.size() ? component.options[option] : "";
  return space.size() > 1 ? component.name + ": " + name : name;
}

}  // namespace tern
