// Proof: law. What `tern rollout --json` prints is what the replay buffer of a run holds that begins
// with it, step by step, and a run that cannot read it leaves no folder behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/files/json.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

class DemonstrationsOfRuns : public testing::Test {
 protected:
  /// Runs the program in the folder; what it prints goes to a file of that name.
  int tern(const std::string& words, const std::string& output) {
    const std::string command = "cd '" + folder_.path() + "' && '" TERN_PROGRAM "' " + words + " >" +
                                output + " 2>error";
    return WEXITSTATUS(std::system(command.c_str()));
  }
  std::string read(const std::string& name) {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  /// Steps of a random policy, and a run of 64 steps more that begins with them.
  void train_after_rollout(const std::string& env) {
    ASSERT_EQ(tern("rollout " + env + " --seed 3 --steps 200 --json", "steps.json"), 0) << read("error");
    ASSERT_EQ(tern("train sac " + env +
                       " --out run --quiet demonstrations=steps.json total_steps=64 learning_starts=32"
                       " batch_size=16 hidden_sizes=8 run.final_eval_episodes=1",
                   "trained"),
              0)
        << read("error");
    ASSERT_EQ(tern("describe run --replay --json", "described"), 0) << read("error");
  }
  TemporaryFolder folder_;
};

TEST_F(DemonstrationsOfRuns, LieInTheReplayBufferOfTheRun) {
  for (const char* env : {"Taxi-v3", "Pendulum-v1", "CartPole-v1"}) {
    std::filesystem::remove_all(folder_ / "run");
    train_after_rollout(env);
    const Json described = Json::parse(read("described")), &replay = described["replay"];
    ASSERT_TRUE(replay.is_object()) << env << read("described") << read("error");
    EXPECT_EQ(replay["size"].integer(), 264) << env;
    int ended = 0;  // of the file; its last step counts as cut
    const Json rollout = Json::parse(read("steps.json"));
    for (const Json& step : rollout["steps"]) ended += step["terminated"].boolean() ? 1 : 0;
    EXPECT_GE(replay["terminated"].integer(), ended) << env;
    EXPECT_GE(replay["truncated"].integer(), 1) << env;
  }
}

TEST_F(DemonstrationsOfRuns, ThatCannotBeReadLeaveNoFolder) {
  ASSERT_EQ(tern("rollout CartPole-v1 --json", "steps.json"), 0);
  const std::string train = "train sac Acrobot-v1 --out run total_steps=1000 demonstrations=";
  EXPECT_EQ(tern(train + "steps.json", "trained"), 2);
  EXPECT_THAT(read("error"), testing::HasSubstr("its steps are of CartPole-v1, not of Acrobot-v1"));
  EXPECT_EQ(tern(train + "none.json", "trained"), 2);
  EXPECT_THAT(read("error"), testing::HasSubstr("cannot read 'none.json'"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

}  // namespace
}  // namespace tern
