// Proof: law. A run that is killed at random moments, again and again, and resumed each time ends
// with the same bits as one that nobody touched. Early kills come after a random amount of processor
// time, later ones a random moment after the run has saved a certain checkpoint, so that a busy
// machine does not move them out of the run.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agents/run/checkpoint_store.h"
#include "agents/run/run_folder.h"
#include "core/rng.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using Words = std::vector<std::string>;

struct Ended {
  bool succeeded = false, was_killed = false;
  double cpu_seconds = 0;
};

/// Starts the program that was built; its output goes nowhere. killed_after: seconds of processor
/// time after which the kernel ends it by SIGPROF, which tern does not catch; 0: never.
pid_t start_tern(const Words& words, double killed_after = 0) {
  const pid_t child = fork();
  if (child != 0) return child;
  std::vector<char*> argv = {const_cast<char*>(TERN_PROGRAM)};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  if (freopen("/dev/null", "w", stdout) == nullptr ||
      freopen("/dev/null", "w", stderr) == nullptr) {
    _exit(126);
  }
  const auto microseconds = static_cast<long>(killed_after * 1e6);
  const itimerval timer = {{0, 0}, {microseconds / 1'000'000, microseconds % 1'000'000}};
  setitimer(ITIMER_PROF, &timer, nullptr);  // outlives execv
  execv(TERN_PROGRAM, argv.data());
  _exit(127);
}

Ended wait_for(pid_t child) {
  int status = 0;
  rusage usage = {};
  wait4(child, &status, 0, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  Ended ended;
  ended.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  ended.was_killed = WIFSIGNALED(status);
  ended.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return ended;
}

bool has_ended(pid_t child) {
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid == child;
}

/// Of the newest checkpoint: 0 for a run without one, -1 before there is a run.
std::int64_t last_step(const std::string& run) {
  return is_run_folder(run) ? CheckpointStore(run).last().value_or(0) : -1;
}

Words train_words(const std::string& out, const std::string& agent) {
  const bool has_memory = agent == "sac_gru";
  const bool is_continuous = has_memory || agent == "sac" || agent == "td3" || agent == "crossq";
  Words words = {"train", has_memory ? "sac" : agent, is_continuous ? "Pendulum-v1" : "CartPole-v1", "--quiet", "--out", out, "run.eval_episodes=1",
                 "run.final_eval_episodes=1", "agent.hidden_sizes=[16]"};
  const Words ppo = {"run.total_steps=819200", "agent.rollout_steps=32", "run.num_envs=8",
                     "run.checkpoint_every=40960", "agent.epochs=4"};
  const Words dqn = {"run.total_steps=60000", "agent.learning_starts=100",
                     "run.checkpoint_every=4000", "agent.buffer_size=1000"};
  const Words continuous = {"run.total_steps=16000", "agent.learning_starts=100",
                            "agent.batch_size=32", "agent.n_step=3",
                            "run.checkpoint_every=1000", "agent.buffer_size=1000"};
  const Words& more = is_continuous ? continuous : agent == "ppo" ? ppo : dqn;
  words.insert(words.end(), more.begin(), more.end());
  const Words memory = {"agent.recurrent=gru", "agent.recurrent_size=8", "agent.sequence_length=8",
                        "agent.burn_in=4", "agent.train_every=4"};
  if (has_memory) words.insert(words.end(), memory.begin(), memory.end());
  if (is_continuous && !has_memory) words.push_back("agent.prioritized=true");
  if (agent == "crossq") words.push_back("agent.critic_hidden_sizes=[16]");
  return words;
}

/// Lets the program run until its run has saved step `step`, and `moments` of looking longer; kills
/// it then.
Ended run_until_saved(const Words& words, const std::string& run, std::int64_t step,
                      std::uint32_t moments) {
  const pid_t child = start_tern(words);
  while (!has_ended(child) && last_step(run) < step) usleep(500);  // leaves it the core
  while (!has_ended(child) && moments-- > 0) last_step(run);
  kill(child, SIGKILL);
  return wait_for(child);
}

Manifest last_manifest(const std::string& run) {
  return Checkpoint(run, *CheckpointStore(run).last()).manifest();
}

struct Kill : ::testing::TestWithParam<const char*> {};

TEST_P(Kill, AtRandomMomentsLeavesARunThatEndsWithTheSameBits) {
  const TemporaryFolder folder;
  const std::string whole = folder / "whole", killed = folder / "killed";
  const Ended uninterrupted = wait_for(start_tern(train_words(whole, GetParam())));
  ASSERT_TRUE(uninterrupted.succeeded);
  const std::int64_t total = last_manifest(whole).step;

  Rng rng(11, "kill");
  int early_kills = 0, kills_after_a_save = 0;
  bool finished = false;
  for (int attempt = 0; attempt < 30 && !finished; ++attempt) {
    const Words words = last_step(killed) >= 0 ? Words{"resume", killed, "--quiet"}
                                               : train_words(killed, GetParam());
    Ended ended;
    if (attempt < 2) {
      ended = wait_for(start_tern(words, uninterrupted.cpu_seconds * rng.uniform(0.1, 0.5)));
      early_kills += ended.was_killed ? 1 : 0;
    } else if (attempt < 8) {
      const std::int64_t before = std::max<std::int64_t>(0, last_step(killed));
      const auto step = before + static_cast<std::int64_t>(
                                     rng.uniform(0, 0.4) * static_cast<double>(total - before));
      ended = run_until_saved(words, killed, step, rng.below(30));
      kills_after_a_save += ended.was_killed && last_step(killed) > 0 ? 1 : 0;
    } else {
      ended = wait_for(start_tern(words));
    }
    finished = ended.succeeded;
  }
  ASSERT_TRUE(finished);
  EXPECT_GE(early_kills, 1) << "no kill came before the run had done something";
  EXPECT_GE(kills_after_a_save, 2) << "too few kills hit a run that had saved";
  EXPECT_EQ(last_manifest(killed).step, total);
  EXPECT_EQ(last_manifest(killed).parameters_sha256, last_manifest(whole).parameters_sha256);
}

INSTANTIATE_TEST_SUITE_P(Agents, Kill, ::testing::Values("ppo", "dqn", "sac", "sac_gru", "td3", "crossq"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tern
