#pragma once
// Runs another tern, or another program.

#include <sys/types.h>

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

/// The same with any program, found through PATH: words[0].
ChildResult run_program(const std::vector<std::string>& words,
                        ChildErrors errors = ChildErrors::kShown);

/// A tern that runs beside us; it is asked to end with this object, or with another start.
class BackgroundTern {
 public:
  BackgroundTern() = default;
  ~BackgroundTern() { stop(); }
  BackgroundTern(const BackgroundTern&) = delete;
  BackgroundTern& operator=(const BackgroundTern&) = delete;

  /// Throws Error::failure if it cannot be started.
  void start(const std::vector<std::string>& words);
  void stop();
  /// Whether one was started and has ended by itself; its exit code then.
  bool has_ended(int& exit_code);

 private:
  pid_t child_ = 0;
};

/// "ended with exit code 1", "was killed by signal 11 (Segmentation fault)".
std::string how_it_ended(const ChildResult& result);

}  // namespace tern::cli
