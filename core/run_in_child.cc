#include "core/run_in_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>

#include "core/error.h"
#include "core/params.h"

namespace tern {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kOutputKept = 4096;  // bytes of what the child printed last

/// Both ends of a pipe, closed when it goes.
class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) {
      throw Error::failure(std::string("cannot open a pipe: ") + std::strerror(errno));
    }
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_end(int i) {
    if (ends_[i] >= 0) close(ends_[i]);
    ends_[i] = -1;
  }

 private:
  int ends_[2] = {-1, -1};
};

/// What the child tells: kind, code, length of the text, then the text.
struct MessageHead {
  enum Kind : std::uint32_t { kStage, kReturned, kThrew } kind;
  std::int32_t code;
  std::uint32_t length;
};

void send(int fd, MessageHead::Kind kind, int code, const std::string& text) {
  const MessageHead head = {kind, code, static_cast<std::uint32_t>(text.size())};
  std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
  bytes += text;
  const char* next = bytes.data();
  std::size_t left = bytes.size();
  while (left > 0) {
    const ssize_t written = write(fd, next, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // the parent is gone
    next += written;
    left -= static_cast<std::size_t>(written);
  }
}

/// The child's life. Never returns into the caller's frames.
[[noreturn]] void run_child(const std::function<void(const ChildStage&)>& work, int report_fd,
                            int output_fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGINT,
                           SIGTERM, SIGHUP, SIGPIPE}) {
    signal(number, SIG_DFL);  // not the handlers of the program we are a copy of
  }
  dup2(output_fd, STDOUT_FILENO);
  dup2(output_fd, STDERR_FILENO);
  try {
    work([report_fd](const std::string& stage) { send(report_fd, MessageHead::kStage, 0, stage); });
    send(report_fd, MessageHead::kReturned, 0, "");
  } catch (const Error& error) {
    send(report_fd, MessageHead::kThrew, static_cast<int>(error.code()), error.what());
  } catch (const std::exception& error) {
    send(report_fd, MessageHead::kThrew, 0, error.what());
  } catch (...) {
    send(report_fd, MessageHead::kThrew, 0, "an exception that is no std::exception");
  }
  std::fflush(nullptr);
  _exit(0);
}

