// tern describe: the facts of an env, an agent, the section `run`, or a run.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <optional>

#include "agents/catalog/catalog.h"
#include "agents/run/checkpoint.h"
#include "agents/run/run_ref.h"
#include "cli/text/command.h"
#include "cli/text/describe_env.h"
#include "cli/text/describe_params.h"
#include "cli/text/describe_replay.h"
#include "cli/text/env_words.h"
#include "cli/text/print_json.h"
#include "cli/text/run_env_options.h"
#include "cli/text/table.h"
#include "core/did_you_mean.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"
#include "core/utf8.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/registry.h"
#include "envs/wrappers/wrap.h"

namespace tern::cli {
namespace {

ExitCode describe_agent(const AgentInfo& agent, bool json) {
  if (json) {
    print_json(Json({{"name", agent.name},
                     {"summary", agent.summary},
                     {"reference", agent.reference},
                     {"parameters", params_json(agent.params)},
                     {"run", params_json(list_run_params(&agent))}}));
    return ExitCode::kSuccess;
  }
  std::cout << agent.name << ": " << agent.summary << "\nReference: " << agent.reference
            << "\n\nHyper-parameters (agent.<name>=value): name, default, type, range, meaning\n";
  print_params(agent.params);
  std::cout
      << "\nSchedules are written 3e-4 (constant), lin_3e-4 (to 0 over the run) or\n"
         "{start: 1, end: 0.05, steps: 10000}. 'tern describe run' lists the keys of the run.\n";
  return ExitCode::kSuccess;
}

ExitCode describe_run_section(bool json) {
  if (json) {
    print_json(Json({{"section", "run"}, {"parameters", params_json(list_run_params())}}));
    return ExitCode::kSuccess;
  }
  std::cout
      << "The section 'run' of a configuration (run.<name>=value): name, default, type, range, "
         "meaning\n";
  print_params(list_run_params());
  for (const AgentInfo& agent : agents()) {
    for (const ParamValue& value : agent.run_defaults) {
      std::cout << "With " << agent.name << ", " << value.key << " is " << value.text
                << " by default.\n";
    }
  }
  return ExitCode::kSuccess;
}

ExitCode describe_wrappers(bool json) {
  const std::vector<ParamInfo> wrappers = list_params<WrapperParams>();
  if (json) {
    print_json(Json({{"section", "wrappers"}, {"parameters", params_json(wrappers)}}));
    return ExitCode::kSuccess;
  }
  std::cout << "Wrappers, which any env takes beside its own parameters (env.<name>=value):\n"
               "name, default, type, range, meaning. They are applied in this order.\n";
  print_params(wrappers);
  std::cout << "\nA reward that is changed is learned from; the returns that are reported stay "
               "those of the env.\n";
  return ExitCode::kSuccess;
}

ExitCode describe_run(const Args& args) {
  const std::string& word = args.words[0];
  const bool json = args.has("--json");
  const RunRef ref = find_checkpoint(word);
  const Checkpoint checkpoint(ref.run, *ref.step);
  const Manifest& manifest = checkpoint.manifest();
  std::optional<ReplaySummary> replay;
  if (args.has("--replay")) {
    const RunEnvWords words = run_env_words(args, "describe --replay");
    replay = replay_of(checkpoint, find_checked_env(ref, manifest, words));
  }
  if (json) {
    Json document =
        Json({{"agent", manifest.agent},
              {"env", manifest.env_id},
              {"step", manifest.step},
              {"parameters_sha256", manifest.parameters_sha256},
              {"config", Json::parse(config_to_json(manifest.config))},
              {"run", ref.run},
              {"seconds", manifest.seconds},
              {"eval_mean", manifest.eval_mean ? Json(*manifest.eval_mean) : Json(nullptr)},
              {"tern_version", manifest.tern_version},
              {"blas_core", manifest.blas_core}});
    if (replay) document["replay"] = replay_json(*replay);
    print_json(document);
    return ExitCode::kSuccess;
  }
  std::cout << ref.run << ": " << manifest.agent << " on " << manifest.env_id << "\n";
  std::vector<std::vector<std::string>> rows = {
      {"checkpoint", "step " + std::to_string(manifest.step) + " of " +
                         std::to_string(manifest.config.run.total_steps)},
      {"trained", format_number(std::round(manifest.seconds * 10) / 10) + " s"}};
  if (!manifest.config.run.init_from.empty()) {
    rows.push_back({"began with", "the policy of " + shown(manifest.config.run.init_from)});
  }
  if (manifest.eval_mean) rows.push_back({"mean return", format_number(*manifest.eval_mean)});
  rows.push_back({"parameters", manifest.parameters_sha256 + " (SHA-256)"});
  rows.push_back(
      {"made by", "tern " + manifest.tern_version + ", BLAS core " + manifest.blas_core});
  print_table(rows);
  if (replay) print_replay(*replay);
  const std::string run = shell_word(word);
  std::cout << "\nGo on with: tern eval " << run << ", tern watch " << run << ", tern resume "
            << shell_word(ref.run) << "\n";
  return ExitCode::kSuccess;
}

/// Names of the runs under runs/, for suggestions.
std::vector<std::string> run_names() {
  return is_folder("runs") ? list_folder("runs") : std::vector<std::string>();
}

bool is_run(const std::string& word) {
  const std::string folder = word.substr(0, word.find('@'));
  const std::vector<std::string> names = run_names();
  return word != folder || is_folder(word) ||
         std::find(names.begin(), names.end(), folder) != names.end();
}

ExitCode run_describe(const Args& args) {
  const std::string& word = args.words[0];
  const bool json = args.has("--json");
  const std::vector<std::string> ids = registry().ids();
  const std::vector<std::string> agent_list = agent_names();
  const auto contains = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  const bool is_plugin = names_plugin_file(word);
  if (contains(ids) || is_plugin) {
    if (args.has("--replay")) throw Error("--replay is for runs, and '" + word + "' is an env");
    describe_env(choose_env(word, args.assignments), args);
    return ExitCode::kSuccess;
  }

  if (!args.assignments.empty()) {
    throw Error("key=value words configure an env, and '" + word + "' is none." +
                did_you_mean(word, ids));
  }
  if (args.has("--transitions")) {
    throw Error("--transitions is for tabular envs, and '" + word + "' is no env." +
                did_you_mean(word, ids));
  }
  if (args.has("--replay")) {  // a run may be called as an agent is, or "run"
    if (is_run(word)) return describe_run(args);
    throw Error("--replay is for runs, and '" + word + "' is none." +
                did_you_mean(word, run_names()));
  }
  if (contains(agent_list)) return describe_agent(find_agent(word), json);
  if (word == "run") return describe_run_section(json);
  if (word == "wrappers") return describe_wrappers(json);
  if (is_run(word)) return describe_run(args);

  std::vector<std::string> all = ids;
  all.insert(all.end(), agent_list.begin(), agent_list.end());
  all.insert(all.end(), {"run", "wrappers"});
  for (const std::string& name : run_names()) all.push_back(name);
  throw Error("'" + word + "' is no env, agent or run." + did_you_mean(word, all) +
              " ('tern list' shows envs and agents; runs lie in runs/)");
}

}  // namespace

Command make_describe_command() {
  Command command;
  command.name = "describe";
  command.synopses = {"tern describe ENV|./plugin.so [key=value ...] [--transitions] [--json]",
                      "tern describe AGENT [--json]", "tern describe run|wrappers [--json]",
                      "tern describe RUN [--replay] [--json]"};
  command.summary = "the facts of an env, an agent, a run, the section 'run' or wrappers";
  command.help =
      "An env: each observation field with its place, range and unit, the actions, limits, "
      "reward\n"
      "terms and parameters. An agent: every hyper-parameter with default, range and meaning. A "
      "run:\n"
      "its checkpoint, hash and configuration. 'run': the keys of a run. 'wrappers': what may be "
      "put\n"
      "around any env.\n"
      "\n"
      "Examples\n"
      "  tern describe CartPole-v1\n"
      "  tern describe FrozenLake-v1 map=8x8 --transitions --json\n"
      "  tern describe ppo\n"
      "  tern describe ppo_CartPole-v1-s0@best --json\n";
  command.options = {
      {"--transitions", "", "a tabular env's exact model: probability, next state, reward, end"},
      {"--replay", "", "what a run's replay buffer holds: ages, returns, rewards, actions"},
      {"--json", "", "one JSON document; unbounded ends of ranges are null"}};
  for (const Option& option : run_env_options()) command.options.push_back(option);
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.run = run_describe;
  return command;
}

}  // namespace tern::cli
