#pragma once
// Which env function is running on each thread, noted where a signal handler, an atexit function or
// a parent process can still read it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/views.h"

namespace tern {

/// Where a call stands: counted by whoever makes it, from 1.
struct EnvCallPlace {
  std::int64_t episode = 0;  // resets so far, this one included
  std::int64_t step = 0;     // of the episode; 0: none yet
};

/// Of the pages around the rows that a plugin writes (plugin_host/row_guard.h), most of which
/// nobody can write: a fault in there came of a row's writer.
constexpr std::size_t kGuardedPagesBytes = std::size_t{64} << 20;
constexpr const char* kWroteFarOutside =
    "it wrote far outside a row that it was given; write no more than spec() says";

/// Notes for its lifetime that the calling thread is inside a function of an env. A few stores: no
/// system call (but for SharedEnvCalls), no allocation after a thread's first.
class EnvCall {
 public:
  /// function: a literal, "step". env: how messages name it, kept by the caller for the whole call;
  /// of noted_env_name() where a watcher is to read it.
  /// action: of a step.
  /// guarded_pages: kGuardedPagesBytes around the row that the call writes; null for none.
  EnvCall(const char* function, const char* env, EnvCallPlace place, ActionRow action = {},
          const void* guarded_pages = nullptr);
  ~EnvCall();
  EnvCall(const EnvCall&) = delete;
  EnvCall& operator=(const EnvCall&) = delete;

 private:
  void* slot_;
  std::int64_t process_ = 0;  // that the call began in, where notes are shared
};

/// "step 1001 of episode 3, action 2", "reset 4", "draw after step 2 of episode 1" of the call that
/// is going on in this thread, cut to `size` with the zero at its end. False: there is none.
/// Async-signal-safe.
bool describe_own_call(char* text, std::size_t size);
/// The same for the end of a message, " (step 1001 of episode 3, action 2)"; of other functions
/// than step "".
std::string own_call_text();
/// How messages name its env; null where there is none. Async-signal-safe.
const char* env_of_own_call();

/// Whether the call that is going on in this thread touched `address` by writing outside its row.
/// Async-signal-safe.
bool is_in_own_guarded_pages(const void* address);

/// A copy of an env's name that lives as long as the process and can be read where its notes are.
const char* noted_env_name(const std::string& name);

/// From now on copies of this process (fork) can read its notes, also after its end; their own go
/// elsewhere. Once, before the first call.
void share_own_env_calls();
/// The call from which a copy of this process (fork) came back as well, "step 3 of episode 1,
/// action 0"; null while none has. Such a copy ends at once. Needs share_own_env_calls(); cheap.
const char* call_that_forked();

/// In a copy, of the process that shares its notes: "step 3 of episode 1, action 0 of 'Pig-v0'", of
/// several threads with commas between. False: no call was going on. Allocates nothing.
bool describe_shared_calls(char* text, std::size_t size);

/// Called on each thread before its first call is noted: a crash report needs a stack of its own for
/// each thread. Set once, before envs are stepped; null: nothing.
void on_first_env_call(void (*prepare)());

/// Notes of a child process that its parent can read, also after the child's end.
class SharedEnvCalls {
 public:
  /// Throws Error::failure if there is no memory to share.
  SharedEnvCalls();
  ~SharedEnvCalls();
  SharedEnvCalls(const SharedEnvCalls&) = delete;
  SharedEnvCalls& operator=(const SharedEnvCalls&) = delete;

  /// In the child, before its first call: notes go here.
  void use();

  /// Calls begun so far; it stands still while an env is stuck.
  std::uint64_t count() const;
  /// Of the newest call that did not end, or else of the newest: "step 3 of episode 1, action 0". ""
  /// before the first.
  std::string text() const;
  /// Whether the newest call that did not end touched `address` by writing outside its row.
  bool is_in_guarded_pages(std::uintptr_t address) const;
  /// Whether a call was going on.
  bool is_inside() const;
  /// Whether a call made a copy of the process (fork) that came back as well. The copy ends at once,
  /// the process with its next call.
  bool was_forked() const;

 private:
  void* memory_;
};

}  // namespace tern
