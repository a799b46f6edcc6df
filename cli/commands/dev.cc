// tern dev: builds an env of one's own, checks it and shows it, again with each change of its
// sources.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>

#include "agents/run/checkpoint.h"
#include "agents/run/run_ref.h"
#include "cli/process/child_process.h"
#include "cli/process/interrupt.h"
#include "cli/text/command.h"
#include "core/files/file_io.h"
#include "core/files/json.h"

namespace tern::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

constexpr auto kLook = std::chrono::milliseconds(200);
constexpr std::size_t kMostLines = 30;  // of what a build says

struct DevPlan {
  std::string folder, build;
  bool is_rust = false;  // built by cargo, not by cmake
  std::string python;    // the file of a project in Python, which nobody builds; "": another
  Words words;           // key=value, of the env, as they were given
  Words params;          // the same with those that a run brings before them
  std::string seed;
  std::string policy;  // a run; "": random actions
  bool has_window = true;
};

/// What a save changes of the sources: sizes and times by path, without the build and hidden files.
using Snapshot = std::map<std::string, std::pair<std::uintmax_t, fs::file_time_type>>;

Snapshot snapshot_of(const DevPlan& plan) {
  Snapshot files;
  std::error_code ignored;
  const fs::path build = fs::weakly_canonical(plan.build, ignored);
  auto entry = fs::recursive_directory_iterator(
      plan.folder, fs::directory_options::skip_permission_denied, ignored);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
    const fs::path& path = entry->path();
    const std::string name = path.filename().string();
    const bool is_other = name[0] == '.' || name == "target" || name == "Cargo.lock" ||
                          name == "__pycache__" || is_file(path.string() + "/config.yaml") ||
                          fs::weakly_canonical(path, ignored) == build;
    if (entry->is_directory(ignored)) {
      if (is_other) entry.disable_recursion_pending();
      continue;
    }
    if (is_other || !entry->is_regular_file(ignored)) continue;
    files[path.string()] = {entry->file_size(ignored), entry->last_write_time(ignored)};
  }
  return files;
}

/// The first name that was added, changed or removed.
std::string difference(const Snapshot& before, const Snapshot& now) {
  for (const auto& [path, facts] : now) {
    const auto found = before.find(path);
    if (found == before.end() || found->second != facts) return path;
  }
  for (const auto& [path, facts] : before) {
    if (now.count(path) == 0) return path;
  }
  return "";
}

std::string last_lines(const std::string& text) {
  std::size_t begin = text.size(), lines = 0;
  while (begin > 0 && lines <= kMostLines) {
    if (text[--begin] == '\n') ++lines;
  }
  return begin == 0 ? text : text.substr(begin + 1);
}

/// The newest shared library in the build folder; "" if there is none.
std::string built_library(const DevPlan& plan) {
  std::string newest;
  fs::file_time_type time;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(plan.build, ignored)) {
    const bool is_copy = entry.path().parent_path().filename() == "deps";  // of cargo
    if (is_copy || entry.path().extension() != ".so" || !entry.is_regular_file(ignored)) continue;
    if (!newest.empty() && entry.last_write_time(ignored) <= time) continue;
    newest = entry.path().string();
    time = entry.last_write_time(ignored);
  }
  return newest;
}

/// The library, or nothing where the build failed; that is told.
std::optional<std::string> build(const DevPlan& plan) {
  if (!plan.python.empty()) return plan.python;
  const auto step = [](const Words& words) {
    const ChildResult result = run_program(words, ChildErrors::kCaptured);
    if (result.signal == 0 && result.exit_code == 0) return true;
    if (!InterruptGuard::is_interrupted()) {
      std::cerr << last_lines(result.output) << "tern: the build failed; waiting for the next save"
                << std::endl;
    }
    return false;
  };
  if (plan.is_rust) {
    if (!step({"cargo", "build", "--release", "--manifest-path", plan.folder + "/Cargo.toml",
               "--target-dir", plan.build})) {
      return std::nullopt;
    }
  } else {
    const bool is_configured = is_file(plan.build + "/CMakeCache.txt");
    if (!is_configured && !step({"cmake", "-S", plan.folder, "-B", plan.build})) {
      return std::nullopt;
    }
    if (!step({"cmake", "--build", plan.build})) return std::nullopt;
  }
  const std::string library = built_library(plan);
  if (!library.empty()) return library;
  std::cerr << "tern: " << plan.build << " holds no .so file after the build; "
            << (plan.is_rust ? "does Cargo.toml say crate-type = [\"cdylib\"]?"
                             : "does CMakeLists.txt call tern_add_plugin?")
            << std::endl;
  return std::nullopt;
}

