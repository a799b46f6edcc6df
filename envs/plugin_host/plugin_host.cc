#include "envs/plugin_host/plugin_host.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/did_you_mean.h"
#include "core/run_in_child.h"
#include "core/shell_word.h"
#include "envs/plugin_host/plugin_env.h"
#include "envs/plugin_host/plugin_facts.h"
#include "envs/plugin_host/plugin_library.h"
#include "envs/plugin_host/private_copy.h"
#include "envs/vector/env_group.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string quoted_list(const std::vector<std::string>& items, const std::string& before = "") {
  std::string text;
  for (const std::string& item : items) {
    text += (text.empty() ? "'" : ", '") + before + item + "'";
  }
  return text;
}

/// Names of the shared libraries and of the files in Python in a folder.
std::vector<std::string> libraries_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path kind = entry.path().extension();
    if (kind == ".so" || kind == ".py") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What might have been meant by a path at which there is no file.
std::string suggest_file(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    return " There is no folder '" + folder.string() + "' either.";
  }
  const std::vector<std::string> names = libraries_in(folder);
  const std::string best = nearest_name(path.filename().string(), names);
  if (!best.empty()) return " Did you mean '" + (folder / best).string() + "'?";
  if (names.empty()) return " '" + folder.string() + "' holds no .so or .py file.";
  const std::size_t shown = std::min<std::size_t>(names.size(), 5);
  return " '" + folder.string() + "' holds " +
         quoted_list({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown)}) +
         (shown < names.size() ? " and others." : ".");
}

/// The absolute path of an existing file, without links. Throws Error.
std::string canonical_path(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::canonical(path, error);
  if (error) {
    throw Error(
        "there is no file '" + path + "' (" + error.message() + ")." + suggest_file(path) +
        " A name with '/', '.so' or '.py' is a plugin's path; 'tern list envs' shows the ids");
  }
  if (!fs::is_regular_file(canonical, error)) {
    throw Error("'" + path + "' is " +
                (fs::is_directory(canonical, error) ? "a folder" : "a special file") +
                ", not a plugin's file." + suggest_file(fs::path(path) / ""));
  }
  return canonical.string();
}

/// Which of the library's envs is meant. Throws Error.
std::size_t choose_env(const PluginLibrary& library, const std::string& id) {
  const std::vector<std::string> ids = library.ids();
  if (id.empty()) {
    if (ids.size() == 1) return 0;
    throw Error(library.shown() + ": offers " + std::to_string(ids.size()) +
                " envs; write which one: " + quoted_list(ids, library.shown() + ":"));
  }
  const auto found = std::find(ids.begin(), ids.end(), id);
  if (found == ids.end()) {
    throw Error(library.shown() + ": offers no '" + id + "'." + did_you_mean(id, ids) + " It has " +
                quoted_list(ids));
  }
  return static_cast<std::size_t>(found - ids.begin());
}

/// The first action that the mask allows; zeros for Box.
void choose_first(const ActionSpace& space, MaskRow mask, MutableActionRow action) {
  std::size_t first = 0;  // flag of the component's first option
  for (std::size_t i = 0; !space.is_box() && i < space.size(); ++i) {
    for (std::size_t k = space.options(i); k-- > 0;) {
      if (mask[first + k] != 0) action.discrete(i) = static_cast<std::int32_t>(k);
    }
    first += space.options(i);
  }
}

/// Runs the plugin's code from its loading to its unloading, with one step of its default env.
void try_env(std::shared_ptr<const PrivateCopy> file, const PluginName& name,
             const ChildStage& stage) {
  auto library = PluginLibrary::open(std::move(file), name.path, stage);
  const std::size_t index = choose_env(*library, name.id);
  const std::string of_env = " of '" + library->ids()[index] + "'";
  stage("create" + of_env);
  auto env = std::make_unique<PluginEnv>(library, index, ParamValues{});
  const EnvSpec& spec = env->spec();
  std::vector<std::uint8_t> obs(spec.obs.used_bytes()), mask(spec.action.mask_size()),
      action(4 * spec.action.size());
  const ObsRow obs_row = ObsRows(obs.data(), spec.obs, 1)[0];
  const MutableActionRow action_row = ActionRows(action.data(), spec.action, 1)[0];
  Rng rng(0, "trial");
  ResetContext ctx{rng, 0};
  stage("reset" + of_env);
  env->reset(ctx, obs_row);
  stage("action_mask" + of_env);
  const MaskRow mask_row(mask.data(), mask.size());
  env->action_mask(mask_row);
  choose_first(spec.action, mask_row, action_row);
  stage("step" + of_env);
  env->step(action_row, rng, obs_row);
  stage("destroy" + of_env);
  env.reset();
  stage("the library's static destructors");
  library.reset();
}

