#pragma once
// What an env shares with the rest of the program and has to leave alone.

#include <string>

namespace tern {

/// Of this process, and of the calling thread where it is a thread's own.
struct ProcessState {
  std::string folder;  // the current one
  std::string locale;
  unsigned umask = 0;
  int rounding = 0;              // of floating-point numbers, fegetround()
  bool flushes_to_zero = false;  // tiny ones, as -ffast-math has it
  int traps = 0;                 // arithmetic that ends the program, fegetexcept()
  void* on_interrupt = nullptr;
  void* on_termination = nullptr;
  bool has_output = false;  // standard output is open

  static ProcessState now();
};

/// What became of it, and what to do, "" where all is as before.
std::string difference(const ProcessState& before, const ProcessState& now);

}  // namespace tern
