#pragma once
// Names inside `checkpoints/`: folders of steps and the pointer files. Private to agents/run.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tern {

inline constexpr const char* kManifestFile = "manifest.json";

std::string checkpoints_folder(const std::string& run);
/// "step-2048"
std::string step_name(std::int64_t step);
/// The step of exactly such a name.
std::optional<std::int64_t> parse_step_name(const std::string& name);
std::string checkpoint_folder(const std::string& run, std::int64_t step);

/// Steps of the folders that stand under their name, ascending; none if there is no such run.
std::vector<std::int64_t> list_checkpoint_steps(const std::string& run);

/// What says that a kNewestOnly part was dropped on purpose: an empty file beside where it was.
std::string dropped_mark(const std::string& part_path);

/// What a pointer file holds: the checkpoint's name and the SHA-256 of its manifest, so that no
/// flipped bit can turn it into a pointer to another one.
std::string pointer_text(const std::string& run, std::int64_t step);
/// Points `last` or `best` at a checkpoint.
void write_pointer(const std::string& run, const std::string& pointer, std::int64_t step);

}  // namespace tern
