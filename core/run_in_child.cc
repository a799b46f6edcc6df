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
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>

#include "core/error.h"
#include "core/params.h"
#include "core/stack_fault.h"

namespace tern {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kOutputKept = 2000;  // bytes of what the child printed last, of each stream
constexpr std::size_t kPrintedKept = 400;  // and first, to standard output

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
  enum Kind : std::uint32_t { kStage, kReturned, kThrew, kFault } kind;
  std::int32_t code;  // of a fault: whether the stack is full
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

volatile std::sig_atomic_t fault_report_fd = -1;

/// Tells of an access to memory that is not there, then lets the signal do what it does.
extern "C" void tell_fault(int number, siginfo_t* info, void* context) {
  if (info != nullptr && info->si_code > 0) {  // else it was sent
    struct {
      MessageHead head;
      char address[sizeof(std::uintptr_t)];  // not aligned: no gap in between
    } message = {
        {MessageHead::kFault, is_stack_overflow(info, context) ? 1 : 0, sizeof message.address},
        {}};
    std::memcpy(message.address, &info->si_addr, sizeof message.address);
    [[maybe_unused]] const ssize_t written = write(fault_report_fd, &message, sizeof message);
  }
  signal(number, SIG_DFL);
  if (info == nullptr || info->si_code <= 0) raise(number);  // else the fault comes again
}

/// Handlers of the program that we are a copy of do not run; faults are told.
void set_signals(int report_fd) {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGINT,
                           SIGTERM, SIGHUP, SIGPIPE}) {
    signal(number, SIG_DFL);
  }
  constexpr std::size_t kStackBytes = 64 * 1024;
  stack_t stack = {};
  stack.ss_sp = std::malloc(kStackBytes);
  stack.ss_size = kStackBytes;
  if (stack.ss_sp == nullptr || sigaltstack(&stack, nullptr) != 0) return;
  fault_report_fd = report_fd;
  struct sigaction action = {};
  action.sa_sigaction = tell_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
}

/// The child's life. Never returns into the caller's frames.
[[noreturn]] void run_child(const std::function<void(const ChildStage&)>& work, pid_t parent,
                            int report_fd, int out_fd, int error_fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it went before we could ask to go with it
  setpgid(0, 0);
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  set_signals(report_fd);
  dup2(out_fd, STDOUT_FILENO);
  dup2(error_fd, STDERR_FILENO);
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);  // a crash loses half a line at most
  std::cout << std::unitbuf;
  // An exit() of the work ends only this copy; the destructors of the program are not its business.
  on_exit([](int status, void*) { _exit(status); }, nullptr);
  const pid_t self = getpid();
  const auto tell = [=](MessageHead::Kind kind, int code, const std::string& text) {
    if (getpid() != self) _exit(0);  // a copy that the work made of us: one report is enough
    send(report_fd, kind, code, text);
  };
  try {
    work([&](const std::string& stage) { tell(MessageHead::kStage, 0, stage); });
    tell(MessageHead::kReturned, 0, "");
  } catch (const Error& error) {
    tell(MessageHead::kThrew, static_cast<int>(error.code()), error.what());
  } catch (const std::exception& error) {
    tell(MessageHead::kThrew, 0, error.what());
  } catch (...) {
    tell(MessageHead::kThrew, 0, "an exception that is no std::exception");
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

std::string last_lines(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > kOutputKept) text.erase(0, text.size() - kOutputKept);
  return text;
}

/// The parent's side: three streams of one child, until it has ended or time is up.
class Listener {
 public:
  Listener(pid_t child, const ChildWatch& watch, ChildReport& report)
      : child_(child), watch_(watch), report_(report) {}

