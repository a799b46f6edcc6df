// Proof: worked examples by hand (what of a file lies where in the buffer, where episodes are cut),
// error texts.

#include "replay/demonstrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "replay/replay_batch.h"
#include "tests/error_of.h"
#include "tests/replay/replay_steps.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

void keep(MutableActionRow) {}

/// Steps of masked_env: two episodes, of two steps and of one, the second told no further.
const std::string kMasked =
    R"({"env": "Masked-v0", "reset_obs": [1, 2], "reset_mask": [1, 0, 1], "steps": [)"
    R"({"action": 2, "obs": [3, 4], "mask": [1, 1, 1], "reward": 0.5, "terminated": false, )"
    R"("truncated": false},)"
    R"({"action": 1, "obs": [5, 6], "mask": [0, 1, 0], "reward": -1, "terminated": true, )"
    R"("truncated": false, "next_reset_obs": [7, 8], "next_reset_mask": [0, 0, 1]},)"
    R"({"action": 2, "obs": [9, 10], "mask": [1, 1, 0], "reward": 2, "terminated": false, )"
    R"("truncated": false}]})";

class DemonstrationsTest : public testing::Test {
 protected:
  std::string file(const std::string& text) {
    const std::string path = folder_.path() + "/steps.json";
    std::ofstream(path) << text << "\n";
    return path;
  }
  std::string error_of_text(const std::string& text, const EnvSpec& spec = masked_env()) {
    return error_of([&] { Demonstrations(file(text), spec); }, ExitCode::kUsage);
  }

  TemporaryFolder folder_;
};

/// Takes all transitions, slot by slot.
void take_all(const ReplayBuffer& replay, const ReplayBatch& batch) {
  const ReplayBuffer::Reader reader = replay.read();
  for (std::size_t k = 0; k < batch.size(); ++k) {
    batch.rows().index[k] = static_cast<std::int64_t>(k);
  }
  reader.gather(batch.rows());
}

TEST_F(DemonstrationsTest, StepsLieInTheBufferAsIfAnEnvHadMadeThem) {
  const EnvSpec spec = masked_env();
  ReplayBuffer replay(spec, room(8, 1));
  const Demonstrations demonstrations(file(kMasked), spec);
  EXPECT_EQ(demonstrations.size(), 3u);
  EXPECT_EQ(demonstrations.add_to(replay, keep), 3u);
  ASSERT_EQ(replay.size(), 3u);
  const ReplayBatch batch(spec, 3, replay.schema());
  take_all(replay, batch);
  const ReplayRows& rows = batch.rows();
  EXPECT_THAT(std::vector<float>(rows.obs[0].floats().begin(), rows.obs[0].floats().end()),
              ElementsAre(1, 2));
  EXPECT_THAT(
      std::vector<float>(rows.next_obs[0].floats().begin(), rows.next_obs[0].floats().end()),
      ElementsAre(3, 4));
  EXPECT_THAT(
      std::vector<float>(rows.next_obs[1].floats().begin(), rows.next_obs[1].floats().end()),
      ElementsAre(5, 6));  // what the episode ended with, not what the next begins with
  EXPECT_THAT(std::vector<float>(rows.obs[2].floats().begin(), rows.obs[2].floats().end()),
              ElementsAre(7, 8));
  EXPECT_THAT(
      std::vector<float>(rows.next_obs[2].floats().begin(), rows.next_obs[2].floats().end()),
      ElementsAre(9, 10));
  EXPECT_THAT(std::vector<std::uint8_t>(rows.mask[0].begin(), rows.mask[0].end()),
              ElementsAre(1, 0, 1));
  EXPECT_THAT(std::vector<std::uint8_t>(rows.next_mask[1].begin(), rows.next_mask[1].end()),
              ElementsAre(0, 1, 0));
  EXPECT_THAT(std::vector<std::uint8_t>(rows.mask[2].begin(), rows.mask[2].end()),
              ElementsAre(0, 0, 1));
  EXPECT_THAT(std::vector<float>(rows.reward.begin(), rows.reward.end()), ElementsAre(0.5f, -1, 2));
  EXPECT_THAT(std::vector<std::uint8_t>(rows.terminated.begin(), rows.terminated.end()),
              ElementsAre(0, 1, 0));
  EXPECT_EQ(rows.actions[0].discrete(), 2);
  EXPECT_EQ(rows.actions[1].discrete(), 1);
}

