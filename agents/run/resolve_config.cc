#include "agents/run/resolve_config.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "agents/catalog/catalog.h"
#include "agents/config/agent_checks.h"
#include "agents/run/checkpoint.h"
#include "agents/run/run_folder.h"
#include "core/config/config.h"
#include "core/config/key_value.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/shell_word.h"
#include "core/utf8.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"

namespace tern {
namespace {

const char kCommandLine[] = "command line";
constexpr std::string_view kAgentSection = "agent.";

std::vector<std::string> names_of(const std::vector<ParamInfo>& infos) {
  std::vector<std::string> names;
  for (const ParamInfo& info : infos) names.push_back(info.name);
  return names;
}

/// `find()`, with the place of the name in front of its Error where a file gave the name.
template <class Find>
auto& find_at(const ParamValue& name, const Find& find) {
  try {
    return find(name.text);
  } catch (const Error& error) {
    if (name.where == kCommandLine) throw;
    throw Error(name.where + ": " + error.what(), error.code());
  }
}

const EnvEntry& find_env_at(const ParamValue& id) {
  return find_at(id,
                 [](const std::string& text) -> const EnvEntry& { return registry().find(text); });
}

const AgentInfo& find_agent_at(const Config& config) {
  if (config.agent_name.text.empty()) {
    throw Error((config.file.empty() ? std::string(kCommandLine) : config.file) +
                ": agent.name is missing; write agent: {name: ppo} ('tern list agents' shows all)");
  }
  return find_at(config.agent_name,
                 [](const std::string& text) -> const AgentInfo& { return find_agent(text); });
}

/// A run keeps its configuration as text, and could not be found again by other bytes.
void check_text(const std::string& key, const std::string& text) {
  if (is_utf8(text)) return;
  throw Error(key + ": '" + shown(text) + "' is not UTF-8, as a run must keep it; rename it");
}

/// The facts of the env with the parameters given. An env's own complaint about a parameter
/// knows no place; it gets the one of the env.
EnvSpec checked_spec(const EnvEntry& entry, const Config& config) {
  check_param_keys(entry.all_params(), config.env, "env",
                   "all keys: tern describe " + shell_word(config.env_id.text));
  try {
    return configured_spec(entry, config.env);
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const ParamValue& value : config.env) {
      if (message.rfind(value.where, 0) == 0) throw;
    }
    const std::string& where = config.env.empty() ? config.env_id.where : config.env.back().where;
    throw Error(where + ": env: " + message, error.code());
  }
}

bool has_key(const std::vector<ParamInfo>& infos, const std::string& key) {
  return std::any_of(infos.begin(), infos.end(),
                     [&](const ParamInfo& info) { return info.name == key; });
}

/// Whether an agent has such a key: one that lacks it says why in its check (AgentInfo::check).
bool is_key_of_some_agent(const std::string& key) {
  return std::any_of(agents().begin(), agents().end(),
                     [&](const AgentInfo& agent) { return has_key(agent.params, key); });
}

void apply_assignments(Config& config, const std::vector<ParamValue>& assignments) {
  std::vector<ParamValue> rest;
  for (const ParamValue& assignment : assignments) {
    if (assignment.key == "env.id") {
      config.env_id = {"id", assignment.text, assignment.where};
    } else if (assignment.key == "agent.name") {
      config.agent_name = {"name", assignment.text, assignment.where};
    } else {
      rest.push_back(assignment);
    }
  }
  const std::vector<ParamInfo> env_params = find_env_at(config.env_id).all_params();
  const std::vector<ParamInfo> run_params = list_run_params();
  const std::vector<SectionKeys> sections = {{"env", names_of(env_params)},
                                             {"agent", names_of(find_agent_at(config).params)},
                                             {"run", names_of(run_params)}};
  for (ParamValue& assignment : rest) {
    const bool names_agent = assignment.key.rfind(kAgentSection, 0) == 0;
    const std::string key =
        names_agent ? assignment.key.substr(kAgentSection.size()) : assignment.key;
    if ((names_agent || !(has_key(env_params, key) || has_key(run_params, key))) &&
        is_key_of_some_agent(key)) {
      assignment.key = key;
      config.agent.push_back(std::move(assignment));
      continue;
    }
    SectionValue placed = place_in_section(assignment, sections);
    std::vector<ParamValue>& values = placed.section == "env"     ? config.env
                                      : placed.section == "agent" ? config.agent
                                                                  : config.run;
    values.push_back(std::move(placed.value));
  }
}

/// Throws Error unless the levels from `begin` to before `end` (0: to the last) are some that the
/// env has.
void check_levels(const std::string& which, std::int64_t begin, std::int64_t end,
                  const EnvSpec& spec, const std::vector<ParamValue>& values) {
  if (begin == 0 && end == 0) return;
  std::string place;
  for (const ParamValue& value : values) {
    if (value.key == which + "_level_begin" || value.key == which + "_level_end") {
      place = value.where + ": ";
    }
  }
  const std::string range = "run." + which + "_level_begin: " + std::to_string(begin) + ", run." +
                            which + "_level_end: " + std::to_string(end);
  if (spec.num_levels == 0) {
    throw Error(place + range + ": " + spec.id + " has no levels; remove these keys");
  }
  if (static_cast<std::uint64_t>(end) > spec.num_levels ||
      static_cast<std::uint64_t>(begin) >= spec.num_levels) {
    throw Error(place + range + ": " + spec.id + " has the levels 0 to " +
                std::to_string(spec.num_levels - 1));
  }
  if (end > 0 && begin >= end) throw Error(place + range + ": expected the end above the begin");
}

/// Throws Error for an env whose players take turns: an agent's returns and bootstraps would mix
/// rewards of both sides. Names the parameter that made it so, if one alone did.
void check_players(const EnvEntry& entry, const EnvSpec& spec, const Config& config) {
  if (spec.players == 1) return;
  std::string advice = "train on an env that plays the other side itself";
  std::string place = config.env_id.where == kCommandLine ? "" : config.env_id.where + ": ";
  for (const ParamValue& value : config.env) {
    std::vector<ParamValue> without;
    for (const ParamValue& other : config.env) {
      if (other.key != value.key) without.push_back(other);
    }
    if (entry.make(without)->spec().players > 1) continue;
    for (const ParamInfo& info : entry.params) {
      if (info.name != value.key) continue;
      place = value.where == kCommandLine ? "" : value.where + ": ";
      advice = "replace " + value.key + "=" + value.text + " by " + value.key + "=" +
               info.default_value +
               (info.range.empty() ? "" : " (env." + value.key + " may be " + info.range + ")");
    }
  }
  throw Error(place + spec.id + " has " + std::to_string(spec.players) +
              " players who take turns, and " + config.agent_name.text +
              " learns for a single one: its returns would add up the rewards of both sides; " +
              advice);
}

/// The default of each of `infos`, then what was given over it; the last value of each key.
std::vector<ParamValue> all_values(const std::vector<ParamInfo>& infos,
                                   const std::vector<ParamValue>& given) {
  std::vector<ParamValue> values;
  for (const ParamInfo& info : infos) {
    values.push_back({info.name, info.default_value, ""});
    for (const ParamValue& value : given) {
      if (value.key == info.name) values.back() = value;
    }
  }
  return values;
}

/// Of each of `infos` the last value given, if any was.
std::vector<ParamValue> given_values(const std::vector<ParamInfo>& infos,
                                     const std::vector<ParamValue>& given) {
  std::vector<ParamValue> values;
  for (const ParamInfo& info : infos) {
    const auto last = std::find_if(given.rbegin(), given.rend(),
                                   [&](const ParamValue& value) { return value.key == info.name; });
    if (last != given.rend()) values.push_back(*last);
  }
  return values;
}

/// All of the env's own parameters, then the wrappers' that were given.
std::vector<ParamValue> all_env_values(const EnvEntry& env, const std::vector<ParamValue>& given) {
  std::vector<ParamValue> values = all_values(env.params, given);
  const std::vector<ParamValue> wrappers = given_values(env.wrapper_params, given);
  values.insert(values.end(), wrappers.begin(), wrappers.end());
  return values;
}

/// Values as config.yaml will give them back, "[64, 64]" for "[64,64]", so that what was resolved
/// and what is read from a run's folder are the same texts.
RunConfig as_written(RunConfig config) {
  const Config written = parse_config(format_run_config(config, {}), "config.yaml");
  const auto take = [](const std::vector<ParamValue>& from, std::vector<ParamValue>& to) {
    for (ParamValue& value : to) {
      for (const ParamValue& each : from) {
        if (each.key == value.key) value.text = each.text;
      }
    }
  };
  take(written.env, config.env);
  take(written.agent, config.agent_params);
  return config;
}

/// Several threads that act need a buffer to hand steps over, and an env each.
void check_actors(const AgentInfo& agent, const RunParams& run,
                  const std::vector<ParamValue>& values) {
  if (run.actors == 1) return;
  const std::string place =
      place_of(values, {"actors", "num_envs"}) + "run.actors: " + std::to_string(run.actors);
  if (!agent.replay_schema) {
    std::string names;
    for (const AgentInfo& each : agents()) {
      if (each.replay_schema) names += (names.empty() ? "" : ", ") + each.name;
    }
    throw Error(place + " needs an agent that learns from a replay buffer (" + names + "); " +
                agent.name + " learns from its newest steps. Use run.threads");
  }
  if (run.actors > run.num_envs) {
    throw Error(place + " are more than run.num_envs: " + std::to_string(run.num_envs) +
                "; each acts in envs of its own");
  }
}

}  // namespace

