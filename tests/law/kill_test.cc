// Proof: law. A run that is killed with SIGKILL at random moments, again and again, and resumed each
// time ends with the same bits as one that nobody touched.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

/// The program that was built, as another process; its output goes nowhere.
class Child {
 public:
  explicit Child(const Words& words) : process_(fork()) {
    if (process_ != 0) return;
    std::vector<char*> argv = {const_cast<char*>(TERN_PROGRAM)};
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    if (freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr) {
      _exit(126);
    }
    execv(TERN_PROGRAM, argv.data());
    _exit(127);
  }
  ~Child() { wait(); }

  bool is_running() {
    if (!is_over_) is_over_ = waitpid(process_, &status_, WNOHANG) != 0;
    return !is_over_;
  }
  void kill_now() {
    if (is_running()) kill(process_, SIGKILL);
  }
  void wait() {
    if (!is_over_) waitpid(process_, &status_, 0);
    is_over_ = true;
  }
  /// After wait().
  bool succeeded() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }
  bool was_killed() const { return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }

 private:
  pid_t process_;
  int status_ = -1;
  bool is_over_ = false;
};

/// Of the newest checkpoint: 0 for a run without one, -1 before there is a run.
std::int64_t last_step(const std::string& run) {
  return is_run_folder(run) ? CheckpointStore(run).last().value_or(0) : -1;
}

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
  Child uninterrupted(train_words(whole, GetParam()));
  uninterrupted.wait();
  ASSERT_TRUE(uninterrupted.succeeded());
  const std::int64_t end = last_step(whole);

  // Each time the run is killed somewhere in the next quarter of it, a random moment after a
  // checkpoint has appeared: the same on fast and slow machines.
  Rng rng(11, "kill");
  int kills = 0;
  bool finished = false;
  for (int attempt = 0; attempt < 30 && !finished; ++attempt) {
    const std::int64_t before = last_step(killed);
    Child child(before >= 0 ? Words{"resume", killed, "--quiet"}
                            : train_words(killed, GetParam()));
    const std::int64_t target = before + 1 + rng.below(static_cast<std::uint32_t>(end / 4));
    while (last_step(killed) < target && child.is_running()) std::this_thread::yield();
    for (std::uint32_t turns = rng.below(100); turns > 0; --turns) std::this_thread::yield();
    if (kills < 6) child.kill_now();
    child.wait();
    kills += child.was_killed() ? 1 : 0;
    finished = child.succeeded();
  }
  ASSERT_TRUE(finished);
  EXPECT_GE(kills, 3) << "too few to show anything";
  EXPECT_EQ(last_manifest(killed).step, last_manifest(whole).step);
  EXPECT_EQ(last_manifest(killed).parameters_sha256, last_manifest(whole).parameters_sha256);
}

INSTANTIATE_TEST_SUITE_P(Agents, Kill, ::testing::Values("ppo", "dqn"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tern
