#include "tests/pages/environment_page.h"

#include <cctype>
#include <cstdio>
#include <map>

#include "core/config/param_markdown.h"
#include "envs/registry/registry.h"
#include "envs/wrappers/wrap.h"

namespace tern {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string range(double low, double high) {
  if (low == -kUnbounded && high == kUnbounded) return "unbounded";
  if (low == -kUnbounded) return "<= " + number(high);
  if (high == kUnbounded) return ">= " + number(low);
  return "[" + number(low) + ", " + number(high) + "]";
}

std::string shape(const Field& field) {
  std::string text;
  for (const int extent : field.shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
  return field.size() == 1 ? "" : text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string observation(const ObsSpace& space) {
  std::string text = std::to_string(space.size());
  text += space.num_bytes() == 0 ? " float32" : " uint8";
  text += space.size() == 1 ? " value:\n\n" : " values:\n\n";
  text += "| at | field | shape | range | unit |\n|---|---|---|---|---|\n";
  for (const Field& field : space.fields()) {
    const std::string values = field.categories > 0
                                   ? "one of " + std::to_string(field.categories)
                                   : range(field.low, field.high) + (field.advisory ? ", usually" : "");
    text += "| " + std::to_string(field.offset) + " | " + markdown_cell(field.name) + " | " +
            shape(field) + " | " + values + " | " + field.unit + " |\n";
  }
  return text + "\n";
}

std::string actions(const ActionSpace& space) {
  std::string text;
  for (const ActionComponent& component : space.components()) {
    if (!text.empty()) text += "; ";
    if (space.is_box()) {
      text += component.name + " in " + range(component.low, component.high);
      if (!component.unit.empty()) text += " " + component.unit;
      continue;
    }
    if (space.size() > 1) text += component.name + ": ";
    for (std::size_t i = 0; i < component.options.size(); ++i) {
      text += (i == 0 ? "" : ", ") + std::to_string(i) + " " + component.options[i];
    }
  }
  return text;
}

/// "size 5, max_steps 10": the defaults that differ from those of the env it names.
std::string differences(const EnvEntry& alias, const EnvEntry& env) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < alias.params.size(); ++i) {
    const ParamInfo &own = alias.params[i], &theirs = env.params[i];
    if (own.default_value != theirs.default_value) {
      words.push_back("`" + own.name + "=" + own.default_value + "`");
    }
  }
  return joined(words);
}

std::string section(const EnvEntry& entry, const std::vector<const EnvEntry*>& aliases) {
  const EnvSpec& spec = entry.spec;
  std::string text = "### " + spec.id + "\n\n![" + spec.id + "](" + picture_path(spec.id) + ")\n\n";
  std::string summary = spec.summary;
  summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(summary[0])));
  text += summary + ".";
  if (!spec.reference.empty()) text += " Reference: " + spec.reference + ".";
  text += "\n\n**Observation.** " + observation(spec.obs);
  text += "**Actions.** " + actions(spec.action) + ".";
  if (spec.has_masks) text += " Some are forbidden at times (masks).";
  text += "\n\n**Episode.** ";
  text += spec.max_episode_steps > 0
              ? "At most " + std::to_string(spec.max_episode_steps) + " steps."
              : std::string("Without a time limit.");
  if (spec.reward_threshold) {
    text += " Solved at a mean return of " + format_number(*spec.reward_threshold) + ".";
  }
  if (!spec.reward_terms.empty()) text += " The reward is " + joined(spec.reward_terms) + ".";
  if (!spec.metrics.empty()) text += " Reports " + joined(spec.metrics) + ".";
  if (spec.players > 1) text += " " + std::to_string(spec.players) + " players take turns.";
  if (spec.num_levels > 0) text += " " + std::to_string(spec.num_levels) + " levels.";
  text += "\n\n";
  if (!entry.params.empty()) text += markdown_table(entry.params);
  if (!aliases.empty()) {
    text += "| also | with | limit |\n|---|---|---|\n";
    for (const EnvEntry* alias : aliases) {
      text += "| `" + alias->spec.id + "` | " + differences(*alias, entry) + " | " +
              std::to_string(alias->spec.max_episode_steps) + " |\n";
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string picture_path(const std::string& id) {
  std::string name;
  for (const char c : id) {
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return "images/envs/" + name + ".png";
}

std::string environment_page(const EnvRegistry& registry) {
  std::map<std::string, std::vector<const EnvEntry*>> aliases;  // by the id of the env
  for (const EnvEntry* entry : registry.entries()) {
    if (!entry->alias_of.empty()) aliases[entry->alias_of].push_back(entry);
  }
  std::string page =
      "# Environments\n\n"
      "Every built-in env, as `tern describe ENV` prints it. Made from the specs, and the pictures by "
      "the envs' own drawing, after eight random steps; a test keeps it so. Parameters are written "
      "`env.KEY=VALUE`; each file below `envs/` begins with its rules and sources.\n";
  std::string family;
  for (const EnvEntry* entry : registry.entries()) {
    if (!entry->alias_of.empty()) continue;
    if (entry->spec.family != family) {
      family = entry->spec.family;
      page += "\n## " + family + "\n\n";
    }
    page += section(*entry, aliases[entry->spec.id]);
  }
  page += "## Wrappers\n\nKeys that any env takes beside its own, applied in this order. A reward that is "
          "changed is learned from; the returns that are reported stay those of the env.\n\n" +
          markdown_table(list_params<WrapperParams>());
  page.pop_back();
  return page;
}

}  // namespace tern
