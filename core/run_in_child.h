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
    kTimedOut,
  };
  End end = End::kExited;
  int code = 0;
  std::string error;
  std::string stage;   // what the function last said it was about to do
  std::string output;  // the last lines that the process printed, on either stream
};

/// Tells the parent what the function is about to do.
using ChildStage = std::function<void(const std::string&)>;

/// Runs `work` in a child process, a copy of this one with one thread, and waits for it, at most
/// `limit`. What it prints does not reach our streams. Throws Error::failure if no process can be
/// started.
ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                      std::chrono::milliseconds limit);

/// How a parent waits for longer work.
struct ChildWatch {
  std::chrono::milliseconds limit;  // of the whole; with a pulse: since that last changed
  std::function<void(const std::string&)> on_stage = nullptr;  // hears each stage as it is told
  /// A number that the child changes as it works, in memory that both share; asked in the parent.
  std::function<std::uint64_t()> pulse = nullptr;
};
ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         const ChildWatch& watch);

/// "crashed (SIGSEGV, invalid memory access)", "ended the process with status 3": an ending other
/// than kReturned, as the rest of a sentence.
std::string describe_end(const ChildReport& report);

}  // namespace tern
