// Proof: worked examples. Each way in which a child process can end, as the report says it.

#include "core/run_in_child.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"

namespace tern {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
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

TEST(RunInChild, StagesAreHeardAsTheyAreTold) {
  std::vector<std::string> heard;
  ChildWatch watch{kPlenty};
  watch.on_stage = [&](const std::string& stage) { heard.push_back(stage); };
  const std::string large(100'000, 'x');  // more than a pipe holds
  const ChildReport report = run_in_child(
      [&](const ChildStage& stage) {
        stage("one");
        stage(large);
        stage(std::string("with\0 zero", 10));
        raise(SIGSEGV);
      },
      watch);
  EXPECT_EQ(report.end, End::kSignal);
  EXPECT_FALSE(report.stack_overflow);
  EXPECT_EQ(heard, (std::vector<std::string>{"one", large, std::string("with\0 zero", 10)}));
}

TEST(RunInChild, APulsePutsOffTheEnd) {
  std::uint64_t beats = 0;
  ChildWatch watch{std::chrono::milliseconds(500)};
  watch.pulse = [&] { return std::min<std::uint64_t>(++beats / 2, 10); };  // then it stands still
  const ChildReport report = run_in_child(
      [](const ChildStage&) {
        while (true) pause();
      },
      watch);
  EXPECT_EQ(report.end, End::kTimedOut);
  EXPECT_GT(beats, 20u);  // each put off the end
}

// Each frame is used after the call, so that no compiler makes a loop of it.
int overflow(int depth) {
  volatile char frame[4096];
  frame[depth % 4096] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflow(depth + 1) + frame[depth % 4096];
}

TEST(RunInChild, AFullStackIsToldFromOtherFaults) {
  const ChildReport report =
      run_in_child([](const ChildStage&) { std::exit(overflow(0)); }, kPlenty);
  EXPECT_EQ(report.end, End::kSignal);
  EXPECT_EQ(report.code, SIGSEGV);
  EXPECT_TRUE(report.stack_overflow);
  EXPECT_THAT(describe_end(report), HasSubstr("the stack is full"));
}

TEST(RunInChild, ExitRunsNoFunctionsOfTheProgram) {
  static pid_t program = 0;
  program = getpid();
  std::atexit([] {
    if (getpid() != program) _exit(77);
  });
  const ChildReport report = run_in_child([](const ChildStage&) { std::exit(5); }, kPlenty);
  EXPECT_EQ(report.end, End::kExited);
  EXPECT_EQ(report.code, 5);
}

TEST(RunInChild, ACopyThatTheWorkMakesTellsNothing) {
  const ChildReport report = run_in_child(
      [](const ChildStage& stage) {
        const bool is_copy = fork() == 0;
        stage(is_copy ? "copy" : "original");
        if (is_copy) pause();
      },
      kPlenty);
  EXPECT_EQ(report.end, End::kReturned);
  EXPECT_EQ(report.stage, "original");
}

TEST(RunInChild, WhatIsPrintedToStandardOutputIsKeptApart) {
  const ChildReport report = run_in_child(
      [](const ChildStage&) {
        std::fprintf(stderr, "to error\n");
        std::printf("to output\n");
      },
      kPlenty);
  EXPECT_EQ(report.printed, "to output\n");
  EXPECT_THAT(report.output, HasSubstr("to error"));
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
  EXPECT_THAT(report.output, EndsWith("line 49999\nend"));
  EXPECT_THAT(report.output, testing::Not(HasSubstr("begin")));
  EXPECT_LE(report.output.size(), 4096u);
}

}  // namespace
}  // namespace tern