// The list of a row is its floats, then its bytes.
TEST_F(DemonstrationsTest, RowsOfFloatsAndBytesAreReadByTheirElements) {
  EnvSpec spec = masked_env();
  spec.obs = ObsSpace().vector("x", 1, -9, 9).of(DType::kUint8).vector("screen", 2, 0, 255);
  const auto text = [](const std::string& reset) {
    return R"({"env": "Masked-v0", "reset_obs": )" + reset +
           R"(, "reset_mask": [1, 1, 1], "steps": [{"action": 0, "obs": [-0.5, 3, 255], )" +
           R"("mask": [1, 1, 1], "reward": 0, "terminated": true, "truncated": false}]})";
  };
  ReplayBuffer replay(spec, room(4, 1));
  Demonstrations(file(text("[0.25, 200, 7]")), spec).add_to(replay, keep);
  const ReplayBatch batch(spec, 1, replay.schema());
  take_all(replay, batch);
  const ObsRow obs = batch.rows().obs[0], next = batch.rows().next_obs[0];
  EXPECT_EQ(obs[0], 0.25f);
  EXPECT_EQ(obs.bytes()[0], 200);
  EXPECT_EQ(obs.bytes()[1], 7);
  EXPECT_EQ(next[0], -0.5f);
  EXPECT_EQ(next.bytes()[1], 255);
  EXPECT_THAT(error_of_text(text("[0.25, 200.5, 7]"), spec),
              HasSubstr("holds what is no whole number from 0 to 255"));
}

// The step after the last one of a file is another episode's, whatever the agent does then.
TEST_F(DemonstrationsTest, WhatIsToldNoFurtherIsCut) {
  const EnvSpec spec = masked_env();
  ReplayBuffer replay(spec, room(8, 1));
  Demonstrations(file(kMasked), spec).add_to(replay, keep);
  const ReplayBuffer::Reader reader = replay.read();
  EXPECT_FALSE(reader.ended(0));
  EXPECT_TRUE(reader.terminated(1));
  EXPECT_TRUE(reader.ended(2));
  EXPECT_FALSE(reader.terminated(2));
}

TEST_F(DemonstrationsTest, EnvsGetWholeEpisodesAndEquallyManySteps) {
  const EnvSpec spec = masked_env();
  ReplayBuffer replay(spec, room(8, 2));
  EXPECT_EQ(Demonstrations(file(kMasked), spec).add_to(replay, keep), 2u);
  const ReplayBuffer::Reader reader = replay.read();
  EXPECT_EQ(reader.written(0), 1);
  EXPECT_EQ(reader.written(1), 1);
  EXPECT_EQ(reader.reward(0), 0.5f);  // of the first episode, cut after its first step
  EXPECT_TRUE(reader.ended(0));
  EXPECT_FALSE(reader.terminated(0));
  EXPECT_EQ(reader.reward(1), 2);
}

TEST_F(DemonstrationsTest, DocumentsFollowEachOther) {
  const EnvSpec spec = masked_env();
  ReplayBuffer replay(spec, room(8, 1));
  EXPECT_EQ(Demonstrations(file(kMasked + "\n\n" + kMasked), spec).add_to(replay, keep), 6u);
  EXPECT_TRUE(replay.read().begins(3));
}

