#include "envs/conformance/process_state.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <filesystem>
#include <system_error>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "envs/plugin_host/plugin_library.h"

namespace tern {
namespace {

void* handler_of(int number) {
  struct sigaction action = {};
  sigaction(number, nullptr, &action);
  return reinterpret_cast<void*>(action.sa_handler);
}

bool flushes_tiny_numbers() {
#if defined(__x86_64__)
  constexpr unsigned kFlush = 0x8040;  // FTZ and DAZ
  if ((_mm_getcsr() & kFlush) != 0) return true;
#endif
  return loading_changed_arithmetic();
}

}  // namespace

ProcessState ProcessState::now() {
  ProcessState state;
  std::error_code none;
  state.folder = std::filesystem::current_path(none).string();
  state.locale = std::setlocale(LC_ALL, nullptr);
  state.umask = ::umask(0);
  ::umask(static_cast<mode_t>(state.umask));
  state.rounding = std::fegetround();
  state.flushes_to_zero = flushes_tiny_numbers();
#if defined(__GLIBC__)
  state.traps = fegetexcept();
#endif
  state.on_interrupt = handler_of(SIGINT);
  state.on_termination = handler_of(SIGTERM);
  state.has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  return state;
}

std::string difference(const ProcessState& before, const ProcessState& now) {
  if (now.folder != before.folder) {
    return "the current folder became '" + now.folder +
           "'; leave it (chdir): the names of runs and files hang on it";
  }
  if (now.locale != before.locale) {
    return "the locale became '" + now.locale +
           "'; leave it (setlocale): numbers would be read and written in another way";
  }
  if (now.on_interrupt != before.on_interrupt || now.on_termination != before.on_termination) {
    const char* const name = now.on_interrupt != before.on_interrupt ? "SIGINT" : "SIGTERM";
    return std::string("what ") + name +
           " does was changed; leave it (signal, sigaction): Ctrl-C saves a run";
  }
  if (now.flushes_to_zero && !before.flushes_to_zero) {
    return "tiny numbers have become 0 for the whole program; build without -ffast-math and "
           "-Ofast: results would be others than elsewhere";
  }
  if (now.rounding != before.rounding) {
    return "floating-point numbers are rounded in another direction; leave that (fesetround), or "
           "set it back before the call ends";
  }
  if (now.traps != before.traps) {
    return "divisions by zero and the like became signals for the whole program; leave that "
           "(feenableexcept), or set it back before the call ends: arithmetic of Tern's would end "
           "it";
  }
  if (now.umask != before.umask) {
    return "the file mode mask was changed; leave it (umask): files of runs would get other rights";
  }
  if (before.has_output && !now.has_output) {
    return "standard output was closed; leave it open: it belongs to --json documents";
  }
  return "";
}

}  // namespace tern
