#include "agents/run/checkpoint_layout.h"

#include <algorithm>
#include <charconv>

#include "core/files/file_io.h"
#include "core/files/sha256.h"

namespace tern {
namespace {

constexpr const char* kStepPrefix = "step-";

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

std::string pointer_text(const std::string& run, std::int64_t step) {
  return step_name(step) + " " +
         sha256_of_file(checkpoint_folder(run, step) + "/" + kManifestFile) + "\n";
}

void write_pointer(const std::string& run, const std::string& pointer, std::int64_t step) {
  write_file_durably(checkpoints_folder(run) + "/" + pointer, as_bytes(pointer_text(run, step)));
}

}  // namespace tern
