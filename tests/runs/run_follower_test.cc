// Proof: worked examples of what may happen to a run between two looks. Policies are made of the
// checkpoint's name; no networks.

#include "agents/run/run_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agents/run/run_record.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class NamedPolicy final : public Policy {
 public:
  explicit NamedPolicy(std::int64_t step) : step_(step) {}
  void act(Row<const ActRow>, bool) override {}
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float>) override { return {}; }
  std::int64_t step() const override { return step_; }
  std::string agent() const override { return "dqn"; }

 private:
  std::int64_t step_;
};

class RunFollowerTest : public testing::Test {
 protected:
  RunFollowerTest() {
    std::filesystem::create_directory(run_);
    std::ofstream(RunPaths(run_).config) << "env: {id: CartPole-v1}\n";
  }

  RunFollower follower() const {
    RunConfig config = sample_manifest(0).config;
    config.run.total_steps = 300;
    return RunFollower(run_, config, [this](const std::string& checkpoint) {
      const std::int64_t step = std::stoll(checkpoint.substr(checkpoint.rfind('@') + 1));
      Checkpoint(run_, step).read_part("policy.bin");
      return std::make_shared<NamedPolicy>(step);
    });
  }
  /// Trains on to `end`, checkpoints each 30 steps, each with parameters of its own.
  void train(std::int64_t end) const {
    std::filesystem::create_directories(run_ + "/checkpoints");
    CsvSink csv(RunPaths(run_).metrics_csv);
    JsonlSink jsonl(RunPaths(run_).metrics_jsonl);
    const auto last = CheckpointStore(run_).last();
    for (std::int64_t step = last.value_or(0) + 30; step <= end; step += 30) {
      jsonl.write({step, static_cast<double>(step) / 10, {{"rollout/return", 1.0 * step}}});
      jsonl.write({step, static_cast<double>(step) / 10, {{"eval/return", 2.0 * step}}});
      save(step);
    }
  }
  void save(std::int64_t step, const std::string& parameters = "") const {
    Manifest manifest = sample_manifest(step);
    manifest.parameters_sha256 = parameters.empty() ? std::to_string(step) : parameters;
    CheckpointWriter writer(run_, manifest);
    writer.add("policy.bin", sample_part("policy", step, 300));
    writer.commit();
  }
  static std::int64_t step_of(const RunNews& news) {
    return news.policy == nullptr ? -1 : news.policy->step();
  }
  void damage(std::int64_t step) const {
    std::ofstream(run_ + "/checkpoints/step-" + std::to_string(step) + "/policy.bin") << "torn";
  }

  TemporaryFolder folder_;
  std::string run_ = folder_ / "run";
};

TEST_F(RunFollowerTest, TakesTheNewestCheckpointWheneverOneAppears) {
  const RunLock lock(run_);
  RunFollower follower = this->follower();
  RunNews news = follower.look();
  EXPECT_EQ(step_of(news), -1);
  EXPECT_EQ(news.progress->total_steps, 300);
  EXPECT_THAT(news.remarks, IsEmpty());
  train(60);
  EXPECT_EQ(step_of(follower.look()), 60);
  EXPECT_EQ(step_of(follower.look()), -1);  // nothing new
  train(120);
  news = follower.look();
  EXPECT_EQ(step_of(news), 120);
  EXPECT_THAT(news.progress->checkpoints, ElementsAre(30, 60, 90, 120));
  EXPECT_THAT(news.remarks, IsEmpty());
}

TEST_F(RunFollowerTest, WithoutALoaderItSeesWhetherPoliciesAreWhole) {
  const RunLock lock(run_);
  RunFollower follower(run_, sample_manifest(0).config, nullptr);
  EXPECT_FALSE(follower.look().checkpoint);
  train(60);
  RunNews news = follower.look();
  EXPECT_EQ(news.checkpoint, 60);
  EXPECT_EQ(news.policy, nullptr);
  EXPECT_FALSE(follower.look().checkpoint);
  train(90);
  damage(90);
  news = follower.look();
  EXPECT_FALSE(news.checkpoint);
  EXPECT_THAT(news.remarks, ElementsAre(HasSubstr("passed over " + run_ + "@90: ")));
}

TEST_F(RunFollowerTest, WithoutALoaderItFallsBackWhenWhatItReadIsDamaged) {
  const RunLock lock(run_);
  train(90);
  RunFollower follower(run_, sample_manifest(0).config, nullptr);
  EXPECT_EQ(follower.look().checkpoint, 90);
  damage(90);
  RunNews news = follower.look();
  EXPECT_EQ(news.checkpoint, 60);
  EXPECT_THAT(news.remarks, ElementsAre(HasSubstr("passed over " + run_ + "@90: ")));
  EXPECT_FALSE(follower.look().checkpoint);  // nothing new
  // Of the same size: only its checksum tells.
  std::ofstream(run_ + "/checkpoints/step-60/policy.bin") << std::string(300, 'x');
  EXPECT_EQ(follower.look().checkpoint, 30);
  EXPECT_EQ(follower.checkpoint(), 30);
  damage(30);
  EXPECT_FALSE(follower.look().checkpoint);
  EXPECT_FALSE(follower.checkpoint());
  const Bytes whole = sample_part("policy", 60, 300);
  std::ofstream(run_ + "/checkpoints/step-60/policy.bin")
      .write(reinterpret_cast<const char*>(whole.data()), 300);
  EXPECT_EQ(follower.look().checkpoint, 60);
}

