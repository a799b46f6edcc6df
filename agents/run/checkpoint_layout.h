#pragma once
// Names inside `checkpoints/`: folders of steps and the pointer files. Private to agents/run.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tern {

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

/// Points `last` or `best` at a checkpoint: its name and the SHA-256 of its manifest, so that no
/// flipped bit can turn it into a pointer to another one.
void write_pointer(const std::string& run, const std::string& pointer, std::int64_t step);

/// Where the pointer leads; none if the file does not exist. Throws Error::failure if it is damaged
/// or leads to a checkpoint that is gone, with good_checkpoint_advice.
std::optional<std::int64_t> read_pointer(const std::string& run, const std::string& pointer);

/// "\nThe previous good checkpoint is step-2048: 'tern resume runs/x@2048'". damaged: the step that
/// cannot be used, or none to name the newest good one. Verifies until it finds one.
std::string good_checkpoint_advice(const std::string& run, std::optional<std::int64_t> damaged);

}  // namespace tern
