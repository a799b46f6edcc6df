// Worked examples, error texts, and the lock held by another process.

#include "agents/run/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "core/files/file_io.h"
#include "tests/error_of.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

NewRun sample_request(const TemporaryFolder& folder) {
  NewRun request;
  request.name = "ppo_cartpole";
  request.seed = 3;
  request.config_yaml = "env: {id: CartPole-v1}\n";
  request.runs_folder = folder / "runs";
  return request;
}

/// Runs `deed` in another process; returns its exit status.
template <class F>
int in_child(const F& deed) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(deed());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(RunFolder, WithoutOutRunsAreNumberedAndNeverOverwritten) {
  TemporaryFolder folder;
  const NewRun request = sample_request(folder);
  EXPECT_EQ(create_run(request).path, folder / "runs/ppo_cartpole-s3");
  EXPECT_EQ(create_run(request).path, folder / "runs/ppo_cartpole-s3-2");
  EXPECT_EQ(create_run(request).path, folder / "runs/ppo_cartpole-s3-3");
  EXPECT_EQ(read_text_file(folder / "runs/ppo_cartpole-s3-2/config.yaml"), request.config_yaml);
  EXPECT_TRUE(is_run_folder(folder / "runs/ppo_cartpole-s3"));
}

TEST(RunFolder, AFileOrAForeignFolderOfThatNameIsPassedBy) {
  TemporaryFolder folder;
  make_folders(folder / "runs/ppo_cartpole-s3-2");
  write_new_file(folder / "runs/ppo_cartpole-s3", as_bytes("a file"));
  write_new_file(folder / "runs/ppo_cartpole-s3-2/notes", as_bytes("a note"));
  EXPECT_EQ(create_run(sample_request(folder)).path, folder / "runs/ppo_cartpole-s3-3");
}

TEST(RunFolder, OneLeftEmptyByAKilledProcessIsTakenOneBeingMadeIsNot) {
  TemporaryFolder folder;
  make_folders(folder / "runs/ppo_cartpole-s3");
  write_new_file(folder / "runs/ppo_cartpole-s3/.lock", as_bytes("process 1\n"));
  write_new_file(folder / "runs/ppo_cartpole-s3/.config.yaml.tmp-1", as_bytes("env:"));
  {
    const RunLock made_by_another(folder / "runs/ppo_cartpole-s3");
    EXPECT_EQ(create_run(sample_request(folder)).path, folder / "runs/ppo_cartpole-s3-2");
  }
  EXPECT_TRUE(is_empty_folder(folder / "runs/ppo_cartpole-s3"));
  EXPECT_EQ(create_run(sample_request(folder)).path, folder / "runs/ppo_cartpole-s3");
  EXPECT_FALSE(is_file(folder / "runs/ppo_cartpole-s3/.config.yaml.tmp-1"));
}

TEST(RunFolder, ANameWithOddCharactersBecomesOneFolder) {
  TemporaryFolder folder;
  NewRun request = sample_request(folder);
  request.name = "ppo_../lib my@env.so";
  EXPECT_EQ(create_run(request).path, folder / "runs/ppo_..-lib-my-env.so-s3");
  request.name = "..";
  EXPECT_EQ(create_run(request).path, folder / "runs/run-s3");
}

TEST(RunFolder, OutIsMadeWithItsParentsAndMayBeAnEmptyFolder) {
  TemporaryFolder folder;
  NewRun request = sample_request(folder);
  request.out = folder / "a/b/";
  EXPECT_EQ(create_run(request).path, folder / "a/b");
  make_folder(folder / "empty");
  request.out = folder / "empty";
  EXPECT_EQ(create_run(request).path, folder / "empty");
  EXPECT_FALSE(is_folder(folder / "runs"));
}

TEST(RunFolder, OutThatHoldsARunIsRefusedNamingResume) {
  TemporaryFolder folder;
  NewRun request = sample_request(folder);
  request.out = folder / "x's run";
  create_run(request);
  request.config_yaml = "other";
  EXPECT_EQ(error_of([&] { create_run(request); }, ExitCode::kUsage),
            "--out " + request.out + " holds a run already. Name another folder, or go on with it: " +
                "tern resume '" + (folder / "x'\\''s run'"));
  EXPECT_EQ(read_text_file(request.out + "/config.yaml"), "env: {id: CartPole-v1}\n");
}

