// Proof: laws over all families of envs, with random actions and a policy written by hand.

#include "render/episode.h"

#include <gtest/gtest.h>

#include "core/drawing/raster_canvas.h"
#include "render/episode_replay.h"
#include "render/frame_layout.h"
#include "render/play_episode.h"
#include "tests/core/canvas_scene.h"
#include "tests/error_of.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

/// Plays at most so many steps of an episode.
EpisodePlayer player_of(const std::string& id, int steps) {
  EpisodeOptions options;
  options.seed = 7;
  options.cut_after = steps;
  return EpisodePlayer(registry().find(id), {}, options);
}

std::uint64_t film_hash(const FrameData& frame) {
  RasterCanvas canvas(320, 240);
  draw_recorded_frame(canvas, 320, 240, frame);
  return picture_hash(canvas.rgb());
}

TEST(Episode, EachMomentIsWhatThePlayerShowed) {
  LinearPolicy policy;
  EpisodePlayer recorded = player_of("CartPole-v1", 400), shown = player_of("CartPole-v1", 400);
  play_episode(recorded, &policy);  // the second one is looked at
  for (shown.start(&policy); !shown.has_ended();) shown.step(&policy);
  const Episode episode = play_episode(recorded, &policy);
  shown.start(&policy);
  ASSERT_EQ(episode.steps(), 400);
  for (std::size_t t = 0; t <= 400; ++t) {
    const FrameData frame = frame_of(episode, t), expected = shown.frame();
    EXPECT_EQ(frame.obs, expected.obs);
    EXPECT_EQ(frame.action, expected.action);
    EXPECT_EQ(frame.inspection.probabilities, expected.inspection.probabilities);
    EXPECT_EQ(frame.past_values, expected.past_values);
    EXPECT_EQ(frame.env.str(), expected.env.str());
    EXPECT_EQ(frame.step, expected.step);
    EXPECT_EQ(frame.episode, 2);
    EXPECT_EQ(frame.episode_return, expected.episode_return);
    EXPECT_EQ(frame.past_returns, expected.past_returns);
    EXPECT_EQ(frame.policy_step, 51'200);
    EXPECT_EQ(end_label(frame), t == 400 ? "cut" : "");
    EXPECT_EQ(episode.moments[t].state_hash, shown.state_hash());
    if (t % 100 == 0) {
      EXPECT_EQ(film_hash(frame), film_hash(expected));
    }
    shown.step(&policy);
  }
}

TEST(Episode, GoingBackGivesTheSameStateForEveryEnv) {
  for (const std::string& id : registry().ids()) {
    EpisodePlayer player = player_of(id, 60);
    play_episode(player, nullptr);  // not the first one
    const Episode episode = play_episode(player, nullptr);
    EpisodeReplay replay(registry().find(id), {}, episode);
    Rng rng(3, "moments");
    const auto count = static_cast<std::uint32_t>(episode.moments.size());
    for (std::uint32_t i = 0; i < 12; ++i) {
      const std::size_t t = i == 0 ? count - 1 : rng.below(count);
      replay.go_to(t);
      EXPECT_EQ(replay.state_hash(), episode.moments[t].state_hash) << id << " at " << t;
    }
  }
}

TEST(Episode, AnotherActionLeadsToAnotherState) {
  for (const char* id : {"CartPole-v1", "LunarLander-v3", "FrozenLake-v1", "Game2048-v1"}) {
    EpisodePlayer player = player_of(id, 5);
    Episode episode = play_episode(player, nullptr);
    ASSERT_GE(episode.steps(), 2);
    float& action = episode.moments[0].action[0];
    const auto options = static_cast<float>(episode.spec->action.options(0));
    bool differs = false;  // some moves do the same: against a wall, say
    for (float other = 0; other < options; ++other) {
      action = other;
      EpisodeReplay replay(registry().find(id), {}, episode);
      replay.go_to(1);
      differs = differs || replay.state_hash() != episode.moments[1].state_hash;
    }
    EXPECT_TRUE(differs) << id;
  }
}

TEST(Episode, PartsOfTheRewardSumToIt) {
  EpisodePlayer player = player_of("LunarLander-v3", 60);
  const Episode episode = play_episode(player, nullptr);
  ASSERT_GT(episode.spec->reward_terms.size(), 1u);
  for (int t = 1; t <= episode.steps(); ++t) {
    const Moment& moment = episode.moments[static_cast<std::size_t>(t)];
    float sum = 0;
    for (const float term : moment.reward_terms) sum += term;
    EXPECT_NEAR(sum, moment.reward, 1e-3f);
  }
  EXPECT_TRUE(episode.moments[0].reward_terms.empty());
}

/// Tells its time, and lets two players take turns.
struct Telling final : Env {
  Telling() {
    spec_.id = "Telling-v0";
    spec_.obs.scalar("x", 0, 1);
    spec_.action = ActionSpace::discrete({"on"});
    spec_.max_episode_steps = 5;
    spec_.info = {"time"};
    spec_.players = 2;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = static_cast<float>(time_ = 0); }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    ++time_;
    return {};
  }
  void info(FloatRow info) const override { info[0] = static_cast<float>(time_); }
  int current_player() const override { return time_ % 2; }
  EnvSpec spec_;
  int time_ = 0;
};

TEST(Episode, HasInfoValuesAndWhoseViewEachObservationIs) {
  EnvRegistry table;
  table.add<Telling>();
  EpisodePlayer player(table.find("Telling-v0"), {}, {});
  const Episode episode = play_episode(player, nullptr);
  ASSERT_EQ(episode.steps(), 5);
  for (std::size_t t = 0; t < 5; ++t) {
    const FrameData frame = frame_of(episode, t);
    EXPECT_EQ(frame.info, std::vector<float>{static_cast<float>(t)});
    EXPECT_EQ(frame.player, static_cast<int>(t % 2));
  }
  EXPECT_EQ(frame_of(episode, 5).info, std::vector<float>{5});
}

TEST(Episode, AMomentThatIsNotThereIsRefused) {
  EpisodePlayer player = player_of("CartPole-v1", 3);
  const Episode episode = play_episode(player, nullptr);
  const std::string expected = "moment 4 of an episode of 3 steps was asked for";
  EXPECT_EQ(error_of([&] { frame_of(episode, 4); }, ExitCode::kUsage), expected);
  EpisodeReplay replay(registry().find("CartPole-v1"), {}, episode);
  EXPECT_EQ(error_of([&] { replay.go_to(4); }, ExitCode::kUsage), expected);
}

TEST(Drawings, EqualCallsAreKeptOnce) {
  RecordingCanvas first, second;
  for (RecordingCanvas* canvas : {&first, &second}) {
    canvas->set_view({0, 0}, {4, 3}, palette::kBackground);
    canvas->rectangle({0, 0}, {4, 1}, palette::kInk);
  }
  first.circle({1, 2}, 0.5f, palette::kAgent);
  second.circle({2, 2}, 0.5f, palette::kAgent);
  Drawings drawings;
  EXPECT_EQ(drawings.add(first), 0u);
  EXPECT_EQ(drawings.add(second), 1u);
  EXPECT_EQ(drawings.add(first), 2u);
  EXPECT_EQ(drawings.calls().size(), 4u);
  RecordingCanvas again;
  for (std::size_t i = 0; i < 3; ++i) {
    drawings.replay(i, again);
    EXPECT_EQ(again.str(), (i == 1 ? second : first).str());
  }
}

}  // namespace
}  // namespace tern
