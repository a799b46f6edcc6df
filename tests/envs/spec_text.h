#pragma once
// What an env observes, takes and can be set to, with all bounds, as a text for tests to compare
// with what the reference says.

#include <cmath>
#include <sstream>
#include <string>

#include "envs/registry/registry.h"

namespace tern {

inline std::string spec_text(const std::string& id) {
  const EnvEntry& entry = registry().find(id);
  const EnvSpec& spec = entry.spec;
  std::ostringstream text;
  for (const Field& field : spec.obs.fields()) {
    text << '\n' << field.name << " [" << field.low << ", " << field.high << "]";
    if (field.size() > 1) text << " x" << field.size();
  }
  for (const ActionComponent& component : spec.action.components()) {
    text << "\n> " << component.name;
    for (const std::string& option : component.options) text << " " << option;
    if (component.options.empty()) text << " [" << component.low << ", " << component.high << "]";
  }
  for (const ParamInfo& param : entry.params) {
    text << "\n= " << param.name << " " << param.default_value;
    if (!param.range.empty()) text << " of " << param.range;
  }
  text << '\n'
       << spec.max_episode_steps << " steps, " << spec.frames_per_second << " a second, solved by "
       << spec.reward_threshold.value_or(NAN) << ", " << spec.num_levels << " levels\n";
  return text.str();
}

}  // namespace tern
