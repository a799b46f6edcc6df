// Proof: worked examples with keys and a clock of our own, error text. No display, no sleeping.

#include "render/game.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/render/fake_window.h"

namespace tern {
namespace {

using testing::HasSubstr;

Keys one(Key key) {
  Keys keys;
  keys.press(key);
  return keys;
}

/// The key goes down and stays, or goes down and up at once.
PlayerInput holding(Key key) { return {one(key), {one(key)}}; }
PlayerInput tapping(Key key) { return {Keys(), {one(key)}}; }

std::unique_ptr<EpisodePlayer> player(const std::string& id, const ParamValues& params = {}) {
  EpisodeOptions options;
  options.by_hand = true;
  options.cut_after = 1000;
  return std::make_unique<EpisodePlayer>(registry().find(id), params, options);
}

std::string meaning_of(const std::string& id, const std::string& keys) {
  for (const KeyMeaning& meaning : key_meanings(*registry().find(id).make({}))) {
    if (meaning.keys == keys) return meaning.meaning;
  }
  return "nothing";
}

TEST(KeyMeanings, AreFoundByAskingTheEnv) {
  EXPECT_EQ(meaning_of("FrozenLake-v1", "left"), "left");
  EXPECT_EQ(meaning_of("CartPole-v1", "right"), "right");
  EXPECT_EQ(meaning_of("CartPole-v1", "left, no key"), "left");
  EXPECT_THAT(meaning_of("Pendulum-v1", "left"), HasSubstr("torque"));
  EXPECT_EQ(meaning_of("CartPole-v1", "a"), "nothing");
}

TEST(KeyMeanings, RowsOfKeysForNumberedChoicesAreOneLine) {
  EXPECT_EQ(meaning_of("ConnectFour-v1", "1 .. 7"), "column 1 .. 7");
  EXPECT_EQ(meaning_of("Bandit-v0", "0 .. 9"), "arm 0 .. 9");
}

TEST(KeyMeanings, NumbersAreShort) {
  EXPECT_EQ(meaning_of("CarRacing-v3", "down"), "brake 0.8");
}

TEST(KeyMeanings, AreFewForEveryEnv) {
  for (const std::string& id : registry().ids()) {
    const auto env = registry().find(id).make({});
    Rng rng(0, "test");
    ResetContext context{rng, 0};
    StepBuffers buffers(env->spec().obs, env->spec().action, env->spec().metrics.size(), 1);
    env->reset(context, buffers.batch.obs[0]);
    const std::vector<KeyMeaning> meanings = key_meanings(*env);
    EXPECT_LE(meanings.size(), 13u) << id;
    for (const KeyMeaning& meaning : meanings) {
      EXPECT_LE(meaning.keys.size(), 18u) << id << ": " << meaning.keys;
      EXPECT_LE(meaning.meaning.size(), 60u) << id << ": " << meaning.meaning;
    }
  }
}

/// Half a second for each number.
void count_down(Game& game) {
  for (int i = 0; i < 3; ++i) game.advance(0.5);
}

TEST(Game, BeginsWithTheHelpAndWaitsForAKey) {
  Game game(player("CartPole-v1"));
  EXPECT_TRUE(game.frame().shows_help);
  game.advance(0.4);
  EXPECT_EQ(game.frame().step, 0);
  game.play(holding(Key::kRight));
  EXPECT_FALSE(game.frame().shows_help);
  count_down(game);
  EXPECT_EQ(game.frame().step, 0);
  game.advance(0.1);  // 50 frames a second
  EXPECT_EQ(game.frame().step, 5);
  EXPECT_EQ(game.frame().action.at(0), 1);
}

/// The texts in the picture of the env.
std::vector<std::string> texts_of(const FrameData& frame) {
  std::vector<std::string> texts;
  for (const DrawCall& call : frame.env.calls()) {
    if (call.kind == DrawCall::Kind::kText) texts.push_back(call.line);
  }
  return texts;
}

TEST(Game, CallsThePersonYou) {
  Game game(player("ConnectFour-v1"));
  EXPECT_THAT(texts_of(game.frame()), testing::Contains("you"));
  EXPECT_THAT(texts_of(game.frame()), testing::Not(testing::Contains("agent")));
  EpisodePlayer policys(registry().find("ConnectFour-v1"), {}, {});
  policys.start(nullptr);
  EXPECT_THAT(texts_of(policys.frame()), testing::Contains("agent"));
}

TEST(Game, KeepsEachEpisodeThatEnds) {
  Game game(player("FrozenLake-v1", {{"slippery", "false", "test"}}));
  std::vector<Episode> kept;
  game.keep_episodes([&](const Episode& episode) {
    kept.push_back(episode);
    return "kept " + std::to_string(kept.size());
  });
  const auto go = [&](std::initializer_list<Key> keys) {
    for (const Key key : keys) game.play(tapping(key));
  };
  go({Key::kDown, Key::kX, Key::kRight});  // into the hole
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(game.frame().notice, "kept 1");
  ASSERT_EQ(kept[0].steps(), 2);
  EXPECT_EQ(kept[0].moments[0].action, std::vector<float>{1});
  EXPECT_EQ(kept[0].moments[1].action, std::vector<float>{2});
  EXPECT_TRUE(kept[0].moments[2].action.empty());
  EXPECT_TRUE(kept[0].moments[2].terminated);
  EXPECT_EQ(kept[0].moments[1].obs[0], 4);
  for (int i = 0; i < 3; ++i) game.advance(0.5);
  game.play(tapping(Key::kEnter));
  go({Key::kRight, Key::kDown});
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[1].number, 2);
}

TEST(Game, WhatCannotBeKeptIsSaidAndTheGameGoesOn) {
  Game game(player("FrozenLake-v1", {{"slippery", "false", "test"}}));
  game.keep_episodes([](const Episode&) -> std::string { throw Error("the disk is full"); });
  game.play(tapping(Key::kDown));
  game.play(tapping(Key::kRight));
  EXPECT_EQ(game.frame().notice, "the disk is full");
}

TEST(Game, CountsDownBeforeEachEpisodeInRealTime) {
  Game game(player("CartPole-v1"));
  game.play(tapping(Key::kRight));
  std::vector<int> numbers;
  for (int i = 0; i < 6; ++i) {
    game.advance(0.25);
    numbers.push_back(game.frame().countdown);
  }
  EXPECT_EQ(numbers, (std::vector<int>{3, 2, 2, 1, 1, 0}));
  EXPECT_EQ(game.frame().step, 0);
  game.advance(0.02);
  EXPECT_EQ(game.frame().step, 1);
  EXPECT_EQ(game.frame().action.at(0), 0);  // the key that began it moves nothing
  game.press(ViewerKey::kNextEpisode);
  game.advance(0.25);
  EXPECT_EQ(game.frame().countdown, 3);
}

TEST(Game, ARealTimeEnvGetsWhatIsHeldAndTheShortestTapOnce) {
  Game game(player("CartPole-v1"));
  game.play(holding(Key::kRight));
  count_down(game);
  game.advance(0.02);
  game.play({Keys(), {}});  // let go
  game.advance(0.02);
  EXPECT_EQ(game.frame().action.at(0), 0);
  game.play(tapping(Key::kRight));
  game.play({Keys(), {}});
  game.advance(0.02);
  EXPECT_EQ(game.frame().action.at(0), 1);
  game.advance(0.02);
  EXPECT_EQ(game.frame().action.at(0), 0);
}

TEST(Game, ATurnBasedEnvTakesAStepForEachKeyThatMeansSomething) {
  Game game(player("FrozenLake-v1", {{"slippery", "false", "test"}}));
  game.advance(5);
  EXPECT_EQ(game.frame().step, 0);
  game.play(tapping(Key::kRight));
  EXPECT_EQ(game.frame().step, 1);
  EXPECT_EQ(game.frame().obs.at(0), 1);  // the second cell of the first row
  game.play(tapping(Key::kX));
  EXPECT_EQ(game.frame().step, 1);
  game.play({Keys(), {one(Key::kRight), one(Key::kDown)}});
  EXPECT_EQ(game.frame().step, 3);
  EXPECT_EQ(game.frame().obs.at(0), 6);
}

TEST(Game, TheEndStaysInSightUntilEnterAfterAMoment) {
  Game game(player("FrozenLake-v1", {{"map", "SHG", "test"}, {"slippery", "false", "test"}}));
  game.play(tapping(Key::kRight));
  EXPECT_TRUE(game.frame().terminated);
  game.play(tapping(Key::kEnter));  // too early
  EXPECT_TRUE(game.frame().terminated);
  game.advance(0.5);
  game.advance(0.5);
  EXPECT_TRUE(game.frame().terminated);
  game.play(tapping(Key::kDown));  // perhaps one key too many
  EXPECT_TRUE(game.frame().terminated);
  game.play(tapping(Key::kEnter));
  EXPECT_EQ(game.frame().episode, 2);
  EXPECT_EQ(game.frame().past_returns.size(), 1u);
}

/// Only right is allowed. `is_mute`: no keys.
template <bool is_mute>
class Walls final : public Env {
 public:
  Walls() {
    spec_.id = "Walls-v0";
    spec_.obs.scalar("x", 0, 9);
    spec_.action = ActionSpace::discrete({"left", "right"});
    spec_.turn_based = spec_.has_masks = true;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 1;
    return {};
  }
  void action_mask(MaskRow mask) const override {
    mask[0] = 0;
    mask[1] = 1;
  }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    action.discrete() = keys[Key::kRight] ? 1 : 0;
    return !is_mute && (keys[Key::kRight] || keys[Key::kLeft]);
  }

