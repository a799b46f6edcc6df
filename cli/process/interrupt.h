#pragma once
// Ctrl-C while training: the first one asks for a save, the second ends the process.

#include <csignal>

namespace tern::cli {

/// While one lives, the first SIGINT or SIGTERM is noted and said on standard error, the second
/// ends the process as the signal does. At most one at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  static bool is_interrupted();

 private:
  struct sigaction old_interrupt_ = {}, old_terminate_ = {};
};

}  // namespace tern::cli
