#pragma once
// Ctrl-C in commands that have something to save or to remove: the first one is noted, the second
// ends the process.

#include <sys/types.h>

#include <csignal>

namespace tern::cli {

/// While one lives, the first SIGINT or SIGTERM is noted and answered on standard error, the second
/// ends the process as the signal does. At most one at a time. A signal that the process was told
/// to ignore stays ignored.
class InterruptGuard {
 public:
  /// answer: a line, kept by the caller.
  explicit InterruptGuard(const char* answer);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  /// Also after the guard is gone.
  static bool is_interrupted();
  /// A child process that gets the signal too; 0: none.
  static void forward_to(pid_t child);

 private:
  struct sigaction old_interrupt_ = {}, old_terminate_ = {};
};

/// Ends the process by the signal that was noted, if one was, once everything is saved and said: a
/// shell then sees 130 or 143 and ends its loop too. Called last.
void end_by_noted_signal();

}  // namespace tern::cli
