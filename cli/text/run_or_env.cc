#include "cli/text/run_or_env.h"

#include <algorithm>
#include <charconv>
#include <iostream>

#include "agents/run/changed_env.h"
#include "agents/run/checkpoint.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "agents/run/run_ref.h"
#include "cli/process/agents_library.h"
#include "cli/text/changed_env_text.h"
#include "cli/text/env_words.h"
#include "cli/text/run_env_options.h"
#include "core/did_you_mean.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"
#include "envs/plugin_host/plugin_host.h"
#include "envs/registry/registry.h"

namespace tern::cli {
namespace {

constexpr int kLeastPixels = 16, kMostPixels = 4096;

std::vector<std::string> run_names() {
  return is_folder("runs") ? list_folder("runs") : std::vector<std::string>();
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_run(const std::string& word) {
  const std::string folder = word.substr(0, word.find('@'));
  return word != folder || is_folder(word) || contains(run_names(), folder);
}

/// A run as it is played: its env, at the levels of its evaluations.
ChosenPlayer player_of(const std::string& run, const RunConfig& config, const EnvEntry& entry) {
  ChosenPlayer player;
  player.entry = &entry;
  player.env_word = config.env_id;
  player.params = config.env;
  player.episode.level_begin = static_cast<std::uint64_t>(config.run.eval_level_begin);
  player.episode.level_end = static_cast<std::uint64_t>(config.run.eval_level_end);
  player.has_policy = true;
  player.run = run;
  player.config = config;
  return player;
}

ChosenPlayer choose_checkpoint(const RunRef& ref, const RunEnvWords& words) {
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  return player_of(ref.run, manifest.config, find_checked_env(ref, manifest, words));
}

ChosenPlayer choose_run(const std::string& word, const std::vector<ParamValue>& assignments,
                        const RunEnvWords& words) {
  const RunRef ref = find_checkpoint(word);
  ChosenPlayer player = choose_checkpoint(ref, words);
  if (assignments.empty()) return player;
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  const ChangedEnv env = change_run_env(ref.run, manifest, *player.entry, assignments);
  player.params = env.params;
  std::cerr << "tern: " << changes_text(env.changes) << std::endl;
  return player;
}

ChosenPlayer env_to_play(const std::string& word, const std::vector<ParamValue>& assignments) {
  const ChosenEnv env = choose_env(word, assignments);
  ChosenPlayer player;
  player.entry = env.entry;
  player.env_word = word;
  player.params = env.params;
  return player;
}

ChosenPlayer choose(const Args& args, const RunEnvWords& words) {
  const std::string& word = args.words[0];
  const std::vector<ParamValue>& assignments = args.assignments;
  const std::vector<std::string> ids = registry().ids();
  const bool is_plugin = names_plugin_file(word);
  if (contains(ids, word) || is_plugin) {
    if (!words.env.empty() || words.trust) {
      throw Error("--env and --trust are for runs, and '" + word + "' is an env");
    }
    return env_to_play(word, assignments);
  }
  if (is_run(word)) return choose_run(word, assignments, words);
  std::vector<std::string> all = ids;
  for (const std::string& name : run_names()) all.push_back(name);
  throw Error("'" + word + "' is neither a run nor an env." + did_you_mean(word, all) +
              " (runs lie in runs/; 'tern list envs' shows all envs)");
}

/// Adds what the other words say.
ChosenPlayer with_options(ChosenPlayer player, const Args& args) {
  player.word = args.words[0];
  player.shell_words = shell_word(player.word);
  for (const ParamValue& value : args.assignments) {
    player.shell_words += " " + shell_word(value.key + "=" + value.text);
  }
  player.episode.seed = static_cast<std::uint64_t>(args.integer("--seed", 0, 0));
  player.episode.stochastic = args.has("--stochastic");
  player.episode.cut_after = static_cast<int>(args.integer("--steps", 0, 1, 1'000'000));
  return player;
}

bool parse_extent(std::string_view text, int& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() &&
         value >= kLeastPixels && value <= kMostPixels;
}

}  // namespace

std::shared_ptr<Policy> ChosenPlayer::load_policy() const {
  return has_policy ? agents_library().load_policy(word) : nullptr;
}

ChosenPlayer choose_player(const Args& args, const std::string& command) {
  return with_options(choose(args, run_env_words(args, command)), args);
}

ChosenPlayer choose_followed_run(const Args& args, const std::string& command) {
  const std::string& word = args.words[0];
  const RunEnvWords words = run_env_words(args, command);
  if (contains(registry().ids(), word) || names_plugin_file(word)) {
    throw Error("--follow is for runs, and '" + word + "' is an env");
  }
  if (!args.assignments.empty()) {
    throw Error("key=value words configure an env, and --follow shows a run as it was configured");
  }
  const RunRef ref = find_run(word);
  const std::size_t at = word.rfind('@');
  if (at != std::string::npos && !is_run_folder(word) && !is_run_folder("runs/" + word)) {
    throw Error("--follow plays the newest checkpoint; leave '" + word.substr(at) + "' out: tern " +
                command + " " + shell_word(ref.run) + " --follow");
  }
  if (ref.step) return with_options(choose_checkpoint(ref, words), args);
  const RunConfig config = resolve_resumed_config(ref, {}, words);
  const EnvEntry& entry = find_run_env(ref.run, config.env_id, nullptr, words);
  return with_options(player_of(ref.run, config, entry), args);
}

PictureSize size_option(const Args& args, const std::string& option, PictureSize fallback) {
  if (!args.has(option)) return fallback;
  const std::string text = args.text(option);
  const std::size_t cross = text.find('x');
  PictureSize size;
  if (cross != std::string::npos &&
      parse_extent(std::string_view(text).substr(0, cross), size.width) &&
      parse_extent(std::string_view(text).substr(cross + 1), size.height)) {
    return size;
  }
  throw Error("option " + option + ": '" + text +
              "' is no size; expected WIDTHxHEIGHT in pixels, " + std::to_string(kLeastPixels) +
              " to " + std::to_string(kMostPixels) + " each, such as 640x480");
}

std::vector<Option> player_options() {
  std::vector<Option> options = {
      {"--seed", "N", "of the envs (default 0)"},
      {"--stochastic", "", "draw actions as in training instead of taking the best"},
      {"--steps", "N", "most steps of an episode (default: its time limit, or 100000)"}};
  for (const Option& option : run_env_options()) options.push_back(option);
  return options;
}

}  // namespace tern::cli