Config config_from_words(const std::vector<std::string>& words) {
  if (words.size() == 2) {
    const std::vector<std::string> names = agent_names();
    const auto is_agent = [&](const std::string& word) {
      return std::find(names.begin(), names.end(), word) != names.end();
    };
    if (!is_agent(words[0]) && is_agent(words[1])) {
      throw Error("the agent comes first: " + words[1] + " " + words[0]);
    }
    Config config;
    config.agent_name = {"name", words[0], kCommandLine};
    config.env_id = {"id", words[1], kCommandLine};
    return config;
  }
  if (words.size() != 1) {
    throw Error("expected a configuration file, or an agent and an env (ppo CartPole-v1)");
  }
  const std::string& word = words[0];
  std::error_code error;
  if (std::filesystem::exists(word, error) || word.find_first_of("./") != std::string::npos) {
    return read_config(word);
  }
  for (const std::string& name : agent_names()) {
    if (word != name) continue;
    throw Error("'" + word + "' is an agent and needs an env beside it: " + word + " CartPole-v1");
  }
  for (const std::string& id : registry().ids()) {
    if (word != id) continue;
    throw Error("'" + word + "' is an env and needs an agent before it: ppo " + word);
  }
  return read_config(word);
}

RunConfig resolve_run_config(Config config, const std::vector<ParamValue>& assignments) {
  apply_assignments(config, assignments);
  const EnvEntry& env = find_env_at(config.env_id);
  const AgentInfo& agent = find_agent_at(config);
  const EnvSpec spec = checked_spec(env, config);
  check_players(env, spec, config);

  std::vector<ParamValue> run_values = agent.run_defaults;
  run_values.insert(run_values.end(), config.run.begin(), config.run.end());

  RunConfig resolved;
  resolved.env_id = config.env_id.text;
  // A plugin's path must hold from other folders too.
  if (!env.checksum.empty() && !is_gym_name(resolved.env_id)) {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::absolute(resolved.env_id, error);
    if (error) {
      throw Error::failure("cannot tell where '" + resolved.env_id + "' is: " + error.message() +
                           ". Is the present folder gone?");
    }
    resolved.env_id = path.lexically_normal().string();
  }
  resolved.env = all_env_values(env, config.env);
  resolved.agent = agent.name;
  resolved.agent_params = all_values(agent.params, config.agent);
  load_params(resolved.run, run_values, "run", "'tern describe run' lists all keys");
  check_actors(agent, resolved.run, run_values);
  check_levels("train", resolved.run.train_level_begin, resolved.run.train_level_end, spec,
               run_values);
  check_levels("eval", resolved.run.eval_level_begin, resolved.run.eval_level_end, spec,
               run_values);
  check_demand(agent, {spec, resolved.run, config.agent, run_values});
  check_text("env.id", resolved.env_id);
  for (const ParamValue& value : resolved.env) check_text("env." + value.key, value.text);
  for (const ParamValue& value : resolved.agent_params) {
    check_text("agent." + value.key, value.text);
  }
  return as_written(std::move(resolved));
}

