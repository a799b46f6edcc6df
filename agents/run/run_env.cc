#include "agents/run/run_env.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "core/error.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"
#include "core/utf8.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/plugin_host/trusted_plugins.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

constexpr std::size_t kMostPath = 4096, kMostFactsShown = 4;  // facts: of each side

/// Throws Error::failure unless the path is one that a message can show and a shell can read, and
/// as runs keep them: absolute and without "..", so that nobody looks it up under two names.
void check_path(const std::string& run, const std::string& path) {
  const bool has_control = std::any_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (has_control || !is_utf8(path) || path.size() > kMostPath) {
    throw Error::failure(
        run + " names a plugin by a path of " + std::to_string(path.size()) +
        " bytes with others than printable UTF-8, or too many; no run that Tern made "
        "does");
  }
  if (is_gym_name(path)) return;
  const std::filesystem::path kept(path);
  if (kept.is_absolute() && kept.lexically_normal().string() == path) return;
  throw Error::failure(run + " names the plugin " + shell_word(path) +
                       ", which is no absolute path without '..'; no run that Tern made does");
}

std::string command_with(const RunEnvWords& words, const std::string& run,
                         const std::string& option) {
  return "tern " + words.command + " " + shell_word(run) + " " + option;
}

/// Where a plugin may lie that is not where a run says: "" if it is in none of the likely places.
std::string likely_place(const std::string& run, const std::string& missing) {
  const std::filesystem::path name = std::filesystem::path(missing).filename();
  const std::filesystem::path folder(run);
  for (const std::filesystem::path& place :
       {std::filesystem::path("."), std::filesystem::path("build"), folder, folder / ".."}) {
    const std::string path = (place / name).string();
    if (is_file(path)) return path;
  }
  return "";
}

[[noreturn]] void refuse_missing(const std::string& run, const std::string& path,
                                 const RunEnvWords& words) {
  const std::string found = likely_place(run, path);
  const std::string name = std::filesystem::path(path).filename().string();
  throw Error(
      run + " was trained with the plugin " + shell_word(path) + ", and there is no such file. " +
      (found.empty() ? "Build it again, or say where it lies now: "
                     : "There is one of that name elsewhere; if it is the one: ") +
      command_with(words, run, "--env " + shell_word(found.empty() ? "PATH/" + name : found)));
}

/// The name of the same env in a library at another place.
std::string same_env_at(const std::string& path, const std::string& env_id) {
  const PluginName wanted = parse_plugin_name(env_id), given = parse_plugin_name(path);
  return wanted.id.empty() || !given.id.empty() ? path : path + ":" + wanted.id;
}

PluginGate gate(const std::string& run, const RunEnvWords& words) {
  return [run, words](const std::string& path, const std::string& checksum) {
    if (words.trust) {
      trust_plugin(path, checksum);
    } else if (words.env.empty() && !is_trusted_plugin(path, checksum)) {
      throw Error(run + " names the plugin " + shell_word(path) +
                  ", which you have not trained with. To load it is to run its code with your "
                  "rights. If you know where it comes from: " +
                  command_with(words, run, "--trust"));
    }
  };
}

const EnvEntry& load(const std::string& run, const std::string& env_id, const Manifest* manifest,
                     const RunEnvWords& words) {
  if (!words.env.empty()) {
    if (!is_plugin_name(words.env)) {
      throw Error("option --env: '" + words.env +
                  "' is no path of a plugin; expected ./libmine.so");
    }
    return registry().put_in_place(env_id, same_env_at(words.env, env_id), gate(run, words));
  }
  if (const EnvEntry* const loaded = registry().find_loaded(env_id)) return *loaded;
  std::string place = env_id;
  if (manifest != nullptr && !manifest->plugin_path.empty()) {
    check_path(run, manifest->plugin_path);
    if (is_file(parse_plugin_name(manifest->plugin_path).path)) {
      place = same_env_at(manifest->plugin_path, env_id);
    }
  }
  const std::string path = parse_plugin_name(place).path;
  std::error_code error;
  if (!is_gym_name(place) && !std::filesystem::exists(path, error))
    refuse_missing(run, path, words);
  if (place == env_id) return registry().find_gated(env_id, gate(run, words));
  return registry().put_in_place(env_id, place, gate(run, words));
}

