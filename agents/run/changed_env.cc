#include "agents/run/changed_env.h"

#include "agents/run/run_env.h"
#include "core/config/key_value.h"
#include "core/error.h"
#include "envs/registry/configured_spec.h"

namespace tern {
namespace {

/// Without their sections, which must all be "env".
ParamValues place_in_env(const EnvEntry& entry, const std::vector<ParamValue>& assignments) {
  SectionKeys section{"env", {}};
  for (const ParamInfo& info : entry.all_params()) section.keys.push_back(info.name);
  ParamValues values;
  for (const ParamValue& assignment : assignments) {
    values.push_back(place_in_section(assignment, {section}).value);
  }
  return values;
}

/// The last value of a key, or its default.
std::string value_of(const ParamInfo& info, const ParamValues& values) {
  std::string text = info.default_value;
  for (const ParamValue& value : values) {
    if (value.key == info.name) text = value.text;
  }
  return text;
}

/// "15" and "15.0" are one value.
bool is_same(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  const bool are_numbers =
      parse_number(a, x) == NumberText::kRead && parse_number(b, y) == NumberText::kRead;
  return are_numbers ? x == y : a == b;
}

ParamValues joined(ParamValues values, const ParamValues& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

/// "env.map=8x8", of the first that alone makes the env another; of all where none does.
std::string culprit(const EnvEntry& entry, const ParamValues& trained, const EnvSpec& trained_spec,
                    const ParamValues& changes) {
  std::string all;
  for (const ParamValue& change : changes) {
    const std::string word = "env." + change.key + "=" + change.text;
    all += (all.empty() ? "" : " ") + word;
    try {
      const EnvSpec spec = configured_spec(entry, joined(trained, {change}));
      if (!space_differences(trained_spec, spec).empty()) return word;
    } catch (const Error&) {
      // It does not go without the others.
    }
  }
  return all;
}

}  // namespace

std::string space_differences(const EnvSpec& was, const EnvSpec& is) {
  std::vector<std::string> before = space_facts(was), now = space_facts(is);
  const auto types = [](const EnvSpec& spec) {
    const bool has_floats = spec.obs.num_floats() > 0, has_bytes = spec.obs.num_bytes() > 0;
    return std::string("observations of ") + (has_floats ? "float32 values" : "") +
           (has_floats && has_bytes ? " and " : "") + (has_bytes ? "bytes" : "");
  };
  if (types(was) != types(is)) {
    before.push_back(types(was));
    now.push_back(types(is));
  }
  if (before == now) return "";
  const std::string differences = fact_differences(before, now);
  return differences.empty() ? "  the same, in another order" : differences;
}

ChangedEnv change_run_env(const std::string& run, const Manifest& manifest, const EnvEntry& entry,
                          const std::vector<ParamValue>& assignments) {
  const ParamValues given = place_in_env(entry, assignments);
  const ParamValues& trained = manifest.config.env;
  ChangedEnv env;
  env.params = joined(trained, given);
  env.spec = configured_spec(entry, env.params);
  for (const ParamInfo& info : entry.all_params()) {
    const std::string before = value_of(info, trained), now = value_of(info, env.params);
    if (!is_same(before, now)) env.changes.push_back({info.name, before, now});
  }
  const EnvSpec trained_spec = configured_spec(entry, trained);
  const std::string differences = space_differences(trained_spec, env.spec);
  if (!differences.empty()) {
    throw Error("command line: " + culprit(entry, trained, trained_spec, given) +
                " changes observations or actions, and the policy of " + run +
                " knows only those that it was trained with:\n" + differences);
  }
  return env;
}

}  // namespace tern
