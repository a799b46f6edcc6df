// Proof: law (the same episodes as a VecEnv of one env plays), worked examples on small envs.

#include "render/episode_player.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

/// Counts to three and ends there; shows the count; the second action is forbidden at odd counts.
class Counting final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec s;
      s.id = "Counting-v0";
      s.obs.scalar("count", 0, 3);
      s.action = ActionSpace::discrete({"stay", "up"});
      s.has_masks = true;
      return s;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = static_cast<float>(count_ = 0); }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = static_cast<float>(++count_);
    StepResult result;
    result.reward = static_cast<float>(count_);
    result.terminated = count_ == 3;
    return result;
  }
  void action_mask(MaskRow mask) const override {
    mask[0] = 1;
    mask[1] = count_ % 2 == 0;
  }
  void draw(Canvas& canvas) const override {
    canvas.set_view({0, 0}, {4, 4}, palette::kBackground);
    canvas.circle({static_cast<float>(count_), 1}, 0.5f, palette::kAgent);
  }

 private:
  int count_ = 0;
};

EnvEntry counting_entry() {
  EnvRegistry registry;
  registry.add<Counting>();
  return registry.find("Counting-v0");
}

/// Counts what it was shown of an episode, in the state; its value is that count.
class Remembering final : public Policy {
 public:
  explicit Remembering(std::size_t state_size = 1) : state_size_(state_size) {}
  std::size_t state_size() const override { return state_size_; }
  void act(Row<const ActRow> rows, bool) override {
    for (const ActRow& row : rows) {
      ++row.state[0];
      row.action.discrete() = 0;
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float> state) override {
    EXPECT_EQ(state.size(), state_size_);
    Inspection inspection;
    inspection.value = state[0];
    return inspection;
  }
  std::int64_t step() const override { return 0; }
  std::string agent() const override { return "ppo"; }

 private:
  std::size_t state_size_;
};

TEST(EpisodePlayer, KeepsWhatAPolicyRemembersOfAnEpisode) {
  Remembering policy, newer;
  EpisodePlayer player(counting_entry(), {}, {});
  for (int episode = 0; episode < 2; ++episode) {
    player.start(&policy);
    EXPECT_EQ(player.frame().inspection.value, 0);
    player.step(&policy);
    EXPECT_EQ(player.frame().inspection.value, 1);
    player.step(&newer);  // a snapshot of the same run, in the middle of an episode
    EXPECT_EQ(player.frame().inspection.value, 2);
    player.step(&policy);
  }
}

TEST(EpisodePlayer, APolicyOfAnotherSizeStartsWithoutMemory) {
  Remembering policy(1), larger(3);
  EpisodePlayer player(counting_entry(), {}, {});
  player.start(&policy);
  player.step(&policy);
  player.step(&larger);
  EXPECT_EQ(player.frame().inspection.value, 0);
}

TEST(EpisodePlayer, PlaysTheEpisodesOfAVecEnvWithTheSameSeed) {
  for (const char* id : {"CartPole-v1", "FrozenLake-v1"}) {
    const EnvEntry& entry = registry().find(id);
    VecEnvOptions options;
    options.seed = 7;
    VecEnv vec(entry, {}, options);
    StepBuffers buffers(vec.spec().obs, vec.spec().action, vec.spec().metrics.size(), 1);
    vec.reset(buffers.batch.obs, buffers.batch.mask);

    EpisodeOptions episode;
    episode.seed = 7;
    EpisodePlayer player(entry, {}, episode);
    player.start(nullptr);
    int episodes = 0;
    for (int i = 0; i < 300; ++i) {
      const FrameData before = player.frame();
      EXPECT_EQ(before.obs[0], buffers.batch.obs[0][0]) << id << " step " << i;
      buffers.actions[0].discrete() = static_cast<std::int32_t>(before.action.at(0));
      vec.step(buffers.actions, buffers.batch);
      player.step(nullptr);
      EXPECT_EQ(player.frame().reward, buffers.batch.reward[0]);
      EXPECT_EQ(player.frame().terminated, buffers.batch.terminated[0] != 0);
      EXPECT_EQ(player.frame().truncated, buffers.batch.truncated[0] != 0);
      if (!player.has_ended()) continue;
      EXPECT_EQ(player.frame().episode_return, buffers.batch.episode_return[0]);
      EXPECT_EQ(player.frame().obs[0], buffers.batch.final_obs[0][0]);
      player.start(nullptr);
      ++episodes;
    }
    EXPECT_GE(episodes, 3) << id;
  }
}

TEST(EpisodePlayer, TheStateThatAnEpisodeEndedInIsDrawn) {
  const EnvEntry entry = counting_entry();
  EpisodePlayer player(entry, {}, {});
  player.start(nullptr);
  for (int i = 0; i < 3; ++i) player.step(nullptr);
  const FrameData& end = player.frame();
  EXPECT_TRUE(end.terminated);
  EXPECT_EQ(end.env.str(), "set_view (0, 0) (4, 4) #fafaf7\ncircle (3, 1) radius 0.5 #0072b2\n");
  EXPECT_EQ(end.obs, std::vector<float>{3});
  EXPECT_TRUE(end.action.empty());
  EXPECT_EQ(end.step, 3);
  EXPECT_EQ(end.episode_return, 1 + 2 + 3);

  player.step(nullptr);  // nothing happens until the next episode
  EXPECT_EQ(player.frame().step, 3);
  player.start(nullptr);
  EXPECT_EQ(player.frame().episode, 2);
  EXPECT_EQ(player.frame().step, 0);
  EXPECT_EQ(player.frame().past_returns, std::vector<double>{6});
}

TEST(EpisodePlayer, RandomActionsKeepToTheMask) {
  const EnvEntry entry = counting_entry();
  EpisodePlayer player(entry, {}, {});
  for (int episode = 0; episode < 20; ++episode) {
    player.start(nullptr);
    player.step(nullptr);  // at count 1 only the first action is allowed
    EXPECT_EQ(player.frame().mask, (std::vector<std::uint8_t>{1, 0}));
    EXPECT_EQ(player.frame().action, std::vector<float>{0});
  }
}

TEST(EpisodePlayer, APolicyActsAndIsInspected) {
  EpisodePlayer player(registry().find("CartPole-v1"), {}, {});
  LinearPolicy policy(4096);
  player.start(&policy);
  while (!player.has_ended()) player.step(&policy);
  const FrameData& end = player.frame();
  EXPECT_EQ(end.episode_return, 500);
  EXPECT_TRUE(end.truncated);
  EXPECT_FALSE(end.terminated);
  EXPECT_EQ(end.agent, "ppo");
  EXPECT_EQ(end.policy_step, 4096);
  EXPECT_EQ(end.inspection.probabilities.size(), 2u);
  EXPECT_EQ(end.past_values.back(), *end.inspection.value);
}

TEST(EpisodePlayer, AnEnvWithoutATimeLimitIsCutWhereAsked) {
  const EnvEntry entry = counting_entry();
  EpisodeOptions options;
  options.cut_after = 2;
  EpisodePlayer player(entry, {}, options);
  player.start(nullptr);
  player.step(nullptr);
  player.step(nullptr);
  EXPECT_TRUE(player.frame().truncated);
  EXPECT_FALSE(player.frame().terminated);
  EXPECT_TRUE(player.is_cut());
  EXPECT_EQ(player.frame().max_steps, 0);  // so it shows no "of 2"
}

TEST(EpisodePlayer, AnAliasKeepsItsName) {
  EpisodePlayer player(registry().find("Tetris-Moves-v1"), {}, {});
  EXPECT_EQ(player.spec().id, "Tetris-Moves-v1");
}

TEST(EpisodePlayer, SeedsDifferAndRepeat) {
  const auto first_obs = [](std::uint64_t seed) {
    EpisodeOptions options;
    options.seed = seed;
    EpisodePlayer player(registry().find("CartPole-v1"), {}, options);
    player.start(nullptr);
    return player.frame().obs;
  };
  EXPECT_EQ(first_obs(3), first_obs(3));
  EXPECT_NE(first_obs(3), first_obs(4));
}

TEST(EpisodePlayer, ReportsAReturnForEachPlayer) {
  EpisodePlayer player(registry().find("ConnectFour-v1"), {{"opponent", "none", "test"}}, {});
  for (int episode = 0; episode < 10; ++episode) {
    player.start(nullptr);
    EXPECT_EQ(return_text(player.frame()), "0 : 0");
    int steps = 0;
    for (; !player.has_ended(); ++steps) player.step(nullptr);
    const FrameData& frame = player.frame();
    ASSERT_EQ(frame.player_returns.size(), 2u);
    EXPECT_EQ(frame.player_returns[0] + frame.player_returns[1], 0);
    EXPECT_EQ(frame.episode_return, frame.player_returns[0]);
    if (steps < 42) {  // someone has won, the one with the last stone
      EXPECT_EQ(return_text(frame), steps % 2 == 1 ? "1 : -1" : "-1 : 1");
    }
  }
}

}  // namespace
}  // namespace tern