TEST_F(RunFollowerTest, WithALoaderAPolicyStaysWhenItsFileIsDamaged) {
  const RunLock lock(run_);
  train(90);
  RunFollower follower = this->follower();
  EXPECT_EQ(step_of(follower.look()), 90);
  damage(90);
  EXPECT_EQ(step_of(follower.look()), -1);
  EXPECT_EQ(follower.checkpoint(), 90);
}

TEST_F(RunFollowerTest, ReadsTheLearningCurve) {
  RunFollower follower = this->follower();
  train(60);
  RunNews news = follower.look();
  EXPECT_EQ(news.progress->curve.step(), 60);
  ASSERT_EQ(news.progress->curve.returns().size(), 2u);
  EXPECT_EQ(news.progress->curve.returns()[1].value, 60);
  EXPECT_EQ(news.progress->curve.evaluations()[1].mean, 120);
  EXPECT_DOUBLE_EQ(news.progress->curve.steps_per_second(), 10);
  std::ofstream(RunPaths(run_).metrics_jsonl, std::ios::app) << "{\"step\":70,\"rollout/ret";
  EXPECT_EQ(follower.look().progress->curve.step(), 60);
  std::ofstream(RunPaths(run_).metrics_jsonl, std::ios::app) << "urn\":7}\nno report\n";
  EXPECT_EQ(follower.look().progress->curve.returns().back().value, 7);
}

TEST_F(RunFollowerTest, LinesThatAreNoReportsAreAFaultUntilTheyAreGone) {
  const RunLock lock(run_);
  train(60);
  RunFollower follower = this->follower();
  EXPECT_THAT(follower.look().faults, IsEmpty());
  const std::string path = RunPaths(run_).metrics_jsonl;
  std::ofstream(path, std::ios::app) << "\xff\xfe\n{\"step\":70}\n";
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(follower.look().faults, ElementsAre(path + " is damaged: line 5 is no report"));
  }
  EXPECT_EQ(follower.look().progress->curve.step(), 70);
  std::ofstream(path) << "\xff without an end";
  EXPECT_THAT(follower.look().faults, ElementsAre(path + " is damaged: line 1 is no report"));
  std::ofstream(path) << "{\"step\":80}\n{\"step\":90";
  EXPECT_THAT(follower.look().faults, IsEmpty());
  EXPECT_EQ(follower.look().progress->curve.step(), 80);
}

TEST_F(RunFollowerTest, ARunThatGoesOnFromAnEarlierCheckpointIsFollowedBack) {
  RunFollower follower = this->follower();
  train(120);
  follower.look();
  CheckpointStore(run_).start_at(60);
  cut_back_metrics(run_, 60);
  RunNews news = follower.look();
  EXPECT_EQ(step_of(news), 60);
  EXPECT_EQ(news.progress->curve.step(), 60);
  save(90, "other parameters than before");
  EXPECT_EQ(step_of(follower.look()), 90);
}

TEST_F(RunFollowerTest, ADamagedCheckpointIsPassedOverAndNamedOnce) {
  const RunLock lock(run_);
  RunFollower follower = this->follower();
  train(60);
  follower.look();
  train(90);
  damage(90);
  RunNews news = follower.look();
  EXPECT_EQ(step_of(news), -1);
  EXPECT_THAT(news.remarks, ElementsAre(HasSubstr("passed over " + run_ + "@90: ")));
  EXPECT_THAT(follower.look().remarks, IsEmpty());
  train(120);
  news = follower.look();
  EXPECT_EQ(step_of(news), 120);
  EXPECT_THAT(news.remarks, IsEmpty());
}

TEST_F(RunFollowerTest, AtFirstTheNewestGoodCheckpointWillDo) {
  const RunLock lock(run_);
  train(90);
  damage(90);
  RunFollower follower = this->follower();
  const RunNews news = follower.look();
  EXPECT_EQ(step_of(news), 60);
  EXPECT_EQ(news.remarks.size(), 1u);
}

TEST_F(RunFollowerTest, APointerThatLeadsNowhereLeavesTheLastPolicy) {
  const RunLock lock(run_);
  RunFollower follower = this->follower();
  train(60);
  follower.look();
  std::ofstream(run_ + "/checkpoints/last") << "step-77 \xff\xfe";
  RunNews news = follower.look();
  EXPECT_EQ(step_of(news), -1);
  ASSERT_EQ(news.remarks.size(), 1u);
  EXPECT_THAT(follower.look().remarks, IsEmpty());
}

