// Proof: error texts. An env that ends its process in one way each, at a step that the first trial of
// a plugin does not reach: the check goes on to say which call it was, and keeps what it found before.

#include "envs/conformance/child_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "envs/conformance/conformance.h"
#include "envs/conformance/watched_env.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

ChildCheck check_of(const ParamValues& params) {
  ChildCheck check;
  check.options.seed = 7;
  check.options.steps = 100;
  check.options.bench_seconds = 0;
  check.call_limit = std::chrono::milliseconds(700);
  const EnvEntry* const entry = &registry().find(test_plugin("trouble"));
  check.choose = [entry, params] { return std::pair(entry, params); };
  return check;
}

ChildCheckResult result_of(const std::string& kind, const std::string& in = "step",
                           const std::string& at = "40") {
  return check_in_child(check_of({{"kind", kind, "test"}, {"in", in, "test"}, {"at", at, "test"}}));
}

/// The only finding that failed, the last one.
Finding failure(const ChildCheckResult& result) {
  EXPECT_FALSE(result.report.findings.empty());
  for (std::size_t i = 0; i + 1 < result.report.findings.size(); ++i) {
    EXPECT_TRUE(result.report.findings[i].passed) << result.report.findings[i].message;
  }
  const Finding last = result.report.findings.back();
  EXPECT_FALSE(last.passed);
  return last;
}

TEST(ChildCheck, OfASoundEnvIsTheCheckItself) {
  const ChildCheckResult result = result_of("none");
  EXPECT_TRUE(result.report.passed());
  EXPECT_EQ(result.report.env, "Trouble-v0");
  EXPECT_EQ(result.report.findings.size(), conformance_rules().size());
  EXPECT_THAT(result.printed, IsEmpty());
}

TEST(ChildCheck, NamesHowAStepEndedTheProcess) {
  const std::vector<std::pair<std::string, std::string>> endings = {
      {"segfault", "crashed (SIGSEGV"}, {"exit", "ended the process with status 0"},
      {"abort", "crashed (SIGABRT"},    {"divide", "crashed (SIGFPE"},
      {"overflow", "crashed (SIGSEGV"}, {"loop", "did not come back within 0.7 s"}};
  for (const auto& [kind, text] : endings) {
    const Finding found = failure(result_of(kind));
    EXPECT_EQ(found.rule, "runs") << kind;
    EXPECT_THAT(found.message, AllOf(HasSubstr("the env " + text), HasSubstr("in step 40 of episode "),
                                     HasSubstr(", action "), HasSubstr("--seed 7 --steps 100")));
  }
}

TEST(ChildCheck, KeepsTheRulesThatWereKept) {
  const ChildCheckResult drawing = result_of("segfault", "draw");
  EXPECT_EQ(failure(drawing).rule, "draw");
  EXPECT_THAT(failure(drawing).message, HasSubstr("in draw after step 40 of episode "));
  EXPECT_EQ(drawing.report.findings.size(), conformance_rules().size());
  EXPECT_EQ(failure(result_of("abort", "save", "1")).rule, "save-load");
}

TEST(ChildCheck, ACrashInTheMakingIsNamed) {
  EXPECT_THAT(failure(result_of("abort", "create")).message,
              HasSubstr("crashed (SIGABRT: a failed assertion or an uncaught exception) in the "
                        "construction of an env"));
}

TEST(ChildCheck, ALaterStepIsReachedWhileTheSpeedIsMeasured) {
  ChildCheck check = check_of({{"kind", "exit", "test"}, {"at", "1001", "test"}});
  check.options.bench_seconds = 5;
  const Finding found = failure(check_in_child(check));
  EXPECT_EQ(found.rule, "speed");
  EXPECT_THAT(found.message, HasSubstr("step 1001 of episode "));
}

TEST(ChildCheck, WhatTheEnvPrintsIsKeptFromOurStreams) {
  const ChildCheckResult result = result_of("print");
  EXPECT_TRUE(result.report.passed());
  EXPECT_THAT(result.printed, HasSubstr("hello from step"));
}

TEST(ChildCheck, BadParametersAreTheCallersError) {
  EXPECT_THAT(error_of([] { check_in_child(check_of({{"kind", "nice", "a.yaml:3"}})); },
                       ExitCode::kUsage),
              HasSubstr("a.yaml:3: env.kind: 'nice'"));
}

TEST(CallNote, SaysTheNewestCall) {
  CallNote note;
  EXPECT_EQ(note.text(), "before the first call");
  const EnvEntry entry = watched(registry().find(test_plugin("trouble")), note);
  const auto env = entry.make({});
  Rng rng(0, "env");
  ResetContext ctx{rng, 0};
  std::vector<float> obs(1);
  env->reset(ctx, ObsRow(FloatRow(obs)));
  EXPECT_EQ(note.text(), "reset 1");
  const std::vector<std::int32_t> action = {1};
  env->step(ActionRow(Row<const std::int32_t>(action)), rng, ObsRow(FloatRow(obs)));
  EXPECT_EQ(note.text(), "step 1 of episode 1, action 1");
  EXPECT_EQ(note.function(), "step");
  const std::uint64_t before = note.count();
  DoubleVec state;
  env->get_state(state);
  EXPECT_EQ(note.count(), before + 1);
  EXPECT_EQ(note.text(), "get_state after step 1 of episode 1");
}

}  // namespace
}  // namespace tern
