#include "envs/call_record/end_watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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
struct stat pipe_facts = {};  // of that end

/// Whether an env has closed the pipe's end, and with it surely more.
bool is_pipe_closed() {
  struct stat now = {};
  return fstat(pipe_ends[1], &now) != 0 || now.st_dev != pipe_facts.st_dev ||
         now.st_ino != pipe_facts.st_ino;
}

extern "C" void close_in_copy() {
  if (pipe_ends[1] >= 0) close(pipe_ends[1]);
  pipe_ends[1] = -1;
  watcher = 0;
}

/// What the system says of a process that ends, while nobody has waited for it yet.
struct Ending {
  bool has_begun = true;  // also of a process that is gone
  int status = -1;        // as waitpid() says it; -1 where nobody can tell any more
};

Ending ending_of(pid_t process) {
  char path[32] = "/proc/", text[1024];
  char* const end = std::to_chars(path + 6, path + 20, process).ptr;
  std::strcpy(end, "/stat");
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return {};
  text[size] = '\0';
  const char* field = std::strrchr(text, ')');       // the end of the second, its name
  const char* const last = std::strrchr(text, ' ');  // exit_code is the last
  if (field == nullptr || last < field) return {};
  for (int i = 0; i < 7 && field != nullptr; ++i) field = std::strchr(field + 1, ' ');
  constexpr unsigned long kExiting = 4;  // PF_EXITING, of the flags, which are the ninth
  const unsigned long flags = field == nullptr ? kExiting : std::strtoul(field, nullptr, 10);
  const bool is_zombie = std::strstr(text, ") Z") != nullptr;
  return {is_zombie || (flags & kExiting) != 0, std::atoi(last + 1)};
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

void add_hint(ShortText& text) {
  if (shared()->hint[0] == '\0') return;
  text.add(shared()->hint);
  text.add("\n");
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
  add_hint(text);
  text.write_to_stderr();
}

/// The process lives, but the watcher's pipe, which none of ours closes, is closed.
void report_closed_files() {
  char calls[1024];
  ShortText text;
  text.add(
      "\ntern: error: an env closed the files of this process or put another program in its "
      "place (close, closefrom, exec)");
  if (describe_shared_calls(calls, sizeof calls)) {
    text.add(", inside or before ");
    text.add(calls);
  }
  text.add(
      ". Nothing can be saved any more: the process is ended. Close only what the env opened.\n");
  add_hint(text);
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
  // A process that ends closes its files after it has begun to end.
  const Ending ending = ending_of(watched_process);
  if (!ending.has_begun && getppid() == watched_process) {
    kill(watched_process, SIGKILL);
    report_closed_files();
  } else {
    report(ending.status);
  }
  while (true) syscall(SYS_exit_group, 0);
}

}  // namespace

void start_end_watch() {
  if (watcher != 0 && watched_process == getpid()) return;
  static const bool is_closed_in_copies = pthread_atfork(nullptr, nullptr, close_in_copy) == 0;
  shared();
  if (!is_closed_in_copies || pipe2(pipe_ends, O_CLOEXEC) != 0) return;
  watched_process = getpid();
  fstat(pipe_ends[1], &pipe_facts);
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
  if (!is_pipe_closed()) {  // else the watcher is about to end this process, with a sentence
    note_end_was_told();
    kill(watcher, SIGKILL);
  }
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
