#include "envs/isolation/env_process.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <thread>

#include "core/params.h"
#include "core/run_in_child.h"

namespace tern {

namespace {

constexpr int kLooks = 4000;  // some 20 us, before a process sleeps

/// A counter that one process raises and the other waits for.
struct Doorbell {
  alignas(64) std::atomic<std::uint32_t> count;
  std::atomic<std::uint32_t> has_sleeper;

  void ring(std::uint32_t now) {
    count.store(now);
    if (has_sleeper.exchange(0) != 0) {
      syscall(SYS_futex, &count, FUTEX_WAKE, 1, nullptr, nullptr, 0);
    }
  }
  bool has_reached(std::uint32_t wanted) const {
    return count.load(std::memory_order_acquire) == wanted;
  }
  /// Looks for `wanted` for some microseconds, then sleeps, at most `limit`. Whether it was
  /// reached.
  bool wait(std::uint32_t wanted, std::chrono::milliseconds limit) {
    for (int look = 0; look < kLooks; ++look) {
      if (has_reached(wanted)) return true;
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause();
#endif
    }
    has_sleeper.store(1);
    const std::uint32_t now = count.load();
    if (now == wanted) return true;
    const timespec time = {limit.count() / 1000, limit.count() % 1000 * 1'000'000};
    syscall(SYS_futex, &count, FUTEX_WAIT, now, &time, nullptr, 0);
    return has_reached(wanted);
  }
};

}  // namespace

/// The memory that both see: counters to wait for, then the request or the answer.
struct EnvProcess::Shared {
  Doorbell sent;        // requests
  Doorbell answered;    // of them
  std::uint32_t threw;  // 0: no; 1 + the exit code
  volatile std::uint64_t busy_with;
};

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeadBytes = 4096;
/// A pipe whose writing end this process has, and no child of it: reading from it ends when this
/// process does, however that happens.
struct Lifeline {
  pid_t owner = 0;
  int ends[2] = {-1, -1};
};
Lifeline& lifeline_of_process() {
  static Lifeline line;
  return line;
}

/// Makes it, once a process.
void make_lifeline() {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  Lifeline& line = lifeline_of_process();
  if (line.owner == getpid()) return;
  if (line.owner != 0) {  // a copy of the process that made it
    close(line.ends[0]);
    close(line.ends[1]);
  }
  if (pipe2(line.ends, O_CLOEXEC) != 0) {
    throw Error::failure(std::string("cannot open a pipe: ") + std::strerror(errno));
  }
  line.owner = getpid();
}

/// In the child: the end to read from; the other one is closed.
int inherited_lifeline() {
  Lifeline& line = lifeline_of_process();
  close(line.ends[1]);
  line.ends[1] = -1;
  return line.ends[0];
}

void end_with_parent(int lifeline_end) {
  std::thread([lifeline_end] {
    char byte;
    while (read(lifeline_end, &byte, 1) < 0 && errno == EINTR) {
    }
    kill(getpid(), SIGKILL);
  }).detach();
}

void settle_signals() {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGINT,
                           SIGTERM, SIGHUP, SIGPIPE}) {
    signal(number, SIG_DFL);
  }
}

}  // namespace

void Message::check(std::size_t size) const {
  if (size <= static_cast<std::size_t>(end_ - next_)) return;
  throw Error::failure("a message of more than " + std::to_string((end_ - begin_) >> 20) +
                       " MiB between Tern and the process of an env; its rows are too large for "
                       "isolate=process");
}

void Message::put_bytes(const void* data, std::size_t size) {
  check(size);
  if (size > 0) std::memcpy(next_, data, size);
  next_ += size;
}

void Message::put_text(const std::string& text) {
  put(static_cast<std::uint64_t>(text.size()));
  put_bytes(text.data(), text.size());
}

void Message::take_bytes(void* data, std::size_t size) {
  check(size);
  if (size > 0) std::memcpy(data, next_, size);
  next_ += size;
}

std::size_t Message::take_count(std::size_t bytes_each) {
  const auto count = take<std::uint64_t>();
  check(count > SIZE_MAX / bytes_each ? SIZE_MAX : static_cast<std::size_t>(count) * bytes_each);
  return static_cast<std::size_t>(count);
}

std::string Message::take_text() {
  const std::size_t size = take_count(1);
  std::string text(reinterpret_cast<const char*>(next_), size);
  next_ += size;
  return text;
}

