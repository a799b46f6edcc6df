#include "cli/text/env_words.h"

#include "core/config/key_value.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"

namespace tern::cli {

ChosenEnv choose_env(const std::string& word, const std::vector<ParamValue>& assignments) {
  ChosenEnv chosen;
  chosen.entry = &registry().find(word);
  SectionKeys section{"env", {}};
  for (const ParamInfo& info : chosen.entry->all_params()) section.keys.push_back(info.name);
  for (const ParamValue& assignment : assignments) {
    chosen.params.push_back(place_in_section(assignment, {section}).value);
  }
  chosen.spec =
      chosen.params.empty() ? chosen.entry->spec : configured_spec(*chosen.entry, chosen.params);
  return chosen;
}

}  // namespace tern::cli
