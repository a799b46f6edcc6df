#include "agents/run/run_ref.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <vector>

#include "agents/run/checkpoint_layout.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "core/did_you_mean.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/shell_word.h"

namespace tern {
namespace {

constexpr std::size_t kMostNamesShown = 8;

std::vector<std::string> run_names(const std::string& folder) {
  std::vector<std::string> names;
  if (!is_folder(folder)) return names;
  for (const std::string& name : list_folder(folder)) {
    if (is_run_folder(folder + "/" + name)) names.push_back(name);
  }
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

[[noreturn]] void refuse_folder(const std::string& path) {
  const std::filesystem::path folder(path);
  if (const auto step = parse_step_name(folder.filename().string())) {
    const std::string run = folder.parent_path().parent_path().string();
    if (is_run_folder(run)) {
      throw Error(path + " is a checkpoint; write it as " +
                  shell_word(run + "@" + std::to_string(*step)));
    }
  }
  if (is_empty_folder(path)) {
    throw Error(path + " is empty: no run began in it, or one was killed before it did. " +
                "It can be used again: tern train .. --out " + shell_word(path));
  }
  throw Error(path + " is no run: it holds no config.yaml");
}

[[noreturn]] void refuse_unknown(const std::string& name, const std::string& runs_folder) {
  const std::filesystem::path path(name);
  const bool is_path = path.has_parent_path();
  const std::string folder = is_path ? path.parent_path().string() : runs_folder;
  const std::vector<std::string> names = run_names(folder);
  std::string message = "no run '" + name + "': neither '" + name + "' nor '" + runs_folder + "/" +
                        name + "' exists.";
  if (names.empty()) {
    throw Error(message + (is_path && is_folder(folder)
                               ? " No run is in '" + folder + "'"
                               : " There are no runs yet; 'tern train' makes one"));
  }
  const std::string suggestion = did_you_mean(path.filename().string(), names);
  if (!suggestion.empty()) throw Error(message + suggestion);
  message += " There are: ";
  for (std::size_t i = 0; i < std::min(names.size(), kMostNamesShown); ++i) {
    message += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > kMostNamesShown) {
    message += " and " + std::to_string(names.size() - kMostNamesShown) + " more in " + folder;
  }
  throw Error(message);
}

std::string find_folder(const std::string& text, const std::string& runs_folder) {
  const std::string name = without_trailing_slash(text);
  if (is_run_folder(name)) return name;
  const std::string below = runs_folder + "/" + name;
  if (is_run_folder(below)) return below;
  if (is_folder(name)) refuse_folder(name);
  if (is_folder(below)) refuse_folder(below);
  refuse_unknown(name, runs_folder);
}

[[noreturn]] void refuse_step(const std::string& run, std::int64_t step,
                              const CheckpointStore& store) {
  const std::vector<std::int64_t> steps = store.steps();
  std::optional<std::int64_t> best, last;
  try {
    best = store.best();
    last = store.last();
  } catch (const Error&) {
    // Only to annotate the list.
  }
  std::vector<std::string> names;
  for (const std::int64_t each : steps) {
    names.push_back(std::to_string(each) + (each == last ? " (last)" : "") +
                    (each == best ? " (best)" : ""));
  }
  const std::int64_t nearest = *std::min_element(
      steps.begin(), steps.end(),
      [step](std::int64_t a, std::int64_t b) { return std::abs(a - step) < std::abs(b - step); });
  throw Error(run + " has no checkpoint at step " + std::to_string(step) + ". There are: " +
              join(names) + ". Did you mean '" + run + "@" + std::to_string(nearest) + "'?");
}

[[noreturn]] void refuse_without_checkpoint(const std::string& run) {
  throw Error(run + " has no checkpoint yet: it stopped before its first one. To start it again from " +
              "its configuration: tern resume " + shell_word(run));
}

/// The step that the word after '@' means.
std::optional<std::int64_t> select(const std::string& run, const std::string& selector,
                                   const std::string& text) {
  const CheckpointStore store(run);
  if (selector == "last") return store.last();
  std::int64_t step = 0;
  const char* end = selector.data() + selector.size();
  const auto parsed = std::from_chars(selector.data(), end, step);
  const bool is_step = parsed.ec == std::errc() && parsed.ptr == end && step >= 0;
  if (!is_step && selector != "best") {
    throw Error("'" + text + "': after '@' comes last, best or a step, not '" + selector + "'." +
                did_you_mean(selector, {"last", "best"}));
  }
  const std::vector<std::int64_t> steps = store.steps();
  if (steps.empty()) refuse_without_checkpoint(run);
  if (is_step) {
    if (!std::binary_search(steps.begin(), steps.end(), step)) refuse_step(run, step, store);
    return step;
  }
  const auto best = store.best();
  if (!best) {
    throw Error(run + " has no best checkpoint: none of them was evaluated. Its last one is " +
                run + "@" + std::to_string(steps.back()));
  }
  return best;
}

}  // namespace

RunRef find_run(const std::string& text, const std::string& runs_folder) {
  const std::size_t at = text.rfind('@');
  // A folder may have an '@' in its own name.
  if (at == std::string::npos || is_run_folder(text) || is_run_folder(runs_folder + "/" + text)) {
    const std::string run = find_folder(text, runs_folder);
    return {run, CheckpointStore(run).last()};
  }
  const std::string run = find_folder(text.substr(0, at), runs_folder);
  return {run, select(run, text.substr(at + 1), text)};
}

RunRef find_checkpoint(const std::string& text, const std::string& runs_folder) {
  RunRef ref = find_run(text, runs_folder);
  if (!ref.step) refuse_without_checkpoint(ref.run);
  return ref;
}

}  // namespace tern