RunConfig with_newer_keys(RunConfig config) {
  config.env = all_env_values(registry().find(config.env_id), config.env);
  config.agent_params = all_values(find_agent(config.agent).params, config.agent_params);
  return as_written(std::move(config));
}

const std::vector<std::string>& resumable_keys() {
  static const std::vector<std::string> keys = {
      "threads",          "eval_every",       "eval_episodes", "final_eval_episodes",
      "checkpoint_every", "keep_checkpoints", "log_every"};
  return keys;
}

namespace {

constexpr char kTotalSteps[] = "total_steps";

/// Throws Error unless the key may change when a run goes on.
void check_resumable(const ParamValue& value) {
  const std::string bare = value.key.rfind("run.", 0) == 0 ? value.key.substr(4) : value.key;
  std::vector<std::string> allowed = resumable_keys();
  std::string list;
  for (const std::string& key : allowed) list += (list.empty() ? "" : ", ") + key;
  allowed.push_back(kTotalSteps);
  if (std::find(allowed.begin(), allowed.end(), bare) != allowed.end()) return;
  throw Error(value.where + ": '" + value.key + "' cannot change when a run goes on." +
              did_you_mean(bare, allowed) + " (these can: " + list + "; and " + kTotalSteps +
              ", to a larger number)");
}

}  // namespace