/// "29 rules hold", or the broken ones with what check-env says of them.
std::string check(const DevPlan& plan, const std::string& library) {
  Words words = {"check-env", library, "--steps", "100", "--json"};
  words.insert(words.end(), plan.params.begin(), plan.params.end());
  const ChildResult result = run_tern(words, ChildErrors::kShown);
  const std::optional<Json> report = Json::try_parse(result.output);
  if (!report) return "the check " + how_it_ended(result);
  std::string broken;
  std::size_t kept = 0;
  for (const Json& rule : (*report)["rules"]) {
    const Json* const passed = rule.find("passed");
    if (passed != nullptr && passed->is_boolean() && passed->boolean()) {
      ++kept;
    } else {
      broken += "\n  FAIL  [" + rule.text_or("rule", "") + "] " + rule.text_or("message", "");
    }
  }
  return broken.empty() ? std::to_string(kept) + " rules hold" : "broken rules:" + broken;
}

/// The same episode each time: the actions of the first one, from the same seed, as far as they go.
class Episode {
 public:
  explicit Episode(const DevPlan& plan) : plan_(plan) {}

  /// One line: what became of it, and where it first differs from the one before.
  std::string play(const std::string& library) {
    Words words = {"rollout", library, "--seed", plan_.seed, "--json"};
    words.insert(words.end(), plan_.params.begin(), plan_.params.end());
    const std::string file = plan_.build + "/tern-dev-actions.json";
    if (has_actions_) {
      words.insert(words.end(), {"--actions", file});
    } else if (!plan_.policy.empty()) {
      words.insert(words.end(), {"--policy", plan_.policy});
    }
    const ChildResult result = run_tern(words, ChildErrors::kShown);
    const std::optional<Json> document = Json::try_parse(result.output);
    if (!document) return "the episode " + how_it_ended(result);
    const Json& steps = (*document)["steps"];
    std::string line = "episode of seed " + plan_.seed + ": " + std::to_string(steps.size()) +
                       " steps, return " + short_sum(steps);
    if (has_actions_) line += ", " + compared(*document);
    before_ = *document;
    if (!has_actions_) keep_actions(steps, file);
    return line;
  }

 private:
  static std::string short_sum(const Json& steps) {
    double sum = 0;
    for (const Json& step : steps) sum += step.number_or("reward", 0);
    return format_number(std::round(sum * 1e4) / 1e4);
  }
  void keep_actions(const Json& steps, const std::string& file) {
    Json actions = Json::list();
    for (const Json& step : steps) actions.push_back(step["action"]);
    const std::string text = actions.dump();
    write_file_durably(file, as_bytes(text));
    has_actions_ = true;
  }
  std::string compared(const Json& now) const {
    if (before_["reset_obs"].dump() != now["reset_obs"].dump()) return "another from the reset on";
    const Json &a = before_["steps"], &b = now["steps"];
    for (std::size_t t = 0; t < std::max(a.size(), b.size()); ++t) {
      if (t < a.size() && t < b.size() && a[t].dump() == b[t].dump()) continue;
      return "another from step " + std::to_string(t + 1) + " on";
    }
    return "the same as before";
  }

  const DevPlan& plan_;
  bool has_actions_ = false;
  Json before_;
};

/// The window goes on from what the one before it showed: the same start, the same actions.
Words watch_words(const DevPlan& plan, const std::string& library) {
  Words words = {"watch", plan.policy.empty() ? library : plan.policy, "--seed", plan.seed};
  if (!plan.policy.empty()) words.insert(words.end(), {"--env", library});
  words.insert(words.end(), plan.words.begin(), plan.words.end());
  const std::string place = plan.build + "/tern-dev-place.json";
  if (is_file(place)) words.insert(words.end(), {"--actions", place});
  words.insert(words.end(), {"--keep-place", place});
  return words;
}

bool is_in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

/// The parameters that a run brings, as words of its env, without those that are said again.
Words run_params(const std::string& policy, const Words& said) {
  const RunRef ref = find_checkpoint(policy);
  const Checkpoint checkpoint(ref.run, *ref.step);
  Words params;
  for (const ParamValue& value : checkpoint.manifest().config.env) {
    const std::string key = value.key + "=";
    const bool is_said_again = std::any_of(said.begin(), said.end(), [&](const std::string& word) {
      return word.compare(0, key.size(), key) == 0;
    });
    if (!is_said_again) params.push_back(key + value.text);
  }
  return params;
}

