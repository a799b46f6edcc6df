#include "envs/python_host/python_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "core/error.h"
#include "core/files/json.h"
#include "core/params.h"
#include "core/run_in_child.h"
#include "envs/call_record/env_calls.h"
#include "envs/python_host/host_script.h"

extern char** environ;

namespace tern {
namespace {

using Clock = std::chrono::steady_clock;

// Reads the host's text from the socket, then becomes it. What the interpreter is given on its
// command line stays short, and `ps` shows which file it runs.
const char kBootstrap[] =
    "import os,sys\n"
    "n=int(os.read(3,8),16);b=b''\n"
    "while len(b)<n:\n"
    " p=os.read(3,n-len(b))\n"
    " if not p: os._exit(0)\n"
    " b+=p\n"
    "exec(compile(b,'<tern>','exec'),{'__name__':'tern_host'})\n";

/// A descriptor out of the way of those that the interpreter finds.
int moved_up(int descriptor) {
  const int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
  close(descriptor);
  return moved;
}

/// The words and the variables of the interpreter.
struct Call {
  explicit Call(const std::string& python, const std::string& file)
      : words{python, "-X", "faulthandler", "-c", kBootstrap, file} {
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    for (char** variable = environ; *variable != nullptr; ++variable) {
      if (std::strncmp(*variable, "PYTHONHASHSEED=", 15) != 0) variables.push_back(*variable);
    }
    variables.push_back(hash_seed.data());  // the order of sets is the same in every process
    variables.push_back(nullptr);
  }
  std::vector<std::string> words;
  std::string hash_seed = "PYTHONHASHSEED=0";
  std::vector<char*> argv, variables;
};

int spawn(const Call& call, int socket, int lifeline, pid_t& child) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, 3);
  posix_spawn_file_actions_adddup2(&actions, lifeline, 4);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);  // Ctrl-C is the parent's business
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawnp(&child, call.argv[0], &actions, &attributes, call.argv.data(),
                                 call.variables.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

std::string python_command() {
  const char* const chosen = std::getenv("TERN_PYTHON");
  return chosen == nullptr || *chosen == '\0' ? "python3" : chosen;
}

}  // namespace

PythonProcess::PythonProcess(const PythonFile& file, std::chrono::milliseconds limit)
    : file_(file), owner_(getpid()) {
  start(python_command());
  try {
    char length[17];  // 8 digits of any length that there is
    std::snprintf(length, sizeof length, "%08zx", std::strlen(kPythonHost));
    send_all(length);
    send_all(kPythonHost);
    Json request = {{"path", file.path}, {"source", file.source}};
    if (!file.gym_id.empty()) request = {{"gym", file.gym_id}};
    contents_ = ask(PythonAsk::kLoad, 0, request.dump(), {file.shown, "loading it"}, limit);
  } catch (...) {
    end();
    throw;
  }
}

void PythonProcess::start(const std::string& python) {
  int ends[2], life[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw Error::failure(std::string("cannot open a socket: ") + std::strerror(errno));
  }
  if (pipe2(life, O_CLOEXEC) != 0) {
    close(ends[0]);
    close(ends[1]);
    throw Error::failure(std::string("cannot open a pipe: ") + std::strerror(errno));
  }
  socket_ = ends[0];
  lifeline_ = life[1];
  const int theirs = moved_up(ends[1]), life_end = moved_up(life[0]);
  const Call call(python, file_.shown);
  const int error = spawn(call, theirs, life_end, child_);
  if (error == 0) {
    // When nobody holds the writing end any more, because we have ended, the kernel ends it.
    fcntl(life_end, F_SETOWN, -child_);  // with all that it started: its group
    fcntl(life_end, F_SETSIG, SIGKILL);
    fcntl(life_end, F_SETFL, fcntl(life_end, F_GETFL) | O_ASYNC);
  }
  close(theirs);
  close(life_end);
  if (error == 0) return;
  close(socket_);
  close(lifeline_);
  const bool is_missing = error == ENOENT;
  throw Error(file_.shown + " is in Python, and " +
              (is_missing ? "there is no program '" + python + "' to run it"
                          : "'" + python + "' cannot be started: " + std::strerror(error)) +
              ". Install Python 3.8 or later, or name it: TERN_PYTHON=/path/to/python3");
}