EnvProcess::EnvProcess(std::string name, const std::function<AnswerRequest()>& make_answer)
    : name_(std::move(name)) {
  void* memory = MAP_FAILED;
  // Only what is used takes memory; where so much may not even be named, less will do.
  for (bytes_ = std::size_t{1} << 32; memory == MAP_FAILED && bytes_ >= 1 << 20; bytes_ /= 4) {
    memory = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) break;
  }
  if (memory == MAP_FAILED) throw Error::failure("cannot share memory with a child process");
  shared_ = new (memory) Shared();

  make_lifeline();
  std::fflush(nullptr);  // else the child writes our buffers a second time
  std::cout.flush();
  child_ = fork();
  if (child_ < 0) {
    const std::string reason = std::strerror(errno);
    munmap(shared_, bytes_);
    throw Error::failure("cannot start a process for envs: " + reason);
  }
  if (child_ == 0) live(make_answer);
}

EnvProcess::~EnvProcess() {
  if (end_.empty()) {
    kill(child_, SIGKILL);
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  munmap(shared_, bytes_);
}

void EnvProcess::live(const std::function<AnswerRequest()>& make_answer) {
  setpgid(0, 0);  // Ctrl-C is the parent's business
  settle_signals();
  end_with_parent(inherited_lifeline());
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  std::cout << std::unitbuf;
  // An exit() of the env ends only this copy; the destructors of the program are not its business.
  on_exit([](int status, void*) { syscall(SYS_exit_group, status); }, nullptr);
  calls_.use();
  std::uint8_t* const begin = reinterpret_cast<std::uint8_t*>(shared_) + kHeadBytes;
  std::uint8_t* const end = reinterpret_cast<std::uint8_t*>(shared_) + bytes_;
  const AnswerRequest answer_request = make_answer();
  for (std::uint32_t done = 0;; ++done) {
    while (!shared_->sent.wait(done + 1, std::chrono::hours(1))) {
    }
    Message request(begin, end), answer(begin, end);
    std::string text;
    int code = -1;
    try {
      answer_request(request, answer, shared_->busy_with);
    } catch (const Error& error) {
      text = error.what();
      code = static_cast<int>(error.code());
    } catch (const std::exception& error) {
      text = error.what();
      code = static_cast<int>(ExitCode::kFailure);
    } catch (...) {
      text = "an exception that is no std::exception";
      code = static_cast<int>(ExitCode::kFailure);
    }
    shared_->threw = static_cast<std::uint32_t>(code + 1);
    if (code >= 0) Message(begin, end).put_text(text);
    shared_->answered.ring(done + 1);
  }
}

Message EnvProcess::request() {
  if (!end_.empty()) throw EnvProcessEnded(end_, static_cast<std::size_t>(shared_->busy_with));
  auto* const base = reinterpret_cast<std::uint8_t*>(shared_);
  return {base + kHeadBytes, base + bytes_};
}

void EnvProcess::send() {
  shared_->sent.ring(++sent_);
}

bool EnvProcess::has_ended() const {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child_;
}

Message EnvProcess::answer(std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kLook(20);
  std::uint64_t calls = calls_.count();
  Clock::time_point deadline = Clock::now() + limit;
  while (!shared_->answered.wait(sent_, kLook)) {
    if (has_ended() && !shared_->answered.has_reached(sent_))
      report_end(std::chrono::milliseconds(0));
    if (calls_.count() != calls) {
      calls = calls_.count();
      deadline = Clock::now() + limit;
    } else if (Clock::now() > deadline) {
      report_end(limit);
    }
  }
  Message answer = request();
  if (shared_->threw == 0) return answer;
  const auto code = static_cast<ExitCode>(shared_->threw - 1);
  throw Error(answer.take_text(), code);
}

void EnvProcess::report_end(std::chrono::milliseconds limit) {
  const bool in_time = limit.count() == 0;
  if (!in_time) kill(child_, SIGKILL);
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  ChildReport report;
  if (!in_time) {
    report.end = ChildReport::End::kTimedOut;
    report.code = static_cast<int>(limit.count());
  } else if (WIFSIGNALED(status)) {
    report.end = ChildReport::End::kSignal;
    report.code = WTERMSIG(status);
  } else {
    report.end = ChildReport::End::kExited;
    report.code = WEXITSTATUS(status);
  }
  const std::string call = calls_.is_inside() ? calls_.text() : "";
  end_ = name_ + " " +
         (calls_.was_forked() ? "made a copy of its process (fork)" : describe_end(report)) +
         (call.empty() ? "" : " in " + call);
  throw EnvProcessEnded(end_, static_cast<std::size_t>(shared_->busy_with));
}

}  // namespace tern