ExitCode run_dev(const DevPlan& plan) {
  if (!plan.python.empty()) make_folders(plan.build);  // for what is kept between two looks
  const InterruptGuard guard("");
  std::error_code ignored;
  fs::remove(plan.build + "/tern-dev-place.json", ignored);  // of an earlier tern dev
  BackgroundTern window;
  Episode episode(plan);
  Snapshot seen;
  for (int builds = 0; !InterruptGuard::is_interrupted();) {
    const Snapshot now = snapshot_of(plan);
    const std::string changed = difference(seen, now);
    int exit_code = 0;
    if (window.has_ended(exit_code)) {
      if (exit_code == 0) return ExitCode::kSuccess;  // the person closed it
      std::cerr << "tern: the window ended with " << exit_code << "; waiting for the next save"
                << std::endl;
    }
    if (changed.empty() && builds > 0) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    seen = now;
    const Clock::time_point start = Clock::now();
    const std::optional<std::string> library = build(plan);
    ++builds;
    if (!library) continue;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::string line = (builds > 1            ? "reloaded "
                        : plan.python.empty() ? "built "
                                              : "loaded ") +
                       *library;
    if (plan.python.empty()) line += " in " + format_number(std::round(seconds * 10) / 10) + " s";
    line += ": " + check(plan, *library);
    if (!plan.has_window) line += "; " + episode.play(*library);
    if (InterruptGuard::is_interrupted()) break;
    std::cout << line << std::endl;
    if (!plan.has_window) continue;
    window.stop();  // which says where it stood
    window.start(watch_words(plan, *library));
  }
  return ExitCode::kSuccess;
}

/// The only file in Python of a folder, or that with the folder's name; "" if there is none.
std::string python_file(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".py" && entry.is_regular_file(ignored)) {
      files.push_back(entry.path().filename().string());
    }
  }
  std::string name = fs::weakly_canonical(folder, ignored).filename().string();
  std::replace(name.begin(), name.end(), '-', '_');
  const bool has_name = std::find(files.begin(), files.end(), name + ".py") != files.end();
  if (!has_name && files.size() != 1) return "";
  return folder + "/" + (has_name ? name + ".py" : files[0]);
}

void choose_project(DevPlan& plan) {
  const bool has_cmake = is_file(plan.folder + "/CMakeLists.txt");
  plan.is_rust = !has_cmake && is_file(plan.folder + "/Cargo.toml");
  if (has_cmake || plan.is_rust) return;
  plan.python = python_file(plan.folder);
  if (!plan.python.empty()) return;
  throw Error("'" + plan.folder +
              "' is no folder with a CMakeLists.txt, a Cargo.toml, or one file in Python; 'tern "
              "new-env NAME' writes one");
}

Work prepare_dev(const Args& args) {
  DevPlan plan;
  plan.folder = args.words[0];
  while (plan.folder.size() > 1 && plan.folder.back() == '/') plan.folder.pop_back();
  choose_project(plan);
  if (plan.is_rust && !is_in_path("cargo")) {
    throw Error(
        "'" + plan.folder +
        "' is a Rust project, and there is no program 'cargo' to build it. Install Rust 1.70 or "
        "later, or make sure that PATH names the folder of cargo");
  }
  plan.build = plan.folder + "/build";
  plan.seed = std::to_string(args.integer("--seed", 0, 0));
  plan.policy = args.text("--policy");
  plan.has_window = !args.has("--no-window");
  for (const ParamValue& value : args.assignments) {
    const bool is_long = value.key.rfind("env.", 0) == 0;
    plan.params.push_back(value.key.substr(is_long ? 4 : 0) + "=" + value.text);
    plan.words.push_back(plan.params.back());
  }
  if (!plan.policy.empty()) {
    const Words brought = run_params(plan.policy, plan.params);
    plan.params.insert(plan.params.begin(), brought.begin(), brought.end());
  }
  return [plan] { return run_dev(plan); };
}

}  // namespace

Command make_dev_command() {
  Command command;
  command.name = "dev";
  command.synopses = {"tern dev DIR [key=value ...] [--policy RUN] [--seed N] [--no-window]"};
  command.summary = "build, check and show an env of your own, again with each save";
  command.help =
      "DIR is a project as 'tern new-env' writes it, for CMake, for cargo or in Python. It is "
      "built "
      "into\n"
      "DIR/build, the library is checked with 100 steps for each rule, and a window shows it with\n"
      "random actions, or with the policy of a run in its env. With each save of a source all of "
      "that\n"
      "is done again: a new window, which goes on from the step that the old one showed, by the "
      "same\n"
      "random numbers and actions. What is wrong is told, and the next save is waited for. Closing "
      "the\n"
      "window or Ctrl-C ends it. key=value words configure the env, of a run too.\n"
      "\n"
      "--no-window plays one episode with each build, the actions of the first one, and prints a\n"
      "line: its length and return, and from which step on it is another than before.\n"
      "\n"
      "Examples\n"
      "  tern dev lamp_walk\n"
      "  tern dev lamp_walk speed=0.3 --no-window\n"
      "  tern dev lamp_walk --policy lamp_walk/run speed=0.3\n";
  command.options = {{"--policy", "RUN", "the trained run that plays; random actions without"},
                     {"--seed", "N", "of the env and the random actions (default 0)"},
                     {"--no-window", "", "print a line for each build instead"}};
  command.least_words = 1;
  command.most_words = 1;
  command.takes_assignments = true;
  command.prepare = prepare_dev;
  return command;
}

}  // namespace tern::cli