bool PythonProcess::is_ours() const {
  return owner_ == getpid();
}

PythonProcess::~PythonProcess() {
  end();
}

void PythonProcess::end() {
  if (is_ours() && end_.empty()) {
    shutdown(socket_, SHUT_RDWR);  // it closes its envs and ends
    for (int look = 0; look < 200 && waitpid(child_, nullptr, WNOHANG) == 0; ++look) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    kill(-child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close(socket_);
  close(lifeline_);
}

std::string PythonProcess::ask(PythonAsk what, std::uint64_t env, std::string_view payload,
                               const PythonCaller& caller, std::chrono::milliseconds limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!end_.empty()) throw Error::failure(end_);
  std::string request(13, '\0');
  const auto size = static_cast<std::uint32_t>(payload.size());
  std::memcpy(request.data(), &size, sizeof size);
  request[4] = static_cast<char>(what);
  std::memcpy(request.data() + 5, &env, sizeof env);
  request += payload;

  const Clock::time_point deadline = Clock::now() + limit;
  char head[5];
  if (!send_all(request) || !receive(head, sizeof head, deadline)) report_end(caller, limit);
  std::uint32_t length = 0;
  std::memcpy(&length, head, sizeof length);
  std::string answer(length, '\0');
  if (!receive(answer.data(), length, deadline)) report_end(caller, limit);
  if (head[4] == 0) return answer;
  if (head[4] == 2) throw Error(caller.where + ": " + answer);  // the user named what is not there
  throw Error::failure(caller.where + ": " + caller.function + " failed: " + answer +
                       own_call_text());
}

bool PythonProcess::send_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool PythonProcess::receive(char* into, std::size_t size, Clock::time_point deadline) {
  while (size > 0) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd socket = {socket_, POLLIN, 0};
    const int ready = poll(&socket, 1, static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t count = recv(socket_, into, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    into += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

/// "crashed (SIGSEGV, ..)", or "" where it lives and is ended now.
std::string PythonProcess::how_it_ended() {
  pollfd socket = {socket_, POLLIN, 0};
  const bool is_closed = poll(&socket, 1, 0) != 0;
  int status = 0;
  bool has_ended = false;
  for (int look = 0; is_closed && !has_ended && look < 200; ++look) {
    has_ended = waitpid(child_, &status, WNOHANG) == child_;
    if (!has_ended) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(-child_, SIGKILL);  // with all that it started
  if (!has_ended) {
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    return is_closed ? "closed its connection" : "";
  }
  if (!WIFSIGNALED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  const char* const crash = crash_text(WTERMSIG(status), /*stack_overflow=*/false);
  if (crash != nullptr) return std::string("crashed (") + crash + ")";
  return "was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
         strsignal(WTERMSIG(status)) + ")";
}

void PythonProcess::report_end(const PythonCaller& caller, std::chrono::milliseconds limit) {
  char call[512];
  if (!describe_own_call(call, sizeof call))
    std::snprintf(call, sizeof call, "%s", caller.function);
  const std::string how = how_it_ended();
  end_ = caller.where + ": " +
         (how.empty() ? std::string(call) + " did not come back within " +
                            format_number(static_cast<double>(limit.count()) / 1000) + " s"
                      : "its Python " + how + " in " + call);
  throw Error::failure(end_);
}

std::shared_ptr<PythonProcess> PythonProcesses::get(std::size_t i,
                                                    std::chrono::milliseconds limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  i = std::min(i, kMostPythons - 1);
  if (processes_.size() <= i) processes_.resize(i + 1);
  std::shared_ptr<PythonProcess>& process = processes_[i];
  if (process == nullptr || process->is_over() || !process->is_ours()) {
    process = std::make_shared<PythonProcess>(file_, limit);
  }
  return process;
}

}  // namespace tern
