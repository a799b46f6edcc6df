#include "agents/run/checkpoint_layout.h"

#include <algorithm>
#include <charconv>

#include "agents/run/checkpoint.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/files/sha256.h"

namespace tern {
namespace {

constexpr const char* kStepPrefix = "step-";

std::string pointer_text(const std::string& run, std::int64_t step) {
  return step_name(step) + " " +
         sha256_of_file(checkpoint_folder(run, step) + "/" + kManifestFile) + "\n";
}

/// Text from a damaged file, fit for a message.
std::string shown(std::string text) {
  if (text.size() > 40) text = text.substr(0, 40) + "..";
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

std::optional<std::int64_t> pointed_step(const std::string& text) {
  return parse_step_name(text.substr(0, text.find(' ')));
}

/// What is wrong with a pointer file's text, or "".
std::string pointer_problem(const std::string& run, const std::string& text) {
  const auto step = pointed_step(text);
  if (!step) {
    return "it holds '" + shown(text) + "', expected 'step-N' and the SHA-256 of its manifest";
  }
  const std::string folder = checkpoint_folder(run, *step);
  if (!is_folder(folder)) return "it names " + step_name(*step) + ", which does not exist";
  if (!is_file(folder + "/" + kManifestFile) || text != pointer_text(run, *step)) {
    return "the checksum in it is not that of the manifest of " + step_name(*step);
  }
  return "";
}

}  // namespace

std::string checkpoints_folder(const std::string& run) {
  return run + "/checkpoints";
}

std::string step_name(std::int64_t step) {
  return kStepPrefix + std::to_string(step);
}

std::optional<std::int64_t> parse_step_name(const std::string& name) {
  const std::string prefix = kStepPrefix;
  if (name.rfind(prefix, 0) != 0) return std::nullopt;
  std::int64_t step = 0;
  std::from_chars(name.data() + prefix.size(), name.data() + name.size(), step);
  if (step < 0 || step_name(step) != name) return std::nullopt;
  return step;
}

std::string checkpoint_folder(const std::string& run, std::int64_t step) {
  return checkpoints_folder(run) + "/" + step_name(step);
}

std::vector<std::int64_t> list_checkpoint_steps(const std::string& run) {
  std::vector<std::int64_t> steps;
  if (!is_folder(checkpoints_folder(run))) return steps;
  for (const std::string& name : list_folder(checkpoints_folder(run))) {
    if (const auto step = parse_step_name(name)) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

std::string dropped_mark(const std::string& part_path) {
  return part_path + ".dropped";
}

void write_pointer(const std::string& run, const std::string& pointer, std::int64_t step) {
  write_file_durably(checkpoints_folder(run) + "/" + pointer, as_bytes(pointer_text(run, step)));
}

std::optional<std::int64_t> read_pointer(const std::string& run, const std::string& pointer) {
  const std::string path = checkpoints_folder(run) + "/" + pointer;
  while (is_file(path)) {
    const std::string text = read_text_file(path);
    const std::string problem = pointer_problem(run, text);
    if (problem.empty()) return pointed_step(text);
    // A process that trains the run may have moved the pointer and removed what it led to.
    if (is_file(path) && read_text_file(path) != text) continue;
    if (const auto step = pointed_step(text); step && is_folder(checkpoint_folder(run, *step))) {
      const Checkpoint checkpoint(run, *step);  // if its manifest is what is damaged, throws so
    }
    throw Error::failure(path + " is damaged: " + problem + "." +
                         good_checkpoint_advice(run, std::nullopt));
  }
  return std::nullopt;
}

std::string good_checkpoint_advice(const std::string& run, std::optional<std::int64_t> damaged) {
  // Older ones first, the newest of them first; then newer ones.
  std::vector<std::int64_t> steps = list_checkpoint_steps(run);
  std::reverse(steps.begin(), steps.end());
  if (damaged) {
    std::stable_partition(steps.begin(), steps.end(),
                          [damaged](std::int64_t step) { return step < *damaged; });
  }
  for (const std::int64_t step : steps) {
    if (damaged && step == *damaged) continue;
    std::string missing;
    if (!verify_quietly(run, step, missing)) continue;
    const std::string rank = !damaged ? "newest" : step < *damaged ? "previous" : "next";
    return "\nThe " + rank + " good checkpoint is " + step_name(step) + missing +
           ": 'tern resume " + run + "@" + std::to_string(step) + "'";
  }
  return "\nNo " + std::string(damaged ? "other " : "") +
         "checkpoint of this run is good; 'tern train " + run +
         "/config.yaml' starts it again in a new folder";
}

}  // namespace tern