/// An env of no plugin.
const EnvEntry& find_by_id(const std::string& run, const std::string& env_id) {
  if (const EnvEntry* const known = registry().find_loaded(env_id)) return *known;
  throw Error(
      run + " is of '" + shown(env_id) +
      "', which is no env of this program's. Was it trained by a program with envs of its own? "
      "That one knows it ('tern list envs' shows all here)");
}

std::string numbers(const std::vector<int>& shape) {
  std::string text;
  for (const int size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

std::string range(double low, double high) {
  return "[" + format_number(low) + ", " + format_number(high) + "]";
}

}  // namespace

const EnvEntry& find_run_env(const std::string& run, const std::string& env_id,
                             const Manifest* manifest, const RunEnvWords& words) {
  if (!is_plugin_name(env_id)) {
    if (words.env.empty()) return find_by_id(run, env_id);
    throw Error("option --env: " + run + " is of '" + shown(env_id) +
                "', which is no plugin's env");
  }
  check_path(run, env_id);
  return load(run, env_id, manifest, words);
}

const EnvEntry& find_run_env(const RunRef& run, const Manifest& manifest,
                             const RunEnvWords& words) {
  return find_run_env(run.run, manifest.config.env_id, &manifest, words);
}

std::vector<std::string> space_facts(const EnvSpec& spec) {
  std::vector<std::string> facts;
  const bool is_mixed = spec.obs.num_floats() > 0 && spec.obs.num_bytes() > 0;
  for (const Field& field : spec.obs.fields()) {
    std::string values = range(field.low, field.high);
    if (field.categories > 0) values = std::to_string(field.categories) + " categories";
    if (field.first != 0) values += " from " + std::to_string(field.first) + " on";
    if (is_mixed && field.dtype == DType::kUint8) values += ", bytes";
    facts.push_back("observation '" + field.name + "': " + numbers(field.shape) + ", " + values);
  }
  for (const ActionComponent& component : spec.action.components()) {
    std::string values;
    for (const std::string& option : component.options) {
      values += (values.empty() ? "" : ", ") + option;
    }
    if (spec.action.is_box()) values = range(component.low, component.high);
    facts.push_back("action '" + component.name + "': " + values);
  }
  return facts;
}

std::vector<std::string> env_facts(const EnvSpec& spec) {
  std::vector<std::string> facts = space_facts(spec);
  facts.insert(facts.begin(), "id: " + spec.id);
  facts.push_back("time limit: " + std::to_string(spec.max_episode_steps));
  facts.push_back("masks: " + std::string(spec.has_masks ? "yes" : "no"));
  facts.push_back("levels: " + std::to_string(spec.num_levels));
  return facts;
}

std::string fact_differences(const std::vector<std::string>& before,
                             const std::vector<std::string>& now) {
  std::vector<std::string> differences;
  const auto add_missing = [&](const std::vector<std::string>& from,
                               const std::vector<std::string>& in, const char* what) {
    std::size_t missing = 0;
    for (const std::string& fact : from) {
      if (std::find(in.begin(), in.end(), fact) != in.end()) continue;
      if (++missing <= kMostFactsShown) differences.push_back(what + shown(fact));
    }
    if (missing > kMostFactsShown) differences.push_back(std::string(what) + "and more");
  };
  add_missing(before, now, "  was  ");
  add_missing(now, before, "  is   ");
  std::string text;
  for (const std::string& line : differences) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string plugin_change(const std::string& run, const Manifest& manifest, const EnvEntry& entry) {
  if (entry.spec.id != manifest.env_id) {
    throw Error::failure(run + " was trained on " + shown(manifest.env_id) + ", and " +
                         (entry.origin.empty() ? entry.spec.id : shell_word(entry.origin)) +
                         " has " + entry.spec.id + ": another env");
  }
  if (entry.checksum == manifest.plugin_sha256) return "";
  std::string text = shell_word(entry.origin) + " has changed since " + run +
                     " was saved at step " + std::to_string(manifest.step) + " (SHA-256 " +
                     shown(manifest.plugin_sha256.substr(0, 12)) + ".. then, " +
                     entry.checksum.substr(0, 12) + ".. now)";
  if (manifest.env_facts.empty()) return text + ".";
  const std::string differences =
      fact_differences(manifest.env_facts, env_facts(configured_spec(entry, manifest.config.env)));
  if (differences.empty()) return text + ". Its observations and actions are the same.";
  return text + ". What is different:\n" + differences;
}

}  // namespace tern
