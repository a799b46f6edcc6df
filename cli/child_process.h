#pragma once
// Another tern, run and waited for.

#include <string>
#include <vector>

namespace tern::cli {

struct ChildResult {
  int exit_code = 0;  // where signal is 0
  int signal = 0;     // that ended it; 0: it ended by itself
  std::string output; // what it wrote to standard output
};

/// Runs this executable with `words`; its standard error is ours. SIGINT of the terminal reaches it
/// too. Throws Error::failure if it cannot be started.
ChildResult run_tern(const std::vector<std::string>& words);

/// "ended with exit code 1", "was killed by signal 11 (Segmentation fault)".
std::string how_it_ended(const ChildResult& result);

}  // namespace tern::cli
