// Proof: worked examples. Each way in which a child process can end, as the report says it.

#include "core/run_in_child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "core/error.h"

namespace tern {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using End = ChildReport::End;

constexpr std::chrono::milliseconds kPlenty = std::chrono::seconds(60);

TEST(RunInChild, FunctionThatReturns) {
  int here = 1;
  const ChildReport report = run_in_child(
      [&](const ChildStage& stage) {
        here = 2;  // in the copy
        stage("first");
        stage("second");
      },
      kPlenty);
  EXPECT_EQ(report.end, End::kReturned);
  EXPECT_EQ(report.stage, "second");
  EXPECT_EQ(here, 1);
}

TEST(RunInChild, ExceptionArrivesWithItsExitCode) {
  const ChildReport usage = run_in_child([](const ChildStage&) { throw Error("wrong"); }, kPlenty);
  EXPECT_EQ(usage.end, End::kThrew);
  EXPECT_EQ(usage.error, "wrong");
  EXPECT_EQ(usage.code, 2);
  const ChildReport other =
      run_in_child([](const ChildStage&) { throw std::runtime_error("bad"); }, kPlenty);
  EXPECT_EQ(other.error, "bad");
  EXPECT_EQ(other.code, 0);
  EXPECT_EQ(describe_end(other), "threw an exception (bad)");
  const ChildReport strange = run_in_child([](const ChildStage&) { throw 7; }, kPlenty);
  EXPECT_EQ(strange.end, End::kThrew);
}

TEST(RunInChild, SignalIsNamed) {
  const ChildReport report = run_in_child(
      [](const ChildStage& stage) {
        stage("the fall");
        raise(SIGSEGV);
      },
      kPlenty);
  EXPECT_EQ(report.end, End::kSignal);
  EXPECT_EQ(report.code, SIGSEGV);
  EXPECT_EQ(report.stage, "the fall");
  EXPECT_THAT(describe_end(report), HasSubstr("SIGSEGV"));
  EXPECT_THAT(describe_end(run_in_child([](const ChildStage&) { raise(SIGKILL); }, kPlenty)),
              HasSubstr("signal 9"));
}

TEST(RunInChild, HandlersOfTheProgramDoNotRunInTheChild) {
  struct sigaction ignore = {}, before = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGABRT, &ignore, &before);
  const ChildReport report = run_in_child([](const ChildStage&) { raise(SIGABRT); }, kPlenty);
  sigaction(SIGABRT, &before, nullptr);
  EXPECT_EQ(report.end, End::kSignal);
  EXPECT_EQ(report.code, SIGABRT);
}

TEST(RunInChild, EndOfTheProcessIsNoReturn) {
  const ChildReport report = run_in_child([](const ChildStage&) { _exit(0); }, kPlenty);
  EXPECT_EQ(report.end, End::kExited);
  EXPECT_THAT(describe_end(report), HasSubstr("status 0"));
}

TEST(RunInChild, TimeIsLimited) {
  const ChildReport report = run_in_child(
      [](const ChildStage& stage) {
        stage("waiting");
        while (true) pause();
      },
      std::chrono::milliseconds(250));
  EXPECT_EQ(report.end, End::kTimedOut);
  EXPECT_EQ(report.stage, "waiting");
  EXPECT_EQ(describe_end(report), "did not come back within 0.25 s");
}

TEST(RunInChild, LastLinesOfItsOutputAreKept) {
  const ChildReport report = run_in_child(
      [](const ChildStage&) {
        std::printf("begin\n");
        for (int i = 0; i < 50'000; ++i) std::printf("line %d\n", i);  // more than a pipe holds
        std::fprintf(stderr, "end\n");
        std::fflush(stdout);
      },
      kPlenty);
  EXPECT_EQ(report.end, End::kReturned);
  EXPECT_THAT(report.output, EndsWith("line 49999"));
  EXPECT_THAT(report.output, testing::Not(HasSubstr("begin")));
  EXPECT_LE(report.output.size(), 4096u);
}

}  // namespace
}  // namespace tern