RunConfig resolve_resumed_config(const RunRef& run, const std::vector<ParamValue>& overrides,
                                 const RunEnvWords& words) {
  for (const ParamValue& value : overrides) check_resumable(value);
  const Config config = read_config(RunPaths(run.run).config);
  std::optional<Manifest> manifest;
  if (run.step) manifest = Checkpoint(run.run, *run.step).manifest();
  find_run_env(run.run, config.env_id.text, manifest ? &*manifest : nullptr, words);
  const RunConfig kept = resolve_run_config(config, {});
  const RunConfig resolved = resolve_run_config(config, overrides);
  if (resolved.run.total_steps < kept.run.total_steps) {
    throw Error(
        place_of(overrides, {"total_steps", "run.total_steps"}) +
        "run.total_steps: " + std::to_string(resolved.run.total_steps) + " is less than the " +
        std::to_string(kept.run.total_steps) + " of " + run.run +
        "; a run that goes on can be made longer, not shorter (to end it early: --stop-at)");
  }
  return resolved;
}

std::string run_name(const Config& config) {
  const auto stem = [](const std::string& path) {
    return std::filesystem::path(path).stem().string();
  };
  if (!config.file.empty()) return stem(config.file);
  // A plugin's path "./libmaze.so:Maze-v0" gives "libmaze".
  const bool is_path = config.env_id.text.find('/') != std::string::npos;
  return config.agent_name.text + "_" + (is_path ? stem(config.env_id.text) : config.env_id.text);
}

std::string format_run_config(const RunConfig& config, const std::vector<std::string>& heading) {
  const EnvEntry& env = registry().find(config.env_id);
  const AgentInfo& agent = find_agent(config.agent);
  ConfigSection env_section{"env", config.env, env.all_params()};
  env_section.values.insert(env_section.values.begin(), {"id", config.env_id, ""});
  ConfigSection agent_section{"agent", config.agent_params, agent.params};
  agent_section.values.insert(agent_section.values.begin(), {"name", config.agent, ""});
  return format_config(
      {env_section, agent_section, {"run", format_params(config.run), list_params<RunParams>()}},
      heading);
}

}  // namespace tern
