// Proof: law. A run that is killed with SIGKILL at random moments, again and again, and resumed each
// time ends with the same bits as one that nobody touched.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "core/rng.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using Words = std::vector<std::string>;

/// Starts the program that was built; its output goes nowhere.
pid_t start(const Words& words) {
  const pid_t child = fork();
  if (child != 0) return child;
  std::vector<char*> argv = {const_cast<char*>(TERN_PROGRAM)};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  if (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr) {
    _exit(126);
  }
  execv(TERN_PROGRAM, argv.data());
  _exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

bool is_success(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

Words train_words(const std::string& out, const std::string& agent) {
  Words words = {"train", agent, "CartPole-v1", "--quiet", "--out", out, "run.eval_episodes=1",
                 "run.final_eval_episodes=1", "agent.hidden_sizes=[16]"};
  const Words ppo = {"run.total_steps=20480", "agent.rollout_steps=32", "run.num_envs=8",
                     "run.checkpoint_every=1024", "agent.epochs=1"};
  const Words dqn = {"run.total_steps=6000", "agent.learning_starts=100",
                     "run.checkpoint_every=400", "agent.buffer_size=1000"};
  const Words& more = agent == "ppo" ? ppo : dqn;
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Manifest last_manifest(const std::string& run) {
  return Checkpoint(run, *CheckpointStore(run).last()).manifest();
}

struct Kill : ::testing::TestWithParam<const char*> {};

TEST_P(Kill, AtRandomMomentsLeavesARunThatEndsWithTheSameBits) {
  const TemporaryFolder folder;
  const std::string whole = folder / "whole", killed = folder / "killed";
  ASSERT_TRUE(is_success(wait_for(start(train_words(whole, GetParam())))));

  Rng rng(11, "kill");
  int kills = 0, kills_while_training = 0;
  int status = -1;
  for (int attempt = 0; attempt < 40 && !is_success(status); ++attempt) {
    const bool has_begun = is_run_folder(killed);
    const Words words = has_begun ? Words{"resume", killed, "--quiet"}
                                  : train_words(killed, GetParam());
    const pid_t child = start(words);
    if (kills < 6) {
      // From before the folder is made to well into training; starting takes about half a second.
      std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform(0.05, 1.2)));
      kill(child, SIGKILL);
      status = wait_for(child);
      if (WIFSIGNALED(status)) {
        ++kills;
        if (is_run_folder(killed) && CheckpointStore(killed).last()) ++kills_while_training;
      }
    } else {
      status = wait_for(child);
    }
  }
  ASSERT_TRUE(is_success(status)) << "exit status " << status;
  EXPECT_GE(kills_while_training, 1) << "no kill hit a run that had saved: nothing was proven";
  EXPECT_EQ(last_manifest(killed).step, last_manifest(whole).step);
  EXPECT_EQ(last_manifest(killed).parameters_sha256, last_manifest(whole).parameters_sha256);
}

INSTANTIATE_TEST_SUITE_P(Agents, Kill, ::testing::Values("ppo", "dqn"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tern
