// Law: SIGKILL at any moment leaves a run that resumes, and resumed it becomes the run that was
// never interrupted, byte for byte. Shown exhaustively (a traced child is killed before each of its
// system calls that change a file) and at random moments.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <string>

#include "core/error.h"
#include "core/rng.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::IsEmpty;

constexpr std::int64_t kStart = 60, kEnd = 150;

/// What must hold of a run whatever was killed: its last checkpoint and its best verify in full,
/// and so do all that stand under their name.
void expect_sound(const std::string& run, const std::string& when) {
  try {
    const CheckpointStore store(run);
    const auto last = store.last();
    const auto best = store.best();
    EXPECT_TRUE(!last || Checkpoint(run, *last).has_part("replay.bin")) << when;
    if (best) Checkpoint(run, *best).verify();
    for (const std::int64_t step : store.steps()) {
      const Checkpoint checkpoint(run, step);
      checkpoint.verify();
      EXPECT_EQ(checkpoint.read_part("policy.bin"), sample_part("policy", step, 300)) << when;
    }
  } catch (const Error& error) {
    FAIL() << when << ": " << error.what();
  }
}

void train_and_exit(const std::string& run, std::int64_t end) {
  try {
    train_sample_run(run, end);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    ::_exit(1);
  }
  ::_exit(0);
}

bool changes_files(std::uint64_t number, const std::uint64_t* arguments) {
  switch (number) {
    case SYS_openat:
      return (arguments[2] & (O_CREAT | O_TRUNC)) != 0;
    case SYS_write:
    case SYS_ftruncate:
    case SYS_fsync:
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_mkdirat:
    case SYS_unlinkat:
#ifdef SYS_rename  // x86 has the older calls too
    case SYS_rename:
    case SYS_mkdir:
    case SYS_unlink:
    case SYS_rmdir:
#endif
      return true;
    default:
      return false;
  }
}

enum class Outcome { kKilled, kFinished, kNotAllowed, kBroken };

/// Trains in a child that is killed before its file-changing system call number `count`.
Outcome train_until_call(const std::string& run, int count) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(77);
    ::raise(SIGSTOP);
    train_and_exit(run, kEnd);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) return Outcome::kNotAllowed;
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  while (true) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
      return WEXITSTATUS(status) == 0 ? Outcome::kFinished : Outcome::kBroken;
    }
    if (!WIFSTOPPED(status)) return Outcome::kBroken;
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    struct __ptrace_syscall_info info = {};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) continue;
    static_assert(sizeof info.entry.args[0] == 8);
    if (!changes_files(info.entry.nr, reinterpret_cast<const std::uint64_t*>(info.entry.args))) {
      continue;
    }
    if (count-- > 0) continue;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? Outcome::kKilled : Outcome::kBroken;
  }
}

void copy_run(const std::string& from, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

TEST(Crash, KilledBeforeAnyChangeOfAFileTheRunResumesToTheSameBytes) {
  TemporaryFolder folder;
  const std::string start = folder / "start", whole = folder / "whole", run = folder / "run";
  make_folder(start);
  train_sample_run(start, kStart);
  copy_run(start, whole);
  train_sample_run(whole, kEnd);
  const auto expected = tree_of(whole);

  int calls = 0;
  for (;; ++calls) {
    copy_run(start, run);
    const Outcome outcome = train_until_call(run, calls);
    if (outcome == Outcome::kNotAllowed) {
      GTEST_SKIP() << "this system lets no process trace its child; see the test at random moments";
    }
    ASSERT_NE(outcome, Outcome::kBroken) << "call " << calls;
    const std::string when = "killed before call " + std::to_string(calls);
    expect_sound(run, when);
    if (outcome == Outcome::kFinished) break;
    train_sample_run(run, kEnd);
    ASSERT_THAT(differences(tree_of(run), expected), IsEmpty()) << when;
  }
  EXPECT_THAT(differences(tree_of(run), expected), IsEmpty());
  // Three checkpoints of five files, each written and fsynced, with nine reports to three files.
  EXPECT_GT(calls, 3 * 5 * 3 + 9 * 3);
}

/// Trains in a child that is killed `nanoseconds` after it began. Returns whether it was.
bool train_for(const std::string& run, std::int64_t end, long nanoseconds) {
  const pid_t child = ::fork();
  if (child == 0) {
    struct sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer;
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) ::_exit(1);
    const struct itimerspec moment = {{0, 0}, {0, nanoseconds}};
    ::timer_settime(timer, 0, &moment, nullptr);
    train_and_exit(run, end);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST(Crash, KilledAgainAndAgainAtRandomMomentsTheRunStillEndsTheSame) {
  TemporaryFolder folder;
  const std::int64_t end = 900;  // thirty checkpoints
  const std::string whole = folder / "whole", run = folder / "run";
  make_folder(whole);
  make_folder(run);
  const auto begin = std::chrono::steady_clock::now();
  train_sample_run(whole, end);
  const std::chrono::nanoseconds whole_run = std::chrono::steady_clock::now() - begin;
  // A twentieth of the run on average, however fast this machine is: about twenty kills.
  const auto longest = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(whole_run.count() / 10, 1'000, 900'000'000));

  Rng rng(7, "kills", 0);
  int kills = 0;
  std::int64_t last = 0;
  for (int round = 0; round < 60; ++round) {
    // From before anything is open to some checkpoints on.
    if (!train_for(run, end, 1 + static_cast<long>(rng.below(longest)))) break;
    ++kills;
    expect_sound(run, "kill " + std::to_string(kills));
    const std::int64_t now = CheckpointStore(run).last().value_or(0);
    ASSERT_GE(now, last) << "kill " << kills << " lost a checkpoint";
    last = now;
  }
  train_sample_run(run, end);
  EXPECT_THAT(differences(tree_of(run), tree_of(whole)), IsEmpty()) << kills << " kills";
  EXPECT_GE(kills, 5) << "too few to show anything";
}

}  // namespace
}  // namespace tern