TEST_F(DemonstrationsTest, BoxActionsAreConverted) {
  EnvSpec spec;
  spec.id = "Box-v0";
  spec.obs.scalar("x", 0, 1);
  spec.action = ActionSpace::box({ActionSpace::real("u", 0, 10)});
  ReplayBuffer replay(spec, room(4, 1));
  const std::string text =
      R"({"env": "Box-v0", "reset_obs": [0.25], "steps": [{"action": [7.5], )"
      R"("obs": [0.5], "reward": 1, "terminated": true, "truncated": false}]})";
  Demonstrations(file(text), spec).add_to(replay, [](MutableActionRow action) { action[0] -= 5; });
  EXPECT_EQ(*static_cast<const float*>(replay.read().action(0)), 2.5f);
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = kMasked;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(DemonstrationsTest, WhatDoesNotFitIsNamedWithItsPlace) {
  EXPECT_THAT(
      error_of([&] { Demonstrations(folder_.path() + "/none", masked_env()); }, ExitCode::kUsage),
      AllOf(HasSubstr("cannot read"), HasSubstr("No such file")));
  EXPECT_THAT(error_of([] { Demonstrations("/dev/zero", masked_env()); }, ExitCode::kUsage),
              HasSubstr("is a device"));
  const std::string pipe = folder_.path() + "/pipe";  // opening one would wait for a writer
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { Demonstrations(pipe, masked_env()); }, ExitCode::kUsage),
              HasSubstr("is a pipe"));
  EXPECT_THAT(error_of_text(""), HasSubstr("holds no steps"));
  EXPECT_THAT(error_of_text("{"), HasSubstr("steps.json:1: "));
  EXPECT_THAT(error_of_text("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(error_of_text(R"({"env": 3})"), HasSubstr("steps.json:1: "));
  EXPECT_THAT(error_of_text(with("Masked-v0", "CartPole-v1")),
              HasSubstr("its steps are of CartPole-v1, not of Masked-v0"));
  EXPECT_THAT(error_of_text(kMasked + "\n" + with("[3, 4]", "[3]")),
              AllOf(HasSubstr("steps.json:2: step 1: 'obs' is no list of 2 numbers"),
                    HasSubstr("tern rollout Masked-v0 --steps N --json")));
  EXPECT_THAT(error_of_text(with("[5, 6]", R"([5, "nan"])")),
              HasSubstr("step 2: 'obs' holds what is no finite number"));
  EXPECT_THAT(error_of_text(with("[5, 6]", "[5, 1e39]")), HasSubstr("no finite number"));
  EXPECT_THAT(error_of_text(with("\"action\": 1", "\"action\": 3")),
              HasSubstr("step 2: its 'action' is 3; expected 0 to 2"));
  EXPECT_THAT(error_of_text(with("\"action\": 1", "\"action\": 0.5")),
              HasSubstr("no whole number"));
  EXPECT_THAT(error_of_text(with("\"action\": 2", "\"action\": 1")),
              HasSubstr("step 1: the mask forbids its 'action' 1"));
  EXPECT_THAT(error_of_text(with("[1, 1, 1]", "[1, 1]")), HasSubstr("'mask' is no list of 3"));
  EXPECT_THAT(error_of_text(with(R"("mask": [0, 1, 0], )", "")), HasSubstr("'mask' is no list"));
  EXPECT_THAT(error_of_text(with("-1", "\"inf\"")), HasSubstr("'reward' is no finite number"));
  EXPECT_THAT(error_of_text(with("true", "1")), HasSubstr("not both true or false"));
  EXPECT_THAT(error_of_text(with(R"(, "next_reset_obs": [7, 8])", "")),
              HasSubstr("step 3: the episode before it has ended"));
  EXPECT_THAT(error_of_text(with("\"reset_obs\"", R"("initial_state": [0], "reset_obs")")),
              HasSubstr("--state"));
}

TEST_F(DemonstrationsTest, WhatTheBufferCannotHoldIsRefused) {
  const EnvSpec spec = masked_env();
  const Demonstrations demonstrations(file(kMasked), spec);
  ReplayBuffer small(spec, room(2, 1)), many(spec, room(9, 3));
  EXPECT_THAT(error_of([&] { demonstrations.add_to(small, keep); }, ExitCode::kUsage),
              HasSubstr("holds 3 steps, more than agent.buffer_size: 2 keeps"));
  EXPECT_THAT(error_of([&] { demonstrations.add_to(many, keep); }, ExitCode::kUsage),
              HasSubstr("holds 2 episodes, too few for run.num_envs: 3"));
}

}  // namespace
}  // namespace tern
