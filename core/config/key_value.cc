#include "core/config/key_value.h"

#include <algorithm>

#include "core/did_you_mean.h"
#include "core/error.h"

namespace tern {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// The key without its section, in the sections that have it.
Error unknown_key(const ParamValue& assignment, const std::string& key,
                  const std::vector<SectionKeys>& sections) {
  std::vector<std::string> all;
  for (const SectionKeys& section : sections) {
    for (const std::string& name : section.keys) all.push_back(name);
  }
  std::string hint;
  const std::string nearest = nearest_name(key, all);
  for (const SectionKeys& section : sections) {
    if (nearest.empty() || !contains(section.keys, nearest)) continue;
    hint += (hint.empty() ? " Did you mean '" : " or '") + section.section + "." + nearest + "'";
  }
  if (!hint.empty()) hint += "?";
  return Error(assignment.where + ": unknown key '" + assignment.key + "'." + hint +
               (hint.empty() ? " ('tern describe' shows the keys of an env or agent)" : ""));
}

}  // namespace

SectionValue place_in_section(const ParamValue& assignment,
                                  const std::vector<SectionKeys>& sections) {
  std::vector<std::string> names;
  for (const SectionKeys& section : sections) names.push_back(section.section);

  const std::size_t dot = assignment.key.find('.');
  if (dot != std::string::npos) {
    const std::string prefix = assignment.key.substr(0, dot);
    ParamValue value = assignment;
    value.key = assignment.key.substr(dot + 1);
    for (const SectionKeys& section : sections) {
      if (section.section != prefix) continue;
      if (!contains(section.keys, value.key)) throw unknown_key(assignment, value.key, sections);
      return {prefix, value};
    }
    const std::string nearest = did_you_mean(prefix, names);
    throw Error(assignment.where + ": '" + assignment.key + "' names the section '" + prefix +
                "'; expected " + joined(names, ", ") + "." + nearest);
  }

  std::vector<std::string> owners;
  for (const SectionKeys& section : sections) {
    if (contains(section.keys, assignment.key)) owners.push_back(section.section);
  }
  if (owners.empty()) throw unknown_key(assignment, assignment.key, sections);
  if (owners.size() > 1) {
    std::vector<std::string> full;
    for (const std::string& owner : owners)
      full.push_back("'" + owner + "." + assignment.key + "='");
    throw Error(assignment.where + ": '" + assignment.key + "' is a key of " +
                joined(owners, " and ") + "; write " + joined(full, " or "));
  }
  return {owners.front(), assignment};
}

}  // namespace tern
