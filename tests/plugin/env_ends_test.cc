// Proof: error texts. An env of a plugin that ends the process it runs in, without a child between:
// a sentence says which call it was, and no script takes the end for a success.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <string>
#include <vector>

#include "envs/call_record/env_calls.h"
#include "envs/call_record/fatal_report.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

/// Steps a faulty env 30 times, with a report of its end.
void run(const std::string& fault, std::size_t threads = 1) {
  report_ends_by_envs();
  set_end_hint("tern resume runs/a");
  VecEnvOptions options;
  options.num_envs = threads;
  options.threads = threads;
  VecEnv envs(registry().find(test_plugin("faulty")),
              {{"fault", fault, "test"}, {"at", "3", "test"}}, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers rows(spec.obs, spec.action, spec.metrics.size(), options.num_envs);
  envs.reset(rows.batch.obs, rows.batch.mask);
  for (std::size_t i = 0; i < options.num_envs; ++i) rows.actions[i].discrete() = 1;
  for (int t = 0; t < 30; ++t) envs.step(rows.actions, rows.batch);
  _exit(0);
}

/// Matches one report of an end with the words WHAT, though several threads' envs end the process.
testing::Matcher<const std::string&> IsOneReport(const std::string& what) {
  return testing::ResultOf(
      "the reports of an end",
      [](const std::string& said) {
        std::vector<std::string> reports;
        std::istringstream lines(said);
        for (std::string line; std::getline(lines, line);) {
          if (line.find("tern: error:") != std::string::npos) reports.push_back(line);
        }
        return reports;
      },
      testing::ElementsAre(
          testing::AllOf(testing::HasSubstr("'Faulty-v0'"), testing::HasSubstr(what))));
}

TEST(EnvEndsDeathTest, ExitIsAFailureWithItsPlace) {
  EXPECT_EXIT(run("exit"), testing::ExitedWithCode(1), "");
  EXPECT_EXIT(run("exit", 4), testing::ExitedWithCode(1), IsOneReport("called exit() in step 3"));
  EXPECT_EXIT(run("quick_exit"), testing::ExitedWithCode(1),
              "'Faulty-v0' called quick_exit\\(\\) in step 3");
  EXPECT_EXIT(run("exit"), testing::ExitedWithCode(1), "tern resume runs/a");
}

/// Says what an env threw.
void run_to_error(const std::string& fault) {
  try {
    run(fault);
  } catch (const Error& error) {
    fputs(error.what(), stderr);
    _exit(1);
  }
}

TEST(EnvEndsDeathTest, ACopyOfTheProcessDoesNotComeBack) {
  // The one step is told of by the next, or by the step itself, whoever is faster.
  EXPECT_EXIT(
      run_to_error("fork"), testing::ExitedWithCode(1),
      "'Faulty-v0': made a copy of the process \\(fork\\) in step [3-9] of episode 1, action "
      "1, which came back from the env as well");
}

#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // which have an _exit() of their own
TEST(EnvEndsDeathTest, EndingAtOnceIsAFailureToo) {
  EXPECT_EXIT(run("_exit"), testing::ExitedWithCode(1), "'Faulty-v0' called _exit\\(\\) in step 3");
  EXPECT_EXIT(run("_Exit"), testing::ExitedWithCode(1), "'Faulty-v0' called _Exit\\(\\) in step 3");
#if defined(__x86_64__)
  EXPECT_EXIT(run("exit_group"), testing::ExitedWithCode(1),
              "'Faulty-v0' made the system call exit_group in step 3");
#endif
  EXPECT_EXIT(_exit(7), testing::ExitedWithCode(7), "^$");
  EXPECT_EXIT(syscall(SYS_exit_group, 7), testing::ExitedWithCode(7), "^$");
}

TEST(SystemCall, StaysTheOneOfTheCLibrary) {
  EXPECT_EQ(syscall(SYS_getpid), getpid());
  errno = 0;
  EXPECT_EQ(syscall(SYS_close, -1), -1);
  EXPECT_EQ(errno, EBADF);
  char bytes[4] = "";
  int ends[2];
  ASSERT_EQ(syscall(SYS_pipe2, ends, 0), 0);
  EXPECT_EQ(syscall(SYS_write, ends[1], "abc", 3), 3);
  EXPECT_EQ(syscall(SYS_read, ends[0], bytes, 3), 3);
  EXPECT_STREQ(bytes, "abc");
  void* const page = reinterpret_cast<void*>(  // all six words
      syscall(SYS_mmap, nullptr, 4096L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1L,
              0L));
  ASSERT_NE(page, MAP_FAILED);
  *static_cast<char*>(page) = 1;
  munmap(page, 4096);
}
#endif

#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // they have reports of their own
TEST(EnvEndsDeathTest, ASignalStaysOneAndNamesTheCall) {
  const std::string place = "\\) in step 3 of episode 1, action 1";
  EXPECT_EXIT(run("segfault"), testing::KilledBySignal(SIGSEGV),
              "'Faulty-v0' crashed \\(SIGSEGV, invalid memory access" + place);
  EXPECT_EXIT(run("overflow"), testing::KilledBySignal(SIGSEGV), "the stack is full.*" + place);
  EXPECT_EXIT(run("divide"), testing::KilledBySignal(SIGFPE), "SIGFPE.*" + place);
  EXPECT_EXIT(run("abort"), testing::KilledBySignal(SIGABRT), "SIGABRT.*" + place);
  EXPECT_EXIT(run("segfault"), testing::KilledBySignal(SIGSEGV), "tern resume runs/a");
  EXPECT_EXIT(run("obs_far"), testing::KilledBySignal(SIGSEGV),
              "it wrote far outside a row that it was given.*" + place);
}

TEST(EnvEndsDeathTest, AWorkersStackThatIsFullIsNamed) {
  EXPECT_EXIT(run("overflow", 4), testing::KilledBySignal(SIGSEGV),
              IsOneReport("the stack is full"));
}

TEST(EnvEndsDeathTest, OutsideAnEnvNothingIsSaid) {
  EXPECT_EXIT(
      {
        report_ends_by_envs();
        raise(SIGSEGV);
      },
      testing::KilledBySignal(SIGSEGV), "^$");
}
#endif

TEST(EnvCall, SaysTheCallThatIsGoingOn) {
  char text[200];
  EXPECT_FALSE(describe_own_call(text, sizeof text));
  EXPECT_EQ(env_of_own_call(), nullptr);
  const std::vector<float> action = {0.5f, -1};
  {
    const EnvCall step("step", "'Pig-v0'", {3, 1001}, ActionRow(Row<const float>(action)));
    ASSERT_TRUE(describe_own_call(text, sizeof text));
    EXPECT_STREQ(text, "step 1001 of episode 3, action [0.5, -1]");
    EXPECT_STREQ(env_of_own_call(), "'Pig-v0'");
    ASSERT_TRUE(describe_own_call(text, 8));  // cut, with its zero
    EXPECT_STREQ(text, "step ");              // no half number
  }
  EXPECT_FALSE(describe_own_call(text, sizeof text));
  {
    const EnvCall reset("reset", "'Pig-v0'", {4, 0});
    ASSERT_TRUE(describe_own_call(text, sizeof text));
    EXPECT_STREQ(text, "reset 4");
  }
  {
    const EnvCall draw("draw", "'Pig-v0'", {4, 7});
    ASSERT_TRUE(describe_own_call(text, sizeof text));
    EXPECT_STREQ(text, "draw after step 7 of episode 4");
  }
}

}  // namespace
}  // namespace tern