TEST_F(RunFollowerTest, AFolderThatIsGoneLeavesTheLastPolicyAndTheCurve) {
  const RunLock lock(run_);
  RunFollower follower = this->follower();
  train(60);
  follower.look();
  std::filesystem::rename(run_, folder_ / "moved");
  RunNews news = follower.look();
  EXPECT_EQ(step_of(news), -1);
  EXPECT_THAT(news.remarks, ElementsAre(run_ + " is gone; the last policy goes on"));
  EXPECT_EQ(news.progress->state, "the folder is gone");
  EXPECT_FALSE(news.progress->is_running);
  EXPECT_EQ(news.progress->curve.step(), 60);
  EXPECT_THAT(follower.look().remarks, IsEmpty());
  std::filesystem::rename(folder_ / "moved", run_);
  train(90);
  news = follower.look();
  EXPECT_EQ(step_of(news), 90);
  EXPECT_EQ(news.progress->state, "training");
}

TEST_F(RunFollowerTest, AnotherRunInTheFolderIsNotShown) {
  const RunLock lock(run_);
  RunFollower follower = this->follower();
  train(60);
  follower.look();
  Manifest manifest = sample_manifest(90);
  manifest.config.env.push_back({"gravity", "1.6", ""});
  manifest.parameters_sha256 = "other";
  CheckpointWriter(run_, manifest).commit();
  const RunNews news = follower.look();
  EXPECT_EQ(step_of(news), -1);
  EXPECT_THAT(news.remarks, ElementsAre(HasSubstr("is another run now")));
  EXPECT_THAT(follower.look().remarks, IsEmpty());
}

TEST_F(RunFollowerTest, SaysHowTheRunEnded) {
  train(30);
  const RunLock lock(run_);
  RunFollower follower = this->follower();
  EXPECT_EQ(follower.look().progress->state, "training");
  RunRecorder recorder(run_, "train", "", 0, {}, 0);
  EXPECT_TRUE(follower.look().progress->is_running);
  for (const char* status : {"finished", "stopped", "failed"}) {
    recorder.update(30, status);
    const RunNews news = follower.look();
    EXPECT_EQ(news.progress->state, status);
    EXPECT_FALSE(news.progress->is_running);
  }
}

TEST_F(RunFollowerTest, AProcessThatIsNoMoreWasKilled) {
  const pid_t child = fork();
  if (child == 0) {
    RunRecorder recorder(run_, "train", "", 0, {}, 0);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  const RunNews news = follower().look();
  EXPECT_EQ(news.progress->state, "killed");
  RunSession session = read_run_record(run_).sessions.back();
  EXPECT_EQ(session.status, "running");
  session.host = "another-machine";
  EXPECT_EQ(present_status(session), "running");
}

TEST_F(RunFollowerTest, WithoutAWholeRecordTheLockTellsWhetherTheRunTrains) {
  train(30);
  RunFollower follower = this->follower();
  for (const char* text : {"", "[[[", "{}", "[]", "{\"sessions\":[]}", "{\"sessions\":[{}]}",
                           "{\"sessions\":[{\"status\":\"\\u0007\"}]}", "\xff\xfe"}) {
    SCOPED_TRACE(text);
    std::ofstream(RunPaths(run_).record) << text;
    std::optional<RunLock> lock(run_);
    RunNews news = follower.look();
    EXPECT_EQ(news.progress->state, "training");
    EXPECT_THAT(news.faults, ElementsAre(HasSubstr("run.json is damaged: ")));
    lock.reset();
    news = follower.look();
    EXPECT_EQ(news.progress->state, "killed");
    EXPECT_FALSE(news.progress->is_running);
    EXPECT_THAT(news.faults, ElementsAre(HasSubstr("run.json is damaged: ")));
    EXPECT_THAT(news.faults[0], Not(HasSubstr("json.exception")));
  }
  std::filesystem::remove(RunPaths(run_).record);
  EXPECT_EQ(follower.look().progress->state, "killed");
  EXPECT_THAT(follower.look().faults, ElementsAre(HasSubstr("run.json is missing")));
  const RunLock lock(run_);
  EXPECT_EQ(follower.look().progress->state, "training");
  EXPECT_THAT(follower.look().faults, IsEmpty());
}

TEST_F(RunFollowerTest, AnEarlierCheckpointCanBeAskedFor) {
  train(90);
  RunFollower follower = this->follower();
  follower.look();
  EXPECT_EQ(step_of(follower.load(30)), 30);
  const RunNews news = follower.load(45);
  EXPECT_EQ(step_of(news), -1);
  ASSERT_EQ(news.remarks.size(), 1u);
  EXPECT_EQ(step_of(follower.look()), -1);
}

TEST_F(RunFollowerTest, TwoFollowersDoNotDisturbEachOtherOrTheTraining) {
  RunFollower a = follower(), b = follower();
  train(30);
  const auto before = tree_of(run_);
  EXPECT_EQ(step_of(a.look()), 30);
  EXPECT_EQ(step_of(b.look()), 30);
  EXPECT_EQ(differences(before, tree_of(run_)), std::vector<std::string>());
  const RunLock lock(run_);  // may be taken
  train(60);
  EXPECT_EQ(step_of(b.look()), 60);
  EXPECT_EQ(step_of(a.look()), 60);
}

}  // namespace
}  // namespace tern