 private:
  EnvSpec spec_;
};

template <class Env>
std::unique_ptr<EpisodePlayer> player_of() {
  EnvRegistry envs;
  envs.add<Env>();
  EpisodeOptions options;
  options.by_hand = true;
  return std::make_unique<EpisodePlayer>(envs.find("Walls-v0"), ParamValues(), options);
}

TEST(Game, ForbiddenActionsAreNotTaken) {
  Game game(player_of<Walls<false>>());
  game.play(tapping(Key::kLeft));
  EXPECT_EQ(game.frame().step, 0);
  EXPECT_EQ(game.frame().notice, "not allowed now");
  game.play(tapping(Key::kRight));
  EXPECT_EQ(game.frame().step, 1);
}

TEST(Game, PauseStopsKeysAndTime) {
  Game game(player("CartPole-v1"));
  game.play(holding(Key::kRight));
  count_down(game);
  game.press(ViewerKey::kPause);
  game.advance(0.2);
  EXPECT_EQ(game.frame().step, 0);
  game.press(ViewerKey::kPause);
  game.advance(0.02);
  EXPECT_EQ(game.frame().step, 1);
}

TEST(Game, RunsInAWindow) {
  FakeWindow window;
  FakeTime time;
  Game game(player("FrozenLake-v1", {{"slippery", "false", "test"}}));
  ViewerLoopOptions options;
  options.clock = time.clock();
  window.on_poll = [&](int poll) {
    if (poll == 3) window.input = tapping(Key::kDown);
  };
  window.plan[6] = {ViewerKey::kQuit};
  run_viewer(window, game, options);
  EXPECT_EQ(game.frame().step, 1);
  EXPECT_GE(window.shown, 2);
}

TEST(Game, AnEnvWithoutKeysIsRefused) {
  EXPECT_THAT(error_of([] { Game game(player_of<Walls<true>>(), "Watch it: tern watch ./walls.so"); },
                       ExitCode::kUsage),
              HasSubstr("Walls-v0 has no keys for a player. Watch it: tern watch ./walls.so"));
}

}  // namespace
}  // namespace tern
