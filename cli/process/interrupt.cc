#include "cli/process/interrupt.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "envs/call_record/end_watch.h"

namespace tern::cli {
namespace {

volatile std::sig_atomic_t noted_signal = 0;
volatile std::sig_atomic_t child_process = 0;
const char* volatile answer_text = "";

extern "C" void note_interrupt(int signal) {
  const int saved_errno = errno;
  noted_signal = signal;
  note_end_was_told();  // should a second one end the process inside an env, that is no fault of it
  if (child_process > 0) kill(child_process, signal);
  // Nothing can be done here if standard error is closed.
  const char* const text = answer_text;
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
  errno = saved_errno;
}

void note(int signal, struct sigaction& old) {
  struct sigaction action = {};
  action.sa_handler = note_interrupt;
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // the second one does what it always does
  sigaction(signal, nullptr, &old);
  if (old.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard(const char* answer) {
  noted_signal = 0;
  answer_text = answer;
  note(SIGINT, old_interrupt_);
  note(SIGTERM, old_terminate_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

bool InterruptGuard::is_interrupted() { return noted_signal != 0; }

void InterruptGuard::forward_to(pid_t child) { child_process = child; }

void end_by_noted_signal() {
  const int signal = noted_signal;
  if (signal == 0) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  _exit(128 + signal);  // process 1 of a container is not ended by its signals
}

}  // namespace tern::cli
