#include "cli/rollout/episode_script_file.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/rollout/action_source.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/files/json.h"
#include "envs/batch_views.h"

namespace tern::cli {

std::shared_ptr<const EpisodeScript> read_episode_script(const EnvSpec& spec,
                                                         const std::string& path) {
  const std::unique_ptr<ActionSource> source = actions_from_file(spec, path);
  auto script = std::make_shared<EpisodeScript>();
  if (const auto start = source->start()) {
    script->rng = Rng(start->rng);
    script->level = start->level;
  }
  std::vector<std::uint8_t> memory(4 * spec.action.size());
  const MutableActionRow action = ActionRows(memory.data(), spec.action, 1)[0];
  while (source->next({}, {}, action)) {
    std::vector<float>& values = script->actions.emplace_back();
    for (const float value : action.floats()) values.push_back(value);
    for (const std::int32_t choice : action.ints()) values.push_back(static_cast<float>(choice));
  }
  return script;
}

void write_episode_script(const EnvSpec& spec, const EpisodeScript& script, bool is_paused,
                          const std::string& path) {
  Json document = {{"level", static_cast<std::int64_t>(script.level)},
                   {"paused", is_paused},
                   {"actions", Json::list()}};
  if (script.rng) {
    document["rng"] = Json::list();
    for (const std::uint64_t part : script.rng->state().s) {
      document["rng"].push_back(std::to_string(part));
    }
  }
  for (const std::vector<float>& values : script.actions) {
    Json action = Json::list();
    for (const float value : values) {
      action.push_back(spec.action.is_box() ? Json(static_cast<double>(value))
                                            : Json(static_cast<std::int64_t>(value)));
    }
    document["actions"].push_back(std::move(action));
  }
  try {
    write_file_durably(path, as_bytes(document.dump() + "\n"));
  } catch (const Error&) {
    // The next window begins anew.
  }
}

bool is_paused_script(const std::string& path) {
  if (!is_file(path)) return false;  // an episode of a file of several
  const std::optional<Json> document = Json::try_parse(read_text_file(path));
  const Json* const paused =
      document && document->is_object() ? document->find("paused") : nullptr;
  return paused != nullptr && paused->is_boolean() && paused->boolean();
}

}  // namespace tern::cli
