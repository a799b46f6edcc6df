#pragma once
// Says which env function was running when it ends the process: by a fatal signal or by exit().

#include <string>

namespace tern {

/// From now on a fatal signal, or exit(), inside a noted env call (EnvCall) writes a sentence to
/// standard error that names the env, the function, the step and the action. After that a signal
/// does what it did before (a core file, 128 + its number); exit() ends with 1, whatever it was
/// given. Outside env calls nothing changes. For programs, not for libraries: it takes over
/// signals.
void report_ends_by_envs();

/// Writes the same sentence for a function that ends the process at once, such as _exit(), if it is
/// called inside a noted env call and such reports are wanted. did: " called _exit()". False: it is
/// not. Async-signal-safe.
bool report_end_by_env(const char* did);

/// What such a sentence adds on its own line, such as how to go on with a run; "": nothing. Cut at
/// 500 characters.
void set_end_hint(const std::string& hint);

}  // namespace tern
