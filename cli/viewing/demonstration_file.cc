#include "cli/viewing/demonstration_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/error.h"
#include "core/files/file_io.h"
#include "replay/demonstrations.h"

namespace tern::cli {
namespace {

Json action_json(const ActionSpace& space, const std::vector<float>& action) {
  Json list = Json::list();
  for (const float value : action) {
    list.push_back(space.is_box() ? Json(static_cast<double>(value))
                                  : Json(static_cast<std::int64_t>(value)));
  }
  return space.kind() == ActionSpace::Kind::kDiscrete ? *list.begin() : list;
}

Json obs_json(const Moment& moment) {
  Json list = Json::list();
  for (const float value : moment.obs) list.push_back(static_cast<double>(value));
  for (const std::uint8_t value : moment.obs_bytes) list.push_back(value);
  return list;
}

Json mask_json(const Moment& moment) {
  Json list = Json::list();
  for (const std::uint8_t allowed : moment.mask) list.push_back(allowed != 0 ? 1 : 0);
  return list;
}

Json step_json(const EnvSpec& spec, const Moment& before, const Moment& after) {
  Json step = {{"action", action_json(spec.action, before.action)},
               {"obs", obs_json(after)},
               {"reward", static_cast<double>(after.reward)},
               {"terminated", after.terminated},
               {"truncated", after.truncated}};
  if (spec.has_masks) step["mask"] = mask_json(after);
  return step;
}

/// Whether the file's last line has no end, as editors may leave it.
bool is_within_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (file.tellg() <= 0) return false;
  file.seekg(-1, std::ios::end);
  return file.get() != '\n';
}

}  // namespace

Json demonstration_json(const Episode& episode, const ParamValues& params) {
  if (episode.first_step > 0) throw Error("the beginning of this episode was not kept");
  const EnvSpec& spec = *episode.spec;
  const std::vector<Moment>& moments = episode.moments;
  Json document = {{"env", spec.id}, {"params", Json::object()}, {"rng", Json::list()}};
  for (const ParamValue& param : params) document["params"][param.key] = param.text;
  for (const std::uint64_t part : episode.rng.state().s) {
    document["rng"].push_back(std::to_string(part));
  }
  document["level"] = static_cast<std::int64_t>(episode.level);
  document["return"] = moments.back().episode_return;
  document["reset_obs"] = obs_json(moments.front());
  if (spec.has_masks) document["reset_mask"] = mask_json(moments.front());
  Json actions = Json::list(), steps = Json::list();
  for (std::size_t t = 0; t + 1 < moments.size(); ++t) {
    actions.push_back(action_json(spec.action, moments[t].action));
    steps.push_back(step_json(spec, moments[t], moments[t + 1]));
  }
  document["actions"] = std::move(actions);
  document["steps"] = std::move(steps);
  return document;
}

DemonstrationFile::DemonstrationFile(std::string path, const EnvSpec& spec, ParamValues params)
    : path_(std::move(path)), params_(std::move(params)) {
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  if (!folder.empty() && !is_folder(folder.string())) {
    throw Error::failure("cannot write " + path_ + ": there is no folder '" + folder.string() +
                         "'. Create it first or choose another");
  }
  std::error_code error;
  const bool is_there = std::filesystem::exists(path_, error);
  const std::string place = is_there ? path_ : folder.empty() ? "." : folder.string();
  if (::access(place.c_str(), W_OK) != 0) {
    throw Error::failure("cannot write " + path_ + ": " + std::strerror(errno));
  }
  if (!is_there) return;
  if (!is_file(path_)) throw Error("cannot write " + path_ + ": it is no regular file");
  if (file_bytes(path_) == 0) return;
  try {
    Demonstrations(path_, spec);
  } catch (const Error& problem) {
    throw Error(path_ + " exists and cannot be added to; choose another name. " + problem.what());
  }
}

void DemonstrationFile::add(const Episode& episode) {
  AppendFile file(path_);
  const std::string begin = is_within_line(path_) ? "\n" : "";
  file.write(begin + demonstration_json(episode, params_).dump() + "\n");
  file.start_sync();
  ++episodes_;
  steps_ += static_cast<std::size_t>(episode.steps());
}

}  // namespace tern::cli