TEST(RunFolder, OutThatHoldsAnythingElseIsRefused) {
  TemporaryFolder folder;
  NewRun request = sample_request(folder);
  write_new_file(folder / "b", as_bytes(""));
  write_new_file(folder / "a", as_bytes(""));
  request.out = folder.path();
  EXPECT_EQ(error_of([&] { create_run(request); }, ExitCode::kUsage),
            "--out " + folder.path() +
                " is no run and holds 'a' and 1 more; expected a new or an empty folder");
  request.out = folder / "a";
  EXPECT_EQ(error_of([&] { create_run(request); }, ExitCode::kUsage),
            "--out " + (folder / "a") + " is a file; expected a new or an empty folder");
  EXPECT_THAT(list_folder(folder.path()), ElementsAre("a", "b"));
}

TEST(RunFolder, OnlyOneProcessTrainsARun) {
  TemporaryFolder folder;
  {
    const RunLock lock(folder.path());
    EXPECT_EQ(in_child([&] {
                try {
                  RunLock second(folder.path());
                } catch (const Error& error) {
                  const bool right = error.code() == ExitCode::kFailure &&
                                     std::string(error.what()) ==
                                         folder.path() +
                                             " is being trained by another process (process " +
                                             std::to_string(::getppid()) +
                                             "); wait for it or stop it, then try again";
                  return right ? 7 : 1;
                }
                return 0;
              }),
              7);
  }
  EXPECT_EQ(in_child([&] {
              const RunLock lock(folder.path());
              return 5;  // dies without letting go
            }),
            5);
  const RunLock again(folder.path());
}

TEST(RunFolder, ALockThatCannotBeMadeNamesTheFile) {
  EXPECT_THAT(error_of([] { RunLock lock("/nowhere/x"); }),
              MatchesRegex("cannot write /nowhere/x/.lock: .+"));
}

TEST(RunLock, IsSeenWithoutBeingTouched) {
  TemporaryFolder folder;
  const std::string run = folder / "run", copy = folder / "copy";
  std::filesystem::create_directory(run);
  EXPECT_FALSE(RunLock::is_held(run));
  std::optional<RunLock> lock(run);
  EXPECT_TRUE(RunLock::is_held(run));
  std::filesystem::copy(run, copy);
  EXPECT_FALSE(RunLock::is_held(copy));  // names the process, which holds another file
  lock.reset();
  EXPECT_FALSE(RunLock::is_held(run));
  const RunLock again(run);
  EXPECT_TRUE(RunLock::is_held(run));
  for (const char* text : {"", "process", "process x\n", "process -1\n", "process 0\n",
                           "process 99999999999999999999\n", "\xff"}) {
    std::ofstream(copy + "/.lock") << text;
    EXPECT_FALSE(RunLock::is_held(copy)) << text;
  }
}

TEST(RunFolder, CuttingBackDropsWhatWasReportedAfterTheCheckpoint) {
  TemporaryFolder folder;
  train_sample_run(folder.path(), 60);
  const auto at_60 = tree_of(folder.path());
  write_new_file(folder / "eval.jsonl", as_bytes("{\"step\":30}\n{\"step\":60}\n"));
  cut_back_metrics(folder.path(), 60);
  EXPECT_EQ(read_text_file(folder / "metrics.csv"), at_60.at("metrics.csv"));
  EXPECT_EQ(read_text_file(folder / "metrics.jsonl"), at_60.at("metrics.jsonl"));
  EXPECT_EQ(read_text_file(folder / "events.tfevents"), at_60.at("events.tfevents"));
  cut_back_metrics(folder.path(), 30);
  EXPECT_EQ(read_text_file(folder / "eval.jsonl"), "{\"step\":30}\n");
  EXPECT_EQ(read_text_file(folder / "metrics.csv"),
            "step,seconds,train/loss,eval/return\n"
            "10,3.3333333333333335,0.1,\n"
            "20,6.666666666666667,0.05,\n"
            "30,10,0.03333333333333333,10\n");
  cut_back_metrics(folder.path(), std::nullopt);
  EXPECT_EQ(read_text_file(folder / "metrics.csv"), "step,seconds,train/loss,eval/return\n");
  EXPECT_EQ(read_text_file(folder / "metrics.jsonl"), "");
  EXPECT_EQ(read_text_file(folder / "events.tfevents"), "");
  EXPECT_EQ(read_text_file(folder / "eval.jsonl"), "");
}

}  // namespace
}  // namespace tern
