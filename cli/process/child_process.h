#pragma once
// Runs another tern and waits for it.

#include <string>
#include <vector>

namespace tern::cli {

struct ChildResult {
  int exit_code = 0;   // where signal is 0
  int signal = 0;      // that ended it; 0: it ended by itself
  std::string output;  // what it wrote to standard output
};

/// Where a child's standard error goes: to ours, or into ChildResult::output.
enum class ChildErrors { kShown, kCaptured };

/// Runs this executable with `words`. SIGINT of the terminal reaches it too. Throws Error::failure
/// if it cannot be started.
ChildResult run_tern(const std::vector<std::string>& words,
                     ChildErrors errors = ChildErrors::kShown);

/// "ended with exit code 1", "was killed by signal 11 (Segmentation fault)".
std::string how_it_ended(const ChildResult& result);

}  // namespace tern::cli