/// Throws Error unless the trial went well.
void judge(const ChildReport& report, const std::string& shown) {
  if (report.end == ChildReport::End::kReturned) return;
  const bool is_refusal = report.end == ChildReport::End::kThrew && report.code != 0;
  if (is_refusal) {
    throw Error(report.error, report.code == 2 ? ExitCode::kUsage : ExitCode::kFailure);
  }
  std::string message = shown + ": " + describe_end(report) + " in " + report.stage +
                        ". It was tried in a child process, nothing else was harmed; correct the "
                        "plugin and build it again.";
  if (!report.output.empty()) message += " It printed:\n" + report.output;
  throw Error::failure(message);
}

}  // namespace

bool is_gym_name(const std::string& name) {
  return name.compare(0, 4, "gym:") == 0;
}

bool names_plugin_file(const std::string& word) {
  if (is_gym_name(word)) return true;
  const std::string path = parse_plugin_name(word).path;
  return ends_with(path, ".so") || ends_with(path, ".py") || path.find(".so.") != std::string::npos;
}

bool is_plugin_name(const std::string& name) {
  return name.find('/') != std::string::npos || names_plugin_file(name);
}

PluginName parse_plugin_name(const std::string& name) {
  if (is_gym_name(name)) return {name, ""};
  const std::size_t colon = name.rfind(':');
  const bool has_id = colon != std::string::npos && !ends_with(name, ".so") &&
                      !ends_with(name, ".py") && name.find('/', colon) == std::string::npos;
  if (!has_id) return {name, ""};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

std::string canonical_plugin_name(const std::string& name) {
  if (is_gym_name(name)) return name;
  const PluginName parsed = parse_plugin_name(name);
  return canonical_path(parsed.path) + (parsed.id.empty() ? "" : ":" + parsed.id);
}

ParamValues plain_param_values(const std::vector<ParamInfo>& infos, const ParamValues& values,
                               const std::string& shown) {
  check_param_keys(infos, values, "env", "all keys: tern describe " + shell_word(shown));
  ParamValues plain = values;
  for (ParamValue& value : plain) {
    const auto info = std::find_if(infos.begin(), infos.end(), [&](const ParamInfo& candidate) {
      return candidate.name == value.key;
    });
    try {
      if (info->type == "bool") {
        value.text = ParamCodec<bool>::format(ParamCodec<bool>::parse(value.text, {}));
      } else if (info->type == "int") {
        using Codec = ParamCodec<std::int64_t>;
        value.text = Codec::format(Codec::parse(value.text, {}));
      } else if (info->type == "float") {
        value.text = format_number(ParamCodec<double>::parse(value.text, {}));
      }
    } catch (const Error& error) {
      throw Error(value.where + ": env." + value.key + ": " + error.what(), error.code());
    }
  }
  return plain;
}

EnvEntry load_plugin_env(const std::string& name, std::chrono::milliseconds limit,
                         const PluginGate& gate) {
  const PluginName shown = parse_plugin_name(name);
  const auto file = std::make_shared<const PrivateCopy>(canonical_path(shown.path));
  EnvEntry entry;
  entry.origin = file->original();
  entry.checksum = file->checksum();
  if (gate) gate(entry.origin, entry.checksum);
  judge(run_in_child([&](const ChildStage& stage) { try_env(file, shown, stage); }, limit),
        shown.path);

  const auto library = PluginLibrary::open(file, shown.path);
  const std::size_t index = choose_env(*library, shown.id);
  const tern_env_table& table = library->tables()[index];
  const std::string where = shown.path + ": '" + table.id + "'";
  entry.params = read_params(table, where);
  entry.make = [library, index, infos = entry.params](const ParamValues& values) {
    return std::make_unique<PluginEnv>(library, index,
                                       plain_param_values(infos, values, library->shown()));
  };
  entry.make_group = [make = entry.make, library, index, infos = entry.params](
                         const ParamValues& values,
                         std::size_t count) -> std::unique_ptr<EnvGroup> {
    const ParamValues plain = plain_param_values(infos, values, library->shown());
    return std::make_unique<TypedEnvGroup<PluginEnv>>(count, [library, index, plain] {
      return std::make_unique<PluginEnv>(library, index, plain);
    });
  };
  entry.spec = entry.make({})->spec();
  if (entry.spec.id != table.id) {
    throw Error::failure(where + ": calls itself '" + entry.spec.id +
                         "' in spec(); both must be the same");
  }
  return entry;
}

}  // namespace tern
