#include "cli/process/interrupt.h"

#include <unistd.h>

#include <cerrno>

namespace tern::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

extern "C" void note_interrupt(int) {
  const int saved_errno = errno;
  interrupted = 1;
  const char message[] =
      "\ntern: saving at the next iteration boundary; Ctrl-C again ends at once\n";
  // Nothing can be done here if standard error is closed.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  errno = saved_errno;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // the second one does what it always does
  sigaction(SIGINT, &action, &old_interrupt_);
  sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

bool InterruptGuard::is_interrupted() {
  return interrupted != 0;
}

}  // namespace tern::cli
