// Worked examples of what RUN may be, and error texts.

#include "agents/run/run_ref.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "tests/error_of.h"
#include "tests/runs/sample_run.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::HasSubstr;

class Reference : public testing::Test {
 protected:
  Reference() {
    make_run("ppo_cartpole-s0");
    for (const std::int64_t step : {1000, 2000, 3000}) {
      write_sample_checkpoint(runs_ + "/ppo_cartpole-s0", step);
    }
    CheckpointStore(run_).mark_best(2000);
  }
  void make_run(const std::string& name) {
    make_folders(runs_ + "/" + name);
    write_new_file(runs_ + "/" + name + "/config.yaml", as_bytes("env: {id: CartPole-v1}\n"));
  }
  RunRef find(const std::string& text) { return find_run(text, runs_); }
  std::string refusal(const std::string& text) {
    return error_of([&] { find_checkpoint(text, runs_); }, ExitCode::kUsage);
  }

  TemporaryFolder folder_;
  const std::string runs_ = folder_ / "runs";
  const std::string run_ = runs_ + "/ppo_cartpole-s0";
};

TEST_F(Reference, IsANameUnderRunsOrAFolderWithTheLastCheckpointByDefault) {
  for (const std::string& text : {std::string("ppo_cartpole-s0"), run_, run_ + "/"}) {
    EXPECT_EQ(find(text).run, run_) << text;
    EXPECT_EQ(find(text).step, 3000) << text;
  }
}

TEST_F(Reference, MaySelectACheckpoint) {
  EXPECT_EQ(find("ppo_cartpole-s0@last").step, 3000);
  EXPECT_EQ(find("ppo_cartpole-s0@best").step, 2000);
  EXPECT_EQ(find("ppo_cartpole-s0@1000").step, 1000);
  EXPECT_EQ(find_checkpoint(run_ + "@1000", runs_).run, run_);
}

TEST_F(Reference, MayHaveAnAtInItsOwnName) {
  make_run("x@home");
  EXPECT_EQ(find("x@home").run, runs_ + "/x@home");
  EXPECT_EQ(find("x@home@last").step, std::nullopt);
}

TEST_F(Reference, OfAnUnknownNameGivesTheNearestOne) {
  EXPECT_EQ(refusal("ppo_cartpol-s0"),
            "no run 'ppo_cartpol-s0': neither 'ppo_cartpol-s0' nor '" + runs_ +
                "/ppo_cartpol-s0' exists. Did you mean 'ppo_cartpole-s0'?");
  EXPECT_THAT(refusal(runs_ + "/ppo_cartpol-s0@best"),
              HasSubstr("Did you mean 'ppo_cartpole-s0'?"));
}

TEST_F(Reference, OfANameFarFromAllListsWhatThereIs) {
  for (int i = 0; i < 9; ++i) make_run("a" + std::to_string(i));
  EXPECT_EQ(refusal("something"),
            "no run 'something': neither 'something' nor '" + runs_ +
                "/something' exists. There are: a0, a1, a2, a3, a4, a5, a6, a7 and 2 more in " +
                runs_);
  EXPECT_EQ(error_of([&] { find_run("x", folder_ / "none"); }, ExitCode::kUsage),
            "no run 'x': neither 'x' nor '" + (folder_ / "none") +
                "/x' exists. There are no runs yet; 'tern train' makes one");
}

TEST_F(Reference, OfAStepThatDoesNotExistListsThoseThatDo) {
  EXPECT_EQ(refusal("ppo_cartpole-s0@2900"),
            run_ +
                " has no checkpoint at step 2900. There are: 1000, 2000 (best), 3000 (last). Did "
                "you mean '" +
                run_ + "@3000'?");
}

TEST_F(Reference, OfAnUnknownSelectorSaysWhatMayStandThere) {
  EXPECT_EQ(
      refusal("ppo_cartpole-s0@lsat"),
      "'ppo_cartpole-s0@lsat': after '@' comes last, best or a step, not 'lsat'. Did you mean "
      "'last'?");
  for (const char* selector : {"", "-5", "1e3", "99999999999999999999"}) {
    EXPECT_EQ(refusal(run_ + "@" + selector), "'" + run_ + "@" + selector +
                                                  "': after '@' comes last, best or a step, not '" +
                                                  selector + "'.");
  }
}

TEST_F(Reference, ToAFolderThatIsNoRunSaysSo) {
  make_folder(runs_ + "/other");
  write_new_file(runs_ + "/other/notes", as_bytes("a note"));
  make_folders(runs_ + "/killed");
  write_new_file(runs_ + "/killed/.config.yaml.tmp-7", as_bytes("env:"));
  EXPECT_THAT(refusal("killed"), HasSubstr("/killed is empty: no run began in it, or one "
                                                    "was killed before it did. It can be used again"));
  EXPECT_EQ(refusal(runs_ + "/other"), runs_ + "/other is no run: it holds no config.yaml");
  EXPECT_EQ(refusal("other@best"), runs_ + "/other is no run: it holds no config.yaml");
}

TEST_F(Reference, ToACheckpointsFolderSaysHowToWriteIt) {
  EXPECT_EQ(refusal(run_ + "/checkpoints/step-1000"),
            run_ + "/checkpoints/step-1000 is a checkpoint; write it as " + run_ + "@1000");
}

TEST_F(Reference, ToARunWithoutACheckpointIsFineForResumeOnly) {
  make_run("fresh");
  EXPECT_EQ(find("fresh").run, runs_ + "/fresh");
  EXPECT_EQ(find("fresh").step, std::nullopt);
  for (const char* text : {"fresh", "fresh@best", "fresh@100"}) {
    EXPECT_EQ(refusal(text), runs_ +
                                 "/fresh has no checkpoint yet: it stopped before its first one. To "
                                 "start it again from its configuration: tern resume " +
                                 runs_ + "/fresh");
  }
}

TEST_F(Reference, ToTheBestOfARunNeverEvaluatedOffersTheLast) {
  make_run("young");
  write_sample_checkpoint(runs_ + "/young", 50);
  EXPECT_EQ(refusal("young@best"), runs_ +
                                       "/young has no best checkpoint: none of them was "
                                       "evaluated. Its last one is " +
                                       runs_ + "/young@50");
}

}  // namespace
}  // namespace tern
