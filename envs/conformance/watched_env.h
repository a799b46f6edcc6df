#pragma once
// What an env is doing, noted where a parent process can read it after this one has crashed.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "envs/env_entry.h"

namespace tern {

/// The newest call of an env, in memory that a child process shares with its parent. Calls of
/// several threads are kept apart as long as there are no more than kThreads.
class CallNote {
 public:
  /// Throws Error::failure if there is no memory to share.
  CallNote();
  ~CallNote();
  CallNote(const CallNote&) = delete;
  CallNote& operator=(const CallNote&) = delete;

  /// Says on the calling thread what comes now. function: a literal. action: empty for other
  /// functions than step. Costs no system call.
  void begin(const char* function, std::int64_t episode, std::int64_t step, ActionRow action);
  void end();

  /// Calls so far; a number that stands still while the env is stuck.
  std::uint64_t count() const;
  /// "step 1001 of episode 3, action 2" or "reset 4": the call that was going on, or else the newest.
  std::string text() const;
  /// Its function: "step". "" before the first call.
  std::string function() const;

 private:
  static constexpr std::size_t kThreads = 8, kMostValues = 16;
  struct Slot {
    std::atomic<std::uint64_t> begun, ended;  // numbers of calls; begun > ended: one is going on
    std::atomic<const char*> function;        // the child is a copy of the parent: it reads there, too
    std::atomic<std::int64_t> episode, step;
    std::atomic<std::uint32_t> num_values, is_box;  // of the action
    std::atomic<std::uint32_t> values[kMostValues];
  };
  struct Shared {
    std::atomic<std::uint64_t> count;
    Slot slots[kThreads];
  };
  Slot& own_slot();
  const Slot* newest() const;

  Shared* shared_;
};

/// The entry with every call of its envs noted. note: lives longer than these.
EnvEntry watched(const EnvEntry& entry, CallNote& note);

}  // namespace tern
