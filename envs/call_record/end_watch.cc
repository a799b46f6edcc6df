#include "envs/call_record/end_watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/run_in_child.h"
#include "envs/call_record/env_calls.h"
#include "envs/call_record/short_text.h"

namespace tern {
namespace {

/// What both processes see, besides the notes of the calls.
struct Shared {
  std::atomic<bool> was_told;
  char hint[kEndHintBytes];
};

Shared* shared() {
  static Shared* const memory = [] {
    static Shared alone;
    void* const pages =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? &alone : new (pages) Shared();
  }();
  return memory;
}

// The writing end is this process's alone: reading ends when it does.
int pipe_ends[2] = {-1, -1};
pid_t watched_process = 0, watcher = 0;

extern "C" void close_in_copy() {
  if (pipe_ends[1] >= 0) close(pipe_ends[1]);
  pipe_ends[1] = -1;
  watcher = 0;
}

/// How the process ended, as waitpid() says it, or -1. It can be read while nobody has waited for
/// it yet, which is a matter of luck: most of the time.
int status_of_ended(pid_t process) {
  char path[32] = "/proc/", text[1024];
  char* const end = std::to_chars(path + 6, path + 20, process).ptr;
  std::strcpy(end, "/stat");
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return -1;
  text[size] = '\0';
  const char* const last = std::strrchr(text, ' ');  // exit_code is the last of its fields
  return last == nullptr || std::strrchr(text, ')') > last ? -1 : std::atoi(last + 1);
}

bool is_sent_by_people(int signal) {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

/// " ended this process .." as the middle of a sentence; false: nothing is to be said.
bool add_how(ShortText& text, int status) {
  if (status < 0) {
    text.add(
        "this process was ended without a word, by the system call exit_group or by SIGKILL "
        "('kill -9', want of memory),");
  } else if (WIFEXITED(status)) {
    text.add("this process was ended with status ");
    text.add(WEXITSTATUS(status));
    text.add(" by the bare system call exit_group");
  } else if (WTERMSIG(status) == SIGKILL) {
    text.add(
        "this process was killed (SIGKILL: by 'kill -9', by the system for want of memory, or "
        "by the env itself)");
  } else if (is_sent_by_people(WTERMSIG(status))) {
    return false;
  } else {
    const char* const crash = crash_text(WTERMSIG(status), /*stack_overflow=*/false);
    text.add(crash == nullptr ? "this process was ended by signal " : "this process crashed (");
    if (crash == nullptr) text.add(WTERMSIG(status));
    if (crash != nullptr) text.add(crash);
    if (crash != nullptr) text.add(")");
  }
  return true;
}

void report(int status) {
  char calls[1024];
  if (shared()->was_told.load() || !describe_shared_calls(calls, sizeof calls)) return;
  ShortText text;
  text.add("\ntern: error: ");
  if (!add_how(text, status)) return;
  text.add(" inside ");
  text.add(calls);
  text.add(
      ".\nWith env.isolate=process the env runs in a process of its own: an end of that is an "
      "error "
      "that names\nthe step and keeps the episode.\n");
  if (shared()->hint[0] != '\0') {
    text.add(shared()->hint);
    text.add("\n");
  }
  text.write_to_stderr();
}

void close_all_but(int kept) {
  for (int file = 0; file < 1024; ++file) {
    if (file != STDERR_FILENO && file != kept) close(file);
  }
  // What a program has beyond that many would only stay open as long as it lives.
}

/// The watcher's life. One thread, in a copy of memory that others may have been writing: no
/// allocation, no lock.
[[noreturn]] void watch() {
  setpgid(0, 0);  // Ctrl-C is not for it
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTTOU, SIGPIPE, SIGTSTP}) {
    signal(number, SIG_IGN);
  }
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) signal(number, SIG_DFL);
  prctl(PR_SET_NAME, "tern-watcher");
  close_all_but(pipe_ends[0]);
  char byte;
  while (read(pipe_ends[0], &byte, 1) < 0 && errno == EINTR) {
  }
  report(status_of_ended(watched_process));
  while (true) syscall(SYS_exit_group, 0);
}

}  // namespace

void start_end_watch() {
  if (watcher != 0 && watched_process == getpid()) return;
  static const bool is_closed_in_copies = pthread_atfork(nullptr, nullptr, close_in_copy) == 0;
  shared();
  if (!is_closed_in_copies || pipe2(pipe_ends, O_CLOEXEC) != 0) return;
  watched_process = getpid();
  const pid_t child = fork();
  if (child == 0) watch();
  close(pipe_ends[0]);
  pipe_ends[0] = -1;
  if (child > 0) {
    watcher = child;
  } else {
    close_in_copy();
  }
}

void stop_end_watch() {
  if (watcher == 0 || watched_process != getpid()) return;
  note_end_was_told();
  kill(watcher, SIGKILL);
  while (waitpid(watcher, nullptr, 0) < 0 && errno == EINTR) {
  }
  close_in_copy();
}

void note_end_was_told() {
  shared()->was_told.store(true);
}

char* end_hint() {
  return shared()->hint;
}

}  // namespace tern
