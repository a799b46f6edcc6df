#pragma once
// A small process that outlives this one if an env ends it without a word: by the bare system call
// exit_group, or by SIGKILL, which no handler and no atexit function hears of.

#include <cstddef>

namespace tern {

/// Starts the watcher, a copy of this process that sleeps until this one has ended; at most one a
/// process. If that ends inside a noted env call (EnvCall), and note_end_was_told() was not called
/// and it was not by a signal that people send to end a program, the watcher writes to standard
/// error how it ended and which calls were going on. It cannot change the exit status. Needs
/// share_own_env_calls(). Where no process can be started there is no watcher.
void start_end_watch();
/// Ends the watcher and waits for it: before a regular end of the program.
void stop_end_watch();

/// Whoever ends the process has said why, or was asked to end it. Async-signal-safe.
void note_end_was_told();

/// A line that reports of an end add, "" for none; in memory that a watcher reads, too. Not more
/// than kEndHintBytes - 1 characters.
inline constexpr std::size_t kEndHintBytes = 512;
char* end_hint();

}  // namespace tern
