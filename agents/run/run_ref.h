#pragma once
// RUN as the user writes it: a folder or a name under runs/, optionally @last, @best or @N.

#include <cstdint>
#include <optional>
#include <string>

namespace tern {

struct RunRef {
  std::string run;                   // the folder
  std::optional<std::int64_t> step;  // the checkpoint meant; none: the run has no checkpoint yet
};

/// "x", "runs/x", "x@best", "runs/x@4096"; without @ the last checkpoint. Throws Error (exit 2) if
/// there is no such run (nearest names), the folder is none, or that checkpoint does not exist
/// (with the steps there are); Error::failure if the pointer file is damaged.
RunRef find_run(const std::string& text, const std::string& runs_folder = "runs");

/// As find_run, for commands that need a trained policy: a run without a checkpoint is an Error
/// that says so.
RunRef find_checkpoint(const std::string& text, const std::string& runs_folder = "runs");

}  // namespace tern
