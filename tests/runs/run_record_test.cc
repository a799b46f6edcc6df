// Worked examples: what run.json and eval.jsonl say after several processes, and what a damaged one
// leads to.

#include "agents/run/run_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>

#include "agents/run/eval_log.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "core/version.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

const ComputePath kPath = {"SkylakeX", "AVX-512", 2};

TEST(RunRecord, SaysWhereTheRunCameFromAndWhatItCost) {
  TemporaryFolder run;
  RunRecorder recorder(run.path(), "train", "abc1234", 7, kPath, 0);
  recorder.update(2048, "finished");
  const RunRecord record = read_run_record(run.path());
  EXPECT_EQ(record.version, version());
  EXPECT_EQ(record.commit, "abc1234");
  EXPECT_EQ(record.seed, 7);
  EXPECT_EQ(record.path.blas_core, "SkylakeX");
  EXPECT_EQ(record.path.simd, "AVX-512");
  EXPECT_EQ(record.path.threads, 2);
  ASSERT_EQ(record.sessions.size(), 1u);
  const RunSession& session = record.sessions[0];
  EXPECT_EQ(session.command, "train");
  EXPECT_EQ(session.status, "finished");
  EXPECT_EQ(session.first_step, 0);
  EXPECT_EQ(session.last_step, 2048);
  EXPECT_EQ(session.process, ::getpid());
  EXPECT_THAT(session.started, MatchesRegex("20..-..-..T..:..:..Z"));
  EXPECT_GT(session.wall_seconds, 0);
  EXPECT_GT(session.peak_memory_bytes, 1'000'000);
  EXPECT_EQ(record.wall_seconds, session.wall_seconds);
}

TEST(RunRecord, ASessionThatNeverEndedWasKilled) {
  TemporaryFolder run;
  { RunRecorder(run.path(), "train", "", 7, kPath, 0).update(1000); }
  EXPECT_EQ(read_run_record(run.path()).sessions[0].status, "running");
  RunRecorder second(run.path(), "resume", "", 7, {"Haswell", "AVX2", 1}, 1000);
  second.update(5000, "stopped");
  const RunRecord record = read_run_record(run.path());
  ASSERT_EQ(record.sessions.size(), 2u);
  EXPECT_EQ(record.sessions[0].status, "killed");
  EXPECT_EQ(record.sessions[0].last_step, 1000);
  EXPECT_EQ(record.sessions[1].status, "stopped");
  EXPECT_EQ(record.sessions[1].first_step, 1000);
  EXPECT_EQ(record.sessions[1].path.blas_core, "Haswell");
  EXPECT_EQ(record.path.blas_core, "SkylakeX") << "the run's path is that of its first process";
  EXPECT_DOUBLE_EQ(record.wall_seconds,
                   record.sessions[0].wall_seconds + record.sessions[1].wall_seconds);
}

TEST(RunRecord, ADamagedOneIsNamedWhenReadAndBegunAnewByTraining) {
  TemporaryFolder run;
  for (const char* text : {"{\"version\":", "[]", "{\"seed\": \"x\"}"}) {
    write_file_durably(run / "run.json", as_bytes(text));
    EXPECT_THAT(error_of([&] { read_run_record(run.path()); }),
                StartsWith((run / "run.json") + " is damaged: "));
    RunRecorder(run.path(), "resume", "", 7, kPath, 10);
    EXPECT_EQ(read_run_record(run.path()).sessions.size(), 1u);
  }
}

TEST(RunRecord, ThatAFailureCannotBeWrittenDownDoesNotHideTheFailure) {
  TemporaryFolder run;
  RunRecorder recorder(run.path(), "train", "", 7, kPath, 0);
  remove_tree(run.path());  // as bad as a full disk
  EXPECT_THAT(error_of([&] { recorder.update(10, "running"); }),
              StartsWith("cannot create " + (run / "run.json")));
  recorder.update(10, "failed");
}

TEST(EvalLog, OneLineAnEvaluationReadsBack) {
  TemporaryFolder run;
  EXPECT_TRUE(read_evals(run.path()).empty());
  EvalResult result;
  result.env = "CartPole-v1";
  result.step = 2048;
  result.returns = {9.5, 10.5};
  result.lengths = {9, 10};
  result.mean = 10;
  result.std = 0.5;
  result.cut = 1;
  append_eval(run.path(), EvalSeries::kDuringTraining, result, 1.25);
  EXPECT_EQ(read_text_file(run / "eval.jsonl"),
            "{\"step\":2048,\"seconds\":1.25,\"series\":\"eval\",\"env\":\"CartPole-v1\","
            "\"episodes\":2,\"cut\":1,\"mean\":10.0,\"std\":0.5,\"returns\":[9.5,10.5],\"lengths\":[9,10]}\n");
  result.step = 4096;
  append_eval(run.path(), EvalSeries::kFinal, result, 2.5);
  AppendFile(run / "eval.jsonl").write("{\"step\":61");  // torn
  const std::vector<LoggedEval> read = read_evals(run.path());
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].series, EvalSeries::kDuringTraining);
  EXPECT_EQ(read[0].result.step, 2048);
  EXPECT_EQ(read[1].series, EvalSeries::kFinal);
  EXPECT_EQ(read[1].result.step, 4096);
  EXPECT_EQ(read[1].result.returns, result.returns);
  EXPECT_EQ(read[1].result.lengths, result.lengths);
  EXPECT_EQ(read[1].result.cut, 1);
  EXPECT_EQ(read[1].result.mean, 10);
  EXPECT_EQ(read[1].result.std, 0.5);
  EXPECT_EQ(read[1].result.env, "CartPole-v1");
}

TEST(EvalLog, InfiniteReturnsReadBack) {
  TemporaryFolder run;
  EvalResult result;
  result.returns = {1.5, -HUGE_VAL, std::nan("")};
  result.mean = result.std = std::nan("");
  append_eval(run.path(), EvalSeries::kFinal, result, 1);
  const std::vector<LoggedEval> read = read_evals(run.path());
  ASSERT_EQ(read.size(), 1u);
  ASSERT_EQ(read[0].result.returns.size(), 3u);
  EXPECT_EQ(read[0].result.returns[1], -HUGE_VAL);
  EXPECT_TRUE(std::isnan(read[0].result.returns[2]));
  EXPECT_TRUE(std::isnan(read[0].result.mean));
}

TEST(EvalLog, ALineThatIsNotOursEndsTheReading) {
  TemporaryFolder run;
  AppendFile(run / "eval.jsonl").write("{\"step\":\"soon\",\"lengths\":7}\n");
  EXPECT_TRUE(read_evals(run.path()).empty());
}

}  // namespace
}  // namespace tern