  /// False: time is up.
  bool listen(int report_fd, int out_fd, int error_fd) {
    pollfd streams[3] = {{report_fd, POLLIN, 0}, {out_fd, POLLIN, 0}, {error_fd, POLLIN, 0}};
    std::uint64_t last_pulse = pulse();
    Clock::time_point deadline = Clock::now() + watch_.limit;
    while (!has_exited()) {
      if (pulse() != last_pulse) {
        last_pulse = pulse();
        deadline = Clock::now() + watch_.limit;
      }
      const long long left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) return false;
      // Once its report is closed the child is about to go.
      const long long longest = streams[0].fd < 0 ? 2 : 100;
      if (poll(streams, 3, static_cast<int>(std::min(left, longest))) < 0 && errno != EINTR) {
        throw Error::failure(std::string("cannot listen to a child process: ") +
                             std::strerror(errno));
      }
      take(streams);
    }
    // What is left in the pipes; a process that the child started may hold the other ends open.
    for (pollfd& stream : streams) {
      if (stream.fd >= 0) fcntl(stream.fd, F_SETFL, O_NONBLOCK);
    }
    while (poll(streams, 3, 0) > 0) take(streams);
    return true;
  }
  bool has_told_end() const { return has_told_end_; }
  /// The last lines of standard output, then of standard error, where messages of an end stand.
  std::string output() const {
    const std::string out = last_lines(outputs_[0]), error = last_lines(outputs_[1]);
    return out + (out.empty() || error.empty() ? "" : "\n") + error;
  }

 private:
  std::uint64_t pulse() const { return watch_.pulse ? watch_.pulse() : 0; }

  bool has_exited() const {
    siginfo_t info = {};
    return waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child_;
  }

  void take(pollfd (&streams)[3]) {
    if (streams[0].revents != 0 && !read_some(streams[0].fd, bytes_)) streams[0].fd = -1;
    read_messages();
    for (const int i : {1, 2}) {
      if (streams[i].revents == 0) continue;
      std::string text;
      if (!read_some(streams[i].fd, text)) streams[i].fd = -1;
      if (i == 1 && report_.printed.size() < kPrintedKept) {
        report_.printed += text.substr(0, kPrintedKept - report_.printed.size());
      }
      std::string& output = outputs_[i - 1];
      output += text;
      if (output.size() > 2 * kOutputKept) output.erase(0, output.size() - kOutputKept);
    }
    for (pollfd& stream : streams) stream.revents = 0;
  }

  /// Those that have come whole.
  void read_messages() {
    MessageHead head;
    while (bytes_.size() >= sizeof head) {
      std::memcpy(&head, bytes_.data(), sizeof head);
      if (bytes_.size() - sizeof head < head.length) return;
      const std::string text = bytes_.substr(sizeof head, head.length);
      bytes_.erase(0, sizeof head + head.length);
      switch (head.kind) {
        case MessageHead::kStage:
          report_.stage = text;
          if (watch_.on_stage) watch_.on_stage(text);
          break;
        case MessageHead::kFault:
          report_.stack_overflow = head.code != 0;
          if (text.size() != sizeof report_.fault_address) break;
          std::memcpy(&report_.fault_address, text.data(), text.size());
          break;
        case MessageHead::kReturned:
        case MessageHead::kThrew:
          has_told_end_ = true;
          report_.end = head.kind == MessageHead::kReturned ? ChildReport::End::kReturned
                                                            : ChildReport::End::kThrew;
          report_.code = head.code;
          report_.error = text;
          break;
      }
    }
  }

  pid_t child_;
  const ChildWatch& watch_;
  ChildReport& report_;
  std::string bytes_;
  std::string outputs_[2];
  bool has_told_end_ = false;
};

}  // namespace

ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         std::chrono::milliseconds limit) {
  return run_in_child(work, ChildWatch{limit});
}

ChildReport run_in_child(const std::function<void(const ChildStage&)>& work,
                         const ChildWatch& watch) {
  Pipe report_pipe, out_pipe, error_pipe;
  std::fflush(nullptr);  // else a child that calls exit() would write our buffers a second time
  std::cout.flush();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) {
    throw Error::failure(std::string("cannot start a child process: ") + std::strerror(errno));
  }
  if (child == 0) {
    run_child(work, parent, report_pipe.write_end(), out_pipe.write_end(), error_pipe.write_end());
  }
  setpgid(child, child);  // whichever of us is first
  for (Pipe* const pipe : {&report_pipe, &out_pipe, &error_pipe}) pipe->close_end(1);

  ChildReport report;
  Listener listener(child, watch, report);
  const bool in_time =
      listener.listen(report_pipe.read_end(), out_pipe.read_end(), error_pipe.read_end());
  kill(-child, SIGKILL);  // with all that it started
  int status = 0;
  pid_t waited = 0;
  do {
    waited = waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);

  report.output = listener.output();
  if (!in_time) {
    report.end = ChildReport::End::kTimedOut;
    report.code = static_cast<int>(watch.limit.count());
  } else if (waited == child && WIFSIGNALED(status)) {
    report.end = ChildReport::End::kSignal;
    report.code = WTERMSIG(status);
  } else if (!listener.has_told_end()) {
    report.end = ChildReport::End::kExited;
    report.code = waited == child ? WEXITSTATUS(status) : -1;
  }
  return report;
}

const char* crash_text(int signal, bool stack_overflow) {
  if (stack_overflow) return "SIGSEGV, the stack is full: endless recursion or huge local arrays";
  switch (signal) {
    case SIGSEGV: return "SIGSEGV, invalid memory access";
    case SIGBUS: return "SIGBUS, invalid memory access";
    case SIGABRT: return "SIGABRT: a failed assertion, an uncaught exception or damaged memory";
    case SIGFPE: return "SIGFPE, integer division by zero";
    case SIGILL: return "SIGILL, an instruction that this processor does not have";
    default: return nullptr;
  }
}

std::string describe_end(const ChildReport& report) {
  if (report.end == ChildReport::End::kTimedOut) {
    return "did not come back within " + format_number(report.code / 1000.0) + " s";
  }
  if (report.end == ChildReport::End::kThrew) return "threw an exception (" + report.error + ")";
  if (report.end == ChildReport::End::kExited) {
    return "ended the process with status " + std::to_string(report.code);
  }
  const char* const crash = crash_text(report.code, report.stack_overflow);
  if (crash != nullptr) return std::string("crashed (") + crash + ")";
  return "was ended by signal " + std::to_string(report.code) + " (" + strsignal(report.code) + ")";
}

}  // namespace tern
