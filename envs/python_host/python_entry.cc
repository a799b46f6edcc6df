#include "envs/python_host/python_entry.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/did_you_mean.h"
#include "core/files/file_io.h"
#include "core/files/json.h"
#include "core/files/sha256.h"
#include "core/utf8.h"
#include "envs/python_host/python_env.h"
#include "envs/python_host/python_facts.h"
#include "envs/python_host/python_process.h"
#include "envs/vector/env_group.h"

namespace tern {
namespace {

constexpr std::int64_t kMostBytes = 16 << 20;  // of a file's text

PythonFile read_python_file(const std::string& path, const std::string& shown) {
  if (file_bytes(path) > kMostBytes) {
    throw Error(shown + " has " + size_text(file_bytes(path)) +
                "; no env in Python is larger than " + size_text(kMostBytes));
  }
  const Bytes bytes = read_file(path);
  PythonFile file{path, shown, std::string(bytes.begin(), bytes.end()), "", ""};
  if (!is_utf8(file.source)) throw Error(shown + ": its text is not UTF-8, which Python reads");
  file.checksum = sha256(Row<const std::uint8_t>(bytes));
  return file;
}

const PythonEnvFacts& choose_env(const std::vector<PythonEnvFacts>& envs, const std::string& shown,
                                 const std::string& id) {
  std::vector<std::string> ids;
  std::string list;
  for (const PythonEnvFacts& env : envs) {
    ids.push_back(env.id);
    list += (list.empty() ? "'" : ", '") + (id.empty() ? shown + ":" : "") + env.id + "'";
  }
  if (id.empty() && envs.size() == 1) return envs[0];
  if (id.empty()) {
    throw Error(shown + ": offers " + std::to_string(envs.size()) +
                " envs; write which one: " + list);
  }
  const auto found = std::find(ids.begin(), ids.end(), id);
  if (found == ids.end()) {
    throw Error(shown + ": offers no '" + id + "'." + did_you_mean(id, ids) + " It has " + list);
  }
  return envs[static_cast<std::size_t>(found - ids.begin())];
}

std::string sha256_of(const std::string& text) {
  return sha256(
      Row<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

/// "gym:ID" as a file.
PythonFile gym_file(const std::string& name) {
  PythonFile file;
  file.path = file.shown = name;
  file.gym_id = name.substr(4);
  const bool is_printable =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (file.gym_id.empty() || !is_printable) {
    throw Error("'" + tern::shown(name) +
                "': expected gym:ID, an id of Gymnasium's registry, as in "
                "gym:CartPole-v1");
  }
  file.checksum = sha256_of(name);
  return file;
}

const char kCallLimit[] = "call_limit";  // a parameter of ours that every env in Python has

/// The call that makes an env with these values. Throws Error for a wrong key or value.
PythonEnvCall call_for(const PythonEnvFacts& env, const std::string& shown,
                       const ParamValues& values) {
  PythonEnvCall call{env.id, "", kPythonLimit};
  Json request = {{"id", env.id}};
  request["values"] = Json::list();
  for (const ParamValue& value : plain_param_values(env.params, values, shown)) {
    if (value.key == kCallLimit) {
      const double seconds = ParamCodec<double>::parse(value.text, {});
      if (!(seconds > 0 && seconds <= 1e6)) {
        throw Error(value.where + ": env.call_limit: " + value.text +
                    " is out of range; expected (0, 1000000]");
      }
      call.limit = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000) + 1);
      continue;
    }
    const auto info = std::find_if(env.params.begin(), env.params.end(),
                                   [&](const ParamInfo& known) { return known.name == value.key; });
    Json entry = Json::list();
    for (const std::string* text : {&value.key, &info->type, &value.text}) entry.push_back(*text);
    request["values"].push_back(std::move(entry));
  }
  call.request = request.dump();
  return call;
}

}  // namespace

bool is_python_name(const std::string& name) {
  if (is_gym_name(name)) return true;
  const std::string path = parse_plugin_name(name).path;
  return path.size() > 3 && path.compare(path.size() - 3, 3, ".py") == 0;
}

EnvEntry load_python_env(const std::string& name, std::chrono::milliseconds limit,
                         const PluginGate& gate) {
  const PluginName shown = parse_plugin_name(name);
  const std::string path = parse_plugin_name(canonical_plugin_name(name)).path;
  const auto processes = std::make_shared<PythonProcesses>(
      is_gym_name(name) ? gym_file(name) : read_python_file(path, shown.path));
  EnvEntry entry;
  entry.origin = path;
  entry.checksum = processes->file().checksum;
  if (gate) gate(entry.origin, entry.checksum);
  const std::vector<PythonEnvFacts> envs =
      read_python_contents(processes->get(0, limit)->contents(), shown.path);
  PythonEnvFacts chosen = choose_env(envs, shown.path, shown.id);
  if (!chosen.source.empty()) entry.checksum = sha256_of(chosen.source);
  chosen.params.push_back({kCallLimit, "float", "60", "(0, 1000000]",
                           "s that one call of it may take before it counts as stuck"});
  entry.params = chosen.params;
  entry.make = [processes, chosen](const ParamValues& values) {
    const std::string& file = processes->file().shown;
    return std::make_unique<PythonEnv>(processes->get(0), file, call_for(chosen, file, values));
  };
  entry.make_group = [processes, chosen](const ParamValues& values, std::size_t count) {
    return make_python_group(processes, call_for(chosen, processes->file().shown, values), count);
  };
  entry.spec = entry.make({})->spec();
  if (entry.spec.id != chosen.id) {
    throw Error::failure(shown.path + ": '" + chosen.id + "' calls itself '" + entry.spec.id +
                         "' in its facts; both must be the same");
  }
  return entry;
}

}  // namespace tern
