#include "agents/run/ended_episode.h"

#include <cstring>

#include "core/files/file_io.h"
#include "core/files/json.h"
#include "core/shell_word.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/registry.h"
#include "envs/wrappers/wrap.h"

namespace tern {
namespace {

/// ENV and the parameters that are not at their defaults, but not in a process of its own.
std::string env_words(const EnvEntry& entry, const RunConfig& config) {
  std::string words = shell_word(entry.checksum.empty() || is_gym_name(entry.origin)
                                     ? config.env_id
                                     : entry.origin + ":" + entry.spec.id);
  for (const ParamInfo& info : entry.all_params()) {
    for (const ParamValue& value : config.env) {
      const bool is_said = value.key == info.name && value.text != info.default_value &&
                           value.key.rfind("isolate", 0) != 0;
      if (is_said) words += " " + shell_word(value.key + "=" + value.text);
    }
  }
  return words;
}

Json actions_json(const EnvSpec& spec, const std::vector<std::uint8_t>& bytes) {
  Json list = Json::list();
  const std::size_t width = spec.action.size();
  for (std::size_t at = 0; width > 0 && at + 4 * width <= bytes.size(); at += 4 * width) {
    Json action = Json::list();
    for (std::size_t i = 0; i < width; ++i) {
      std::int32_t choice = 0;
      float value = 0;
      std::memcpy(&choice, bytes.data() + at + 4 * i, 4);
      std::memcpy(&value, bytes.data() + at + 4 * i, 4);
      action.push_back(spec.action.is_box() ? Json(static_cast<double>(value))
                                            : Json(static_cast<std::int64_t>(choice)));
    }
    list.push_back(std::move(action));
  }
  return list;
}

}  // namespace

std::string write_ended_episode(const std::string& run, std::int64_t step, const RunConfig& config,
                                const EnvEnded& error) {
  const EndedEpisode& episode = error.episode();
  if (!episode.is_whole) {
    return "Its episode began before this process did, or was too long to be kept.";
  }
  const EnvEntry& entry = registry().find(config.env_id);
  Json document;
  document["message"] = error.what();
  document["run_seed"] = config.run.seed;
  document["rng"] = Json::list();
  for (const std::uint64_t part : episode.reset_rng.s)
    document["rng"].push_back(std::to_string(part));
  document["level"] = static_cast<std::int64_t>(episode.level);
  document["actions"] = actions_json(entry.spec, episode.actions);
  const std::string path = run + "/env-ended-step-" + std::to_string(step) + ".json";
  const std::string text = document.dump() + "\n";
  write_file_durably(path, as_bytes(text));
  return "Its random state, level and actions are kept. Repeat it: tern rollout " +
         env_words(entry, config) + " --actions " + shell_word(path);
}

}  // namespace tern
