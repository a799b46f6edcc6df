#include "cli/process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/process/interrupt.h"
#include "cli/process/own_library.h"
#include "core/error.h"

extern char** environ;

namespace tern::cli {
namespace {

std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t size = read(descriptor, buffer, sizeof buffer);
    if (size > 0) {
      text.append(buffer, static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      return text;
    }
  }
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

}  // namespace

ChildResult run_tern(const std::vector<std::string>& words, ChildErrors errors) {
  std::vector<std::string> all = words;
  all.insert(all.begin(), executable_path());
  return run_program(all, errors);
}

ChildResult run_program(const std::vector<std::string>& words, ChildErrors errors) {
  std::vector<std::string> copies = words;
  const std::vector<char*> argv = pointers(copies);
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
    throw Error::failure(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  if (errors == ChildErrors::kCaptured) {
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
  }
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, copies[0].c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  if (error != 0) {
    close(pipe_ends[0]);
    throw Error::failure("cannot start " + copies[0] + ": " + std::strerror(error));
  }
  InterruptGuard::forward_to(child);
  ChildResult result;
  result.output = read_all(pipe_ends[0]);
  close(pipe_ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  InterruptGuard::forward_to(0);
  if (WIFSIGNALED(status)) {
    result.signal = WTERMSIG(status);
  } else {
    result.exit_code = WEXITSTATUS(status);
  }
  return result;
}

void BackgroundTern::start(const std::vector<std::string>& words) {
  stop();
  std::vector<std::string> copies = words;
  copies.insert(copies.begin(), executable_path());
  const int error =
      posix_spawn(&child_, copies[0].c_str(), nullptr, nullptr, pointers(copies).data(), environ);
  if (error == 0) return;
  child_ = 0;
  throw Error::failure("cannot start " + copies[0] + ": " + std::strerror(error));
}

void BackgroundTern::stop() {
  if (child_ == 0) return;
  kill(child_, SIGTERM);
  for (int look = 0; look < 100; ++look) {  // two seconds
    if (waitpid(child_, nullptr, WNOHANG) == child_) {
      child_ = 0;
      return;
    }
    usleep(20'000);
  }
  kill(child_, SIGKILL);
  while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
  child_ = 0;
}

bool BackgroundTern::has_ended(int& exit_code) {
  int status = 0;
  if (child_ == 0 || waitpid(child_, &status, WNOHANG) != child_) return false;
  child_ = 0;
  exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

std::string how_it_ended(const ChildResult& result) {
  if (result.signal == 0) return "ended with exit code " + std::to_string(result.exit_code);
  return "was killed by signal " + std::to_string(result.signal) + " (" + strsignal(result.signal) +
         ")";
}

}  // namespace tern::cli
