// Proof: worked examples of what the thread finds and the viewer is told. The test waits for the
// thread's progress, never for a time.

#include "cli/viewing/followed_run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>

#include "envs/registry/registry.h"
#include "tests/render/linear_policy.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern::cli {
namespace {

class FollowedRunTest : public testing::Test {
 protected:
  FollowedRunTest() {
    std::filesystem::create_directory(run_);
    std::ofstream(RunPaths(run_).config) << "env: {id: CartPole-v1}\n";
    lock_.emplace(run_);
  }
  RunFollower follower() {
    RunConfig config = sample_manifest(0).config;
    config.run.total_steps = 300;
    return RunFollower(run_, config, [this](const std::string& checkpoint) {
      if (has_no_memory_) throw std::bad_alloc();
      const std::int64_t step = std::stoll(checkpoint.substr(checkpoint.rfind('@') + 1));
      Checkpoint(run_, step).read_part("policy.bin");
      return std::make_shared<LinearPolicy>(step);
    });
  }
  void save(std::int64_t step) const {
    std::filesystem::create_directories(run_ + "/checkpoints");
    Manifest manifest = sample_manifest(step);
    manifest.config.run.total_steps = 300;
    manifest.parameters_sha256 = std::to_string(step);
    CheckpointWriter writer(run_, manifest);
    writer.add("policy.bin", sample_part("policy", step, 30));
    writer.commit();
  }
  static std::int64_t step_of(const FollowedRun& run) {
    const std::shared_ptr<Policy> policy = run.policy();
    return policy == nullptr ? 0 : policy->step();
  }
  static void wait_for_step(const FollowedRun& run, std::int64_t step) {
    while (step_of(run) != step) std::this_thread::yield();
  }
  static Viewer viewer_of(const FollowedRun& run) {
    return Viewer(std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                                  EpisodeOptions()),
                  [&run] { return run.policy(); });
  }

  TemporaryFolder folder_;
  std::string run_ = folder_ / "run";
  std::optional<RunLock> lock_;  // of the process that trains
  std::atomic<bool> has_no_memory_{false};
  static constexpr double kInterval = 0.001;  // seconds
};

TEST_F(FollowedRunTest, NewCheckpointsBecomeThePolicy) {
  FollowedRun run(follower(), kInterval);
  Viewer viewer = viewer_of(run);
  run.update(viewer);
  EXPECT_EQ(step_of(run), 0);
  EXPECT_EQ(viewer.frame().training, "training: step 0 of 300, 0 %; no checkpoint yet");
  for (const std::int64_t step : {30, 60}) {
    save(step);
    wait_for_step(run, step);
    viewer.press(ViewerKey::kStep);
    EXPECT_EQ(viewer.frame().policy_step, step);
  }
  run.update(viewer);
  EXPECT_EQ(viewer.frame().training, "training: step 0 of 300, 0 %");
  EXPECT_TRUE(run.is_running());
}

TEST_F(FollowedRunTest, AChosenCheckpointStaysUntilTheNewestIsAskedFor) {
  save(30);
  save(60);
  FollowedRun run(follower(), kInterval);
  EXPECT_EQ(step_of(run), 60);  // of the first look, before the thread
  Viewer viewer = viewer_of(run);
  run.update(viewer);
  viewer.press(ViewerKey::kOlderPolicy);
  run.update(viewer);
  wait_for_step(run, 30);
  run.update(viewer);
  EXPECT_EQ(viewer.frame().training, "training: step 0 of 300, 0 %; f: the newest policy");
  save(90);
  while (viewer.frame().progress->checkpoints.size() < 3) run.update(viewer);
  EXPECT_EQ(step_of(run), 30);
  viewer.press(ViewerKey::kNewestPolicy);
  run.update(viewer);
  wait_for_step(run, 90);
}

TEST_F(FollowedRunTest, WhatIsRemarkedIsShown) {
  save(30);
  FollowedRun run(follower(), kInterval);
  Viewer viewer = viewer_of(run);
  std::filesystem::rename(run_, folder_ / "moved");
  // A look that has begun may remark on the checkpoint first.
  while (viewer.frame().training != "the folder is gone") run.update(viewer);
  EXPECT_EQ(viewer.frame().notice, run_ + " is gone; the last policy goes on");
  EXPECT_FALSE(run.is_running());
  EXPECT_EQ(step_of(run), 30);
}

TEST_F(FollowedRunTest, AnExceptionInTheThreadIsRemarkedAndTheShowGoesOn) {
  save(30);
  FollowedRun run(follower(), kInterval);
  Viewer viewer = viewer_of(run);
  has_no_memory_ = true;
  save(60);
  while (viewer.frame().notice.empty()) run.update(viewer);
  EXPECT_EQ(viewer.frame().notice, "there is not enough memory for another policy");
  EXPECT_EQ(step_of(run), 30);
  has_no_memory_ = false;
  wait_for_step(run, 60);
}

}  // namespace
}  // namespace tern::cli