/// Reads what is there; false at the end of the stream.
bool read_some(int fd, std::string& into) {
  char buffer[4096];
  const ssize_t count = read(fd, buffer, sizeof buffer);
  if (count > 0) into.append(buffer, static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

/// What the child has told so far.
class Messages {
 public:
  explicit Messages(const ChildWatch& watch) : watch_(watch) {}

  /// Reads those that have come whole.
  void take(std::string& bytes) {
    MessageHead head;
    while (bytes.size() >= sizeof head) {
      std::memcpy(&head, bytes.data(), sizeof head);
      if (bytes.size() - sizeof head < head.length) return;
      const std::string text = bytes.substr(sizeof head, head.length);
      bytes.erase(0, sizeof head + head.length);
      if (head.kind == MessageHead::kStage) {
        stage = text;
        if (watch_.on_stage) watch_.on_stage(text);
        continue;
      }
      has_ended = true;
      end = head.kind == MessageHead::kReturned ? ChildReport::End::kReturned
                                                : ChildReport::End::kThrew;
      code = head.code;
      error = text;
    }
  }

  std::string stage, error;
  ChildReport::End end = ChildReport::End::kExited;
  int code = 0;
  bool has_ended = false;  // the child told how

 private:
  const ChildWatch& watch_;
};

/// Takes both streams until the child closes the report or time is up; false: time is up.
bool listen(Pipe& report, Pipe& output, const ChildWatch& watch, Messages& messages,
            std::string& printed) {
  constexpr long long kPulseCheck = 100;  // milliseconds
  const auto pulse = [&] { return watch.pulse ? watch.pulse() : 0; };
  bool output_is_open = true;
  std::string bytes;
  std::uint64_t last_pulse = pulse();
  Clock::time_point deadline = Clock::now() + watch.limit;
  while (true) {
    if (pulse() != last_pulse) {
      last_pulse = pulse();
      deadline = Clock::now() + watch.limit;
    }
    const long long left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd streams[2] = {{report.read_end(), POLLIN, 0},
                         {output_is_open ? output.read_end() : -1, POLLIN, 0}};
    const long long longest = watch.pulse ? kPulseCheck : 60'000;
    if (poll(streams, 2, static_cast<int>(std::min(left, longest))) < 0 && errno != EINTR) {
      throw Error::failure(std::string("cannot listen to a child process: ") +
                           std::strerror(errno));
    }
    if (streams[1].revents != 0) {
      output_is_open = read_some(output.read_end(), printed);
      if (printed.size() > 2 * kOutputKept) printed.erase(0, printed.size() - kOutputKept);
    }
    if (streams[0].revents == 0) continue;
    if (!read_some(report.read_end(), bytes)) break;
    messages.take(bytes);
  }
  fcntl(output.read_end(), F_SETFL, O_NONBLOCK);  // a grandchild may hold the other end open
  std::size_t before = 0;
  do {
    before = printed.size();
    output_is_open = output_is_open && read_some(output.read_end(), printed);
  } while (output_is_open && printed.size() > before);
  return true;
}

std::string last_lines(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kOutputKept) text.erase(0, text.size() - kOutputKept);
  return text;
}

}  // namespace

ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         std::chrono::milliseconds limit) {
  return run_in_child(work, ChildWatch{limit});
}

ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         const ChildWatch& watch) {
  Pipe report_pipe, output_pipe;
  std::fflush(nullptr);  // else a child that calls exit() would write our buffers a second time
  const pid_t child = fork();
  if (child < 0) {
    throw Error::failure(std::string("cannot start a child process: ") + std::strerror(errno));
  }
  if (child == 0) run_child(work, report_pipe.write_end(), output_pipe.write_end());
  report_pipe.close_end(1);
  output_pipe.close_end(1);

  ChildReport report;
  Messages messages(watch);
  std::string printed;
  const bool in_time = listen(report_pipe, output_pipe, watch, messages, printed);
  if (!in_time) kill(child, SIGKILL);
  int status = 0;
  pid_t waited = 0;
  do {
    waited = waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);

  report.stage = messages.stage;
  report.error = messages.error;
  report.end = messages.end;
  report.code = messages.code;
  report.output = last_lines(printed);
  if (!in_time) {
    report.end = ChildReport::End::kTimedOut;
    report.code = static_cast<int>(watch.limit.count());
  } else if (waited == child && WIFSIGNALED(status)) {
    report.end = ChildReport::End::kSignal;
    report.code = WTERMSIG(status);
  } else if (!messages.has_ended) {
    report.end = ChildReport::End::kExited;
    report.code = waited == child ? WEXITSTATUS(status) : -1;
  }
  return report;
}

std::string describe_end(const ChildReport& report) {
  if (report.end == ChildReport::End::kTimedOut) {
    return "did not come back within " + format_number(report.code / 1000.0) + " s";
  }
  if (report.end == ChildReport::End::kThrew) return "threw an exception (" + report.error + ")";
  if (report.end == ChildReport::End::kExited) {
    return "ended the process with status " + std::to_string(report.code);
  }
  switch (report.code) {
    case SIGSEGV: return "crashed (SIGSEGV, invalid memory access)";
    case SIGBUS: return "crashed (SIGBUS, invalid memory access)";
    case SIGABRT: return "crashed (SIGABRT: a failed assertion or an uncaught exception)";
    case SIGFPE: return "crashed (SIGFPE, integer division by zero)";
    case SIGILL: return "crashed (SIGILL, an instruction that this processor does not have)";
    default:
      return "was ended by signal " + std::to_string(report.code) + " (" + strsignal(report.code) +
             ")";
  }
}

}  // namespace tern
