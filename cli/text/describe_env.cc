#include "cli/text/describe_env.h"

#include <cmath>
#include <cstdio>
#include <iostream>

#include "cli/text/describe_params.h"
#include "cli/text/print_json.h"
#include "cli/text/table.h"
#include "core/field_groups.h"

namespace tern::cli {
namespace {

std::string shape_text(const Field& field) {
  std::string text;
  for (const int extent : field.shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text == "1" ? "" : text;
}

/// "[-4.8, 4.8]", with as many digits as a person reads; the JSON has all of them.
std::string range_text(double low, double high) {
  if (std::isinf(low) && std::isinf(high)) return "unbounded";
  char text[64];
  std::snprintf(text, sizeof text, "[%.6g, %.6g]", low, high);
  return text;
}

std::string bounds_text(const Field& field) {
  if (field.categories > 0 && field.first == 0) return "one of " + std::to_string(field.categories);
  if (field.categories > 0) {
    return "one of " + std::to_string(field.first) + " to " +
           std::to_string(field.first + field.categories - 1);
  }
  return range_text(field.low, field.high) + (field.advisory ? " usually" : "");
}

bool is_mixed(const ObsSpace& space) {
  return space.num_floats() > 0 && space.num_bytes() > 0;
}

const char* type_name(DType dtype) {
  return dtype == DType::kFloat32 ? "float32" : "uint8";
}

/// "4 float32 values", "300 uint8 values", or "4 float32 and 300 uint8 values".
std::string count_text(const ObsSpace& space) {
  std::string text;
  if (space.num_floats() > 0) text = std::to_string(space.num_floats()) + " float32";
  if (is_mixed(space)) text += " and ";
  if (space.num_bytes() > 0) text += std::to_string(space.num_bytes()) + " uint8";
  return text + (space.size() == 1 ? " value" : " values");
}

/// The first names and how many there are: a board's state has a number for each cell. The JSON has
/// all of them.
std::string state_text(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  if (names.size() <= kShown) return joined(names);
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(kShown);
  return joined(std::vector<std::string>(names.begin(), end)) + ", .. (" +
         std::to_string(names.size()) + " numbers)";
}

const char* kind_name(const ActionSpace& space) {
  switch (space.kind()) {
    case ActionSpace::Kind::kDiscrete:
      return "Discrete";
    case ActionSpace::Kind::kMultiDiscrete:
      return "MultiDiscrete";
    case ActionSpace::Kind::kBox:
      return "Box";
  }
  return "";
}

Json bound_json(double bound) {
  return std::isinf(bound) ? Json(nullptr) : Json(bound);
}

/// One row a field; above the first of each group its name, and the fields of groups moved right.
std::vector<std::vector<std::string>> field_rows(const ObsSpace& space) {
  std::vector<std::vector<std::string>> rows;
  std::string last;  // group
  for (const Field& field : space.fields()) {
    const std::string group = group_of(field.name);
    std::string indent;
    for (std::size_t end = group.find('.'); !group.empty(); end = group.find('.', end + 1)) {
      const std::string outer = group.substr(0, end) + ".";
      if ((last + ".").compare(0, outer.size(), outer) != 0) {
        rows.push_back({"", indent + name_in_group(group.substr(0, end))});
      }
      indent += "  ";
      if (end == std::string::npos) break;
    }
    last = group;
    rows.push_back({std::to_string(field.offset), indent + name_in_group(field.name),
                    shape_text(field), bounds_text(field), field.unit});
    if (is_mixed(space)) rows.back().push_back(type_name(field.dtype));
  }
  return rows;
}

Json env_json(const ChosenEnv& env) {
  const EnvSpec& spec = env.spec;
  Json fields = Json::list();
  for (const Field& field : spec.obs.fields()) {
    fields.push_back({{"name", field.name},
                      {"offset", field.offset},
                      {"shape", field.shape},
                      {"low", bound_json(field.low)},
                      {"high", bound_json(field.high)},
                      {"unit", field.unit},
                      {"categories", field.categories},
                      {"first", field.first},
                      {"advisory", field.advisory},
                      {"dtype", type_name(field.dtype)}});
  }
  Json components = Json::list();
  for (const ActionComponent& component : spec.action.components()) {
    if (spec.action.is_box()) {
      components.push_back({{"name", component.name},
                            {"low", bound_json(component.low)},
                            {"high", bound_json(component.high)},
                            {"unit", component.unit}});
    } else {
      components.push_back({{"name", component.name}, {"options", component.options}});
    }
  }
  Json document = {
      {"id", spec.id},
      {"family", spec.family},
      {"summary", spec.summary},
      {"reference", spec.reference},
      {"origin", env.entry->origin},
      {"alias_of", env.entry->alias_of},
      {"observation",
       {{"dtype", is_mixed(spec.obs)
                      ? "mixed"
                      : type_name(spec.obs.num_bytes() > 0 ? DType::kUint8 : DType::kFloat32)},
        {"size", spec.obs.size()},
        {"groups", field_groups(spec.obs)},
        {"fields", fields}}},
      {"action", {{"kind", kind_name(spec.action)}, {"components", components}}},
      {"max_episode_steps", spec.max_episode_steps}};
  document["reward_threshold"] =
      spec.reward_threshold ? Json(*spec.reward_threshold) : Json(nullptr);
  document["reward_terms"] = spec.reward_terms;
  document["metrics"] = spec.metrics;
  document["info"] = spec.info;
  document["state_fields"] = spec.state_fields;
  document["num_levels"] = spec.num_levels;
  document["has_masks"] = spec.has_masks;
  document["frames_per_second"] = spec.frames_per_second;
  document["turn_based"] = spec.turn_based;
  document["players"] = spec.players;
  document["parameters"] = params_json(env.entry->params);
  document["wrappers"] = params_json(env.entry->wrapper_params);
  return document;
}

void print_action_space(const ActionSpace& space) {
  std::cout << "\nAction: " << kind_name(space) << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const ActionComponent& component : space.components()) {
    if (space.is_box()) {
      rows.push_back({component.name, range_text(component.low, component.high), component.unit});
      continue;
    }
    std::string options;
    for (std::size_t i = 0; i < component.options.size(); ++i) {
      options += (i == 0 ? "" : ", ") + std::to_string(i) + " " + component.options[i];
    }
    if (space.kind() == ActionSpace::Kind::kDiscrete) {
      rows.push_back({options});
    } else {
      rows.push_back({component.name, options});
    }
  }
  print_table(rows);
}

void print_env(const ChosenEnv& env) {
  const EnvSpec& spec = env.spec;
  std::cout << spec.id << " (" << spec.family << "): " << spec.summary << "\n";
  if (!spec.reference.empty()) std::cout << "Reference: " << spec.reference << "\n";
  if (!env.entry->alias_of.empty()) {
    std::cout << "Another name of " << env.entry->alias_of << "\n";
  }
  if (env.entry->origin != "built-in") std::cout << "Plugin: " << env.entry->origin << "\n";

  std::cout << "\nObservation: " << count_text(spec.obs) << "\n";
  print_table(field_rows(spec.obs));
  print_action_space(spec.action);

  std::cout << "\nEpisode\n";
  std::vector<std::vector<std::string>> rows = {
      {"limit", spec.max_episode_steps > 0 ? std::to_string(spec.max_episode_steps) + " steps"
                                           : std::string("none")}};
  if (spec.reward_threshold) {
    rows.push_back({"solved at", "a mean return of " + format_number(*spec.reward_threshold)});
  }
  if (!spec.reward_terms.empty()) rows.push_back({"reward is", joined(spec.reward_terms)});
  if (!spec.metrics.empty()) rows.push_back({"reports", joined(spec.metrics)});
  if (!spec.info.empty()) rows.push_back({"info", joined(spec.info)});
  if (!spec.state_fields.empty()) rows.push_back({"state", state_text(spec.state_fields)});
  if (spec.num_levels > 0) rows.push_back({"levels", std::to_string(spec.num_levels)});
  if (spec.players > 1) {
    rows.push_back({"players", std::to_string(spec.players) + ", who take turns"});
  }
  if (spec.has_masks) rows.push_back({"masks", "some actions are forbidden at times"});
  print_table(rows);

  if (!env.entry->params.empty()) {
    std::cout << "\nParameters (env.<name>=value)\n";
    print_params(env.entry->params);
  }
  std::cout << "\nWrappers change any env (env.sticky_actions=0.25); 'tern describe wrappers' "
               "lists them.\n";
}

TransitionTable transitions_of(const ChosenEnv& env) {
  TransitionTable table;
  if (!env.entry->make(env.params)->transitions(table)) {
    throw Error(env.spec.id +
                " is not a tabular env: it has no transition table. Leave out "
                "--transitions");
  }
  return table;
}

Json transitions_json(const TransitionTable& table) {
  Json states = Json::list();
  for (const auto& actions : table.outcomes) {
    Json per_action = Json::list();
    for (const std::vector<Transition>& outcomes : actions) {
      Json list = Json::list();
      for (const Transition& outcome : outcomes) {
        list.push_back(
            {outcome.probability, outcome.next_state, outcome.reward, outcome.terminated});
      }
      per_action.push_back(std::move(list));
    }
    states.push_back(std::move(per_action));
  }
  return {{"P", std::move(states)}, {"initial", table.initial}};
}

void print_transitions(const ChosenEnv& env, const TransitionTable& table) {
  const std::vector<std::string>& names = env.spec.action.components()[0].options;
  std::vector<std::vector<std::string>> rows = {
      {"state", "action", "probability", "next state", "reward", "terminated"}};
  for (std::size_t s = 0; s < table.outcomes.size(); ++s) {
    for (std::size_t a = 0; a < table.outcomes[s].size(); ++a) {
      for (const Transition& outcome : table.outcomes[s][a]) {
        rows.push_back({std::to_string(s), a < names.size() ? names[a] : std::to_string(a),
                        format_number(outcome.probability), std::to_string(outcome.next_state),
                        format_number(outcome.reward), outcome.terminated ? "yes" : "no"});
      }
    }
  }
  print_table(rows);
}

}  // namespace

void describe_env(const ChosenEnv& env, const Args& args) {
  const bool json = args.has("--json");
  if (args.has("--transitions")) {
    const TransitionTable table = transitions_of(env);
    if (json) {
      print_json(transitions_json(table));
    } else {
      print_transitions(env, table);
    }
  } else if (json) {
    print_json(env_json(env));
  } else {
    print_env(env);
  }
}

}  // namespace tern::cli
