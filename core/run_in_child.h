#pragma once
// Runs a function in a child process, so that whatever it does to that process, a crash included,
// is a report here.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace tern {

/// How the child ended.
struct ChildReport {
  enum class End {
    kReturned,  // the function returned
    kThrew,     // it threw; `error` is the text, `code` the exit code of a tern::Error, else 0
    kSignal,    // the process was ended by signal `code`
    kExited,    // the process ended itself with status `code`
    kTimedOut,  // `code`: the limit in milliseconds
  };
  End end = End::kExited;
  int code = 0;
  bool stack_overflow = false;  // the signal came of a stack that was full
  std::uintptr_t fault_address = 0;  // that SIGSEGV or SIGBUS came of; 0 for other signals
  std::string error;
  std::string stage;    // what the function last said it was about to do
  std::string output;   // the last lines that it printed to standard output, then to standard error
  std::string printed;  // the first of what it printed to standard output
};

/// Tells the parent what the function is about to do.
using ChildStage = std::function<void(const std::string&)>;

/// How a parent waits.
struct ChildWatch {
  std::chrono::milliseconds limit;  // of the whole; with a pulse: since that last changed
  std::function<void(const std::string&)> on_stage = nullptr;  // hears each stage as it is told
  /// A number that the child changes as it works, in memory that both share; asked in the parent
  /// about ten times a second.
  std::function<std::uint64_t()> pulse = nullptr;
};

/// Runs `work` in a child process, a copy of this one with one thread, and waits for it, at most
/// `limit`. What it prints does not reach our streams; nothing that it starts in its process group
/// outlives it, and it does not outlive this process. Throws Error::failure if no process can be
/// started.
ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         const ChildWatch& watch);
ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         std::chrono::milliseconds limit);

/// "crashed (SIGSEGV, invalid memory access)", "ended the process with status 3": an ending other
/// than kReturned, as the rest of a sentence.
std::string describe_end(const ChildReport& report);

/// "SIGSEGV, invalid memory access", a literal; null for a signal that is no crash.
/// Async-signal-safe.
const char* crash_text(int signal, bool stack_overflow);

}  // namespace tern
