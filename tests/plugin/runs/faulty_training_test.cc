// Proof: error texts, by the program as a user calls it. What an env of a plugin does to the
// process that trains on it is told with its place, and so is how the run goes on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "core/files/file_io.h"
#include "tests/cli/run_tern.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

class FaultyTraining : public testing::Test {
 protected:
  Said tern(const Words& words) {
    return run_tern(words, folder_.path(), {"XDG_DATA_HOME=" + folder_ / "data"});
  }
  /// Trains for 1024 steps in rollouts of 128, at whose end a checkpoint is made.
  Said train(const Words& more, const std::string& out = "run") {
    Words words = {"train",
                   "ppo",
                   std::string(TERN_TEST_PLUGINS) + "/libfaulty.so",
                   "--out",
                   out,
                   "total_steps=1024",
                   "rollout_steps=32",
                   "minibatch_size=64",
                   "num_envs=4",
                   "run.checkpoint_every=128",
                   "run.eval_every=1024",
                   "run.eval_episodes=1",
                   "run.final_eval_episodes=1",
                   "hidden_sizes=[8]"};
    words.insert(words.end(), more.begin(), more.end());
    return tern(words);
  }
  TemporaryFolder folder_;
};

TEST_F(FaultyTraining, AnEnvThatLeavesTheFolderLosesNothing) {
  const Said said = train({"env.fault=chdir", "env.at=5"});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_TRUE(is_file(folder_ / "run/checkpoints/best"));
  EXPECT_THAT(said.err, HasSubstr("the current folder became '/'"));
  EXPECT_EQ(tern({"eval", "run", "--episodes", "1"}).exit_code, 0);
}

TEST_F(FaultyTraining, AnEnvThatIsMadeElsewhereLosesNothing) {
  const Said said = train({"env.fault=chdir", "env.in=create", "env.at=0"});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_TRUE(is_file(folder_ / "run/checkpoints/best"));
}

TEST_F(FaultyTraining, ACopyOfTheProcessDoesNotTrainOn) {
  const Said said = train({"env.fault=fork", "env.at=5"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(
      said.err,
      AllOf(HasSubstr("made a copy of the process (fork) in step 5 of episode "),
            HasSubstr("The run has no checkpoint yet. Once the env is mended, it begins again "
                      "with: tern resume run --accept-changed")));
}

TEST_F(FaultyTraining, AMessageSaysHowTheRunGoesOnAndPaintsNothing) {
  const Said said = train({"env.fault=throw_usage", "env.at=40"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err,
              AllOf(HasSubstr("the motor is \\x1b[31mred\\x0d"), HasSubstr("(step 40 of episode "),
                    HasSubstr("The run is kept up to its last checkpoint. Once the env is "
                              "mended, it goes on with: tern resume run --accept-changed")));
  EXPECT_THAT(said.err, Not(HasSubstr("\x1b")));
}

TEST_F(FaultyTraining, AWriteOutsideARowIsNamedWhereItIsMade) {
  Said said = train({"env.fault=obs_too_far", "env.at=50"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err, AllOf(HasSubstr("step wrote outside its row (step 50 of episode "),
                              HasSubstr("4 bytes behind its end")));
  said = train({"env.fault=obs_far", "env.at=50"}, "far");
  EXPECT_EQ(said.signal, SIGSEGV);
  EXPECT_THAT(said.err, AllOf(HasSubstr("it wrote far outside a row"),
                              HasSubstr("in step 50 of episode "), HasSubstr("tern resume far")));
}

TEST_F(FaultyTraining, AMaskThatForbidsAllIsNamedWithItsPlace) {
  const Said said = train({"env.fault=mask_closes", "env.at=40"});
  EXPECT_EQ(said.exit_code, 1);
  EXPECT_THAT(said.err,
              HasSubstr("no choice of action component 'action' is allowed by the mask after "
                        "step 40 of an episode of env "));
}

}  // namespace
}  // namespace tern
