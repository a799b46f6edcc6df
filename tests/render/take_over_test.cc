// Proof: worked examples of a person who steers instead of the policy, and laws over all families
// of envs: what was steered can be played again, and the policy goes on as if it had never been
// away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/drawing/raster_canvas.h"
#include "core/drawing/recording_canvas.h"
#include "envs/registry/registry.h"
#include "render/episode_replay.h"
#include "render/frame_layout.h"
#include "render/play_episode.h"
#include "render/terminal_frame.h"
#include "render/viewer.h"
#include "render/viewer_keys.h"
#include "render/viewer_loop.h"
#include "tests/core/canvas_scene.h"
#include "tests/render/explaining_policy.h"
#include "tests/render/fake_window.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Keys only(Key key) {
  Keys keys;
  keys.press(key);
  return keys;
}

PlayerInput holding(Key key) {
  return {only(key), {}};
}

PlayerInput pressing(Key key) {
  return {Keys(), {only(key)}};
}

EpisodeOptions options_of(int cut_after = 60) {
  EpisodeOptions options;
  options.seed = 7;
  options.cut_after = cut_after;
  return options;
}

std::unique_ptr<Viewer> viewer_of(std::shared_ptr<Policy> policy,
                                  const std::string& id = "CartPole-v1", int cut_after = 60) {
  return std::make_unique<Viewer>(
      std::make_unique<EpisodePlayer>(registry().find(id), ParamValues(), options_of(cut_after)),
      [policy] { return policy; });
}

std::unique_ptr<Viewer> balancing(int cut_after = 60) {
  return viewer_of(std::make_shared<LinearPolicy>(), "CartPole-v1", cut_after);
}

void advance(Viewer& viewer, double seconds) {
  for (double done = 0; done < seconds - 1e-9; done += 0.02) viewer.advance(0.02);
}

/// CartPole, taken over, after the countdown.
void take_over(Viewer& viewer) {
  viewer.press(ViewerKey::kTakeOver);
  advance(viewer, 1.5);
}

TEST(TakeOver, TheKeysGoToTheEnvAndBack) {
  const auto viewer = balancing();
  EXPECT_EQ(viewer->key_use(), KeyUse::kViewer);
  viewer->press(*key_of_character('\t'));
  EXPECT_EQ(viewer->key_use(), KeyUse::kPlayer);
  EXPECT_TRUE(viewer->frame().is_taken_over);
  EXPECT_FALSE(viewer->frame().key_help.empty());
  viewer->press(ViewerKey::kTakeOver);
  EXPECT_EQ(viewer->key_use(), KeyUse::kViewer);
  EXPECT_FALSE(viewer->frame().is_taken_over);
  EXPECT_TRUE(viewer->frame().key_help.empty());
}

TEST(TakeOver, APersonHasAMomentBeforeAnEnvInRealTimeGoesOn) {
  const auto viewer = balancing();
  advance(*viewer, 0.2);
  const int step = viewer->frame().step;
  viewer->press(ViewerKey::kTakeOver);
  viewer->advance(0.02);
  EXPECT_EQ(viewer->frame().countdown, 3);
  advance(*viewer, 1.4);
  EXPECT_EQ(viewer->frame().step, step);
  advance(*viewer, 0.2);
  EXPECT_GT(viewer->frame().step, step);
  EXPECT_EQ(viewer->frame().countdown, 0);
}

TEST(TakeOver, NobodySteersFasterThanInRealTimeUnlessAsked) {
  const auto viewer = balancing();
  for (int i = 0; i < 8; ++i) viewer->press(ViewerKey::kFaster);
  EXPECT_TRUE(std::isinf(viewer->frame().speed));
  take_over(*viewer);
  EXPECT_EQ(viewer->frame().speed, 1);
  const int step = viewer->frame().step;
  viewer->press(ViewerKey::kSlower);
  viewer->press(ViewerKey::kTakeOver);
  viewer->press(ViewerKey::kTakeOver);
  EXPECT_EQ(viewer->frame().speed, 0.5);
  advance(*viewer, 1.6);  // the countdown is a person's
  EXPECT_EQ(viewer->frame().step, step + 2);
}

TEST(TakeOver, WhatIsHeldDownSteers) {
  const auto viewer = balancing();
  take_over(*viewer);
  const int step = viewer->frame().step;
  viewer->play(holding(Key::kRight));
  advance(*viewer, 0.12);
  EXPECT_EQ(viewer->frame().step, step + 6);
  EXPECT_GT(viewer->frame().obs[1], 1);  // six pushes to the right
  EXPECT_THAT(viewer->frame().action, ElementsAre(1));
  EXPECT_THAT(viewer->frame().policy_action, ElementsAre(0));  // it would catch the pole
  viewer->play(holding(Key::kLeft));
  advance(*viewer, 0.02);
  EXPECT_THAT(viewer->frame().action, ElementsAre(0));
}

TEST(TakeOver, TheTimeLineKnowsWhoseStepsTheyWere) {
  const auto viewer = balancing();
  for (int i = 0; i < 5; ++i) viewer->press(ViewerKey::kStep);
  take_over(*viewer);
  viewer->play(holding(Key::kRight));
  advance(*viewer, 0.06);
  EXPECT_THAT(viewer->frame().steered, ElementsAre(StepRange{5, 8}));
  viewer->press(ViewerKey::kTakeOver);
  for (int i = 0; i < 2; ++i) viewer->press(ViewerKey::kStep);
  EXPECT_THAT(viewer->frame().steered, ElementsAre(StepRange{5, 8}));
  take_over(*viewer);
  viewer->play(holding(Key::kLeft));
  advance(*viewer, 0.04);
  EXPECT_THAT(viewer->frame().steered, ElementsAre(StepRange{5, 8}, StepRange{10, 12}));
  viewer->press(ViewerKey::kTakeOver);
  viewer->press(ViewerKey::kPause);
  while (viewer->frame().step > 0) {
    viewer->press(ViewerKey::kBack);
    const FrameData frame = viewer->frame();
    const bool is_first = frame.step >= 5 && frame.step < 8;
    const bool is_second = frame.step >= 10 && frame.step < 12;
    EXPECT_EQ(!frame.policy_action.empty(), is_first || is_second) << frame.step;
    if (is_first || is_second) {
      EXPECT_THAT(frame.action, ElementsAre(is_first ? 1 : 0));
    }
  }
}

TEST(TakeOver, TheNextEpisodeBeginsWithoutMarks) {
  const auto viewer = balancing();
  take_over(*viewer);
  viewer->play(holding(Key::kRight));
  advance(*viewer, 0.06);
  viewer->press(ViewerKey::kNextEpisode);
  EXPECT_TRUE(viewer->frame().steered.empty());
  EXPECT_EQ(viewer->key_use(), KeyUse::kPlayer);  // a person asked for it
  viewer->press(ViewerKey::kPreviousEpisode);
  EXPECT_THAT(viewer->frame().steered, ElementsAre(StepRange{0, 3}));
}

TEST(TakeOver, HandedBackThePolicyDecidesAtOnce) {
  const auto viewer = balancing();
  take_over(*viewer);
  viewer->play(holding(Key::kRight));
  advance(*viewer, 0.12);
  const std::vector<float> would = viewer->frame().policy_action;
  ASSERT_NE(would, viewer->frame().action);
  viewer->press(ViewerKey::kTakeOver);
  EXPECT_EQ(viewer->frame().action, would);
  EXPECT_TRUE(viewer->frame().policy_action.empty());
  viewer->press(ViewerKey::kStep);
  viewer->press(ViewerKey::kBack);
  EXPECT_EQ(viewer->frame().action, would);  // it is what was done
  EXPECT_TRUE(viewer->frame().policy_action.empty());
}

TEST(TakeOver, ATurnBasedEnvWaitsForKeys) {
  const auto viewer = viewer_of(std::make_shared<ExplainingPolicy>(), "FrozenLake-v1");
  viewer->press(ViewerKey::kTakeOver);
  const int step = viewer->frame().step;
  advance(*viewer, 3);
  EXPECT_EQ(viewer->frame().step, step);
  viewer->play(pressing(Key::kDown));
  EXPECT_EQ(viewer->frame().step, step + 1);
  viewer->play(pressing(Key::kQ));  // means nothing there
  EXPECT_EQ(viewer->frame().step, step + 1);
}

TEST(TakeOver, WhatIsForbiddenIsNotDone) {
  const auto viewer = viewer_of(nullptr, "ConnectFour-v1");
  viewer->press(ViewerKey::kTakeOver);
  const auto is_open = [&] { return viewer->frame().mask[0] != 0; };
  for (int i = 0; i < 500 && is_open(); ++i) {  // some games end before the column is full
    viewer->play(pressing(Key::k1));
    if (viewer->frame().terminated) viewer->press(ViewerKey::kNextEpisode);
  }
  ASSERT_FALSE(is_open());
  const int step = viewer->frame().step;
  viewer->play(pressing(Key::k1));
  EXPECT_EQ(viewer->frame().step, step);
  viewer->press(ViewerKey::kTakeOver);
  viewer->press(ViewerKey::kStep);  // what the policy decided on is allowed
  EXPECT_EQ(viewer->frame().step, step + 1);
}

TEST(TakeOver, TheEndWaitsForEnterOrIsHandedBack) {
  const auto viewer = balancing();
  take_over(*viewer);
  viewer->play(holding(Key::kRight));
  advance(*viewer, 2);
  ASSERT_TRUE(viewer->frame().terminated);
  EXPECT_EQ(viewer->frame().episode, 1);
  advance(*viewer, 5);
  viewer->play(pressing(Key::kSpace));
  EXPECT_EQ(viewer->frame().episode, 1);
  viewer->play(pressing(Key::kEnter));
  EXPECT_EQ(viewer->frame().episode, 2);
  EXPECT_EQ(viewer->key_use(), KeyUse::kPlayer);
  viewer->play(holding(Key::kRight));
  advance(*viewer, 4);
  ASSERT_TRUE(viewer->frame().terminated);
  viewer->press(ViewerKey::kTakeOver);
  advance(*viewer, 1);
  EXPECT_EQ(viewer->frame().episode, 3);
  EXPECT_FALSE(viewer->frame().is_taken_over);
}

TEST(TakeOver, StepsAreTheEnvsWhileAPersonSteers) {
  const auto viewer = balancing();
  take_over(*viewer);
  const int step = viewer->frame().step;
  viewer->press(ViewerKey::kStep);
  EXPECT_EQ(viewer->frame().step, step);
  EXPECT_TRUE(viewer->frame().is_paused);
  viewer->play(holding(Key::kRight));
  advance(*viewer, 1);
  EXPECT_EQ(viewer->frame().step, step);
}

TEST(TakeOver, AnEarlierMomentIsSteeredFromThere) {
  const auto viewer = balancing();
  for (int i = 0; i < 20; ++i) viewer->press(ViewerKey::kStep);
  for (int i = 0; i < 8; ++i) viewer->press(ViewerKey::kBack);
  const FrameData before = viewer->frame();
  take_over(*viewer);
  EXPECT_EQ(viewer->frame().obs, before.obs);
  EXPECT_EQ(viewer->frame().step, 12);
  EXPECT_EQ(viewer->frame().recorded_steps, 12);
  viewer->play(holding(Key::kLeft));
  advance(*viewer, 0.1);
  EXPECT_EQ(viewer->frame().step, 17);
  EXPECT_THAT(viewer->frame().steered, ElementsAre(StepRange{12, 17}));
  viewer->press(ViewerKey::kPreviousEpisode);  // the one that it was taken from
  viewer->press(ViewerKey::kPreviousEpisode);
  EXPECT_TRUE(viewer->frame().steered.empty());
  EXPECT_EQ(viewer->frame().recorded_steps, 20);
}

TEST(TakeOver, AFutureOfABranchIsSteeredAlone) {
  const auto viewer = balancing();
  for (int i = 0; i < 4; ++i) viewer->press(ViewerKey::kStep);
  const float chosen = viewer->frame().action[0];
  viewer->press(chosen == 0 ? ViewerKey::kBranch2 : ViewerKey::kBranch1);
  advance(*viewer, 0.1);
  ASSERT_NE(viewer->frame().other, nullptr);
  viewer->press(ViewerKey::kOtherSide);
  const FrameData shown = viewer->frame();
  take_over(*viewer);
  EXPECT_EQ(viewer->frame().other, nullptr);
  EXPECT_EQ(viewer->frame().obs, shown.obs);
  EXPECT_EQ(viewer->frame().side, "");
  viewer->press(ViewerKey::kBranch1);
  EXPECT_THAT(viewer->frame().notice, HasSubstr("tab hands back"));
}

TEST(TakeOver, WhatCannotBeSteeredIsSaid) {
  const auto viewer = balancing();
  EpisodeOptions options = options_of();
  viewer->compare_with(
      {std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(), options),
       [] { return nullptr; },
       {"old", "new"}});
  viewer->press(ViewerKey::kTakeOver);
  EXPECT_THAT(viewer->frame().notice, HasSubstr("watch one alone"));
  EXPECT_EQ(viewer->key_use(), KeyUse::kViewer);

  const auto short_viewer = balancing(/*cut_after=*/3);
  for (int i = 0; i < 3; ++i) short_viewer->press(ViewerKey::kStep);
  short_viewer->press(ViewerKey::kTakeOver);
  EXPECT_EQ(short_viewer->frame().notice, "not taken over: the episode is over");
  EXPECT_EQ(short_viewer->key_use(), KeyUse::kViewer);
}

TEST(TakeOver, EveryEnvIsSteeredOrSaysThatItHasNoKeys) {
  int steered = 0;
  for (const std::string& id : registry().ids()) {
    const auto viewer = viewer_of(nullptr, id, 20);
    viewer->press(ViewerKey::kTakeOver);
    const bool is_taken_over = viewer->key_use() == KeyUse::kPlayer;
    EXPECT_THAT(viewer->frame().notice, is_taken_over ? "" : id + " has no keys for a player");
    steered += is_taken_over;
  }
  EXPECT_GT(steered, 20);
}

/// Steers some steps of an episode by random keys, and has the policy play the others.
Episode half_steered(EpisodePlayer& player, Policy* policy, Rng& rng) {
  player.start(policy);
  Episode episode = begin_episode(player);
  while (!player.has_ended()) {
    if (rng.chance(0.3)) {
      player.is_taken_over() ? player.hand_back() : static_cast<void>(player.take_over());
      set_last_action(episode, player.frame());
    }
    if (player.is_taken_over()) {
      const auto choice = player.choose(only(static_cast<Key>(rng.below(43))));
      if (choice == EpisodePlayer::Choice::kForbidden) player.hand_back();
      set_last_action(episode, player.frame());
    }
    player.step(policy);
    add_moment(episode, player);
  }
  return episode;
}

TEST(TakeOver, EpisodesOfEveryEnvReplayToTheBit) {
  for (const std::string& id : registry().ids()) {
    const EnvEntry& entry = registry().find(id);
    EpisodePlayer player(entry, {}, options_of(40));
    Rng rng(8, "hands");
    const Episode episode = half_steered(player, nullptr, rng);
    EpisodeReplay replay(entry, {}, episode);
    for (std::size_t t = 0; t < episode.moments.size(); ++t) {
      replay.go_to(t);
      ASSERT_EQ(replay.state_hash(), episode.moments[t].state_hash) << id << " " << t;
    }
  }
}

TEST(TakeOver, ThePolicyRemembersAndDrawsAsIfItHadDecided) {
  const EnvEntry& entry = registry().find("FrozenLake-v1");
  ExplainingPolicy policy;  // remembers how many steps there were
  EpisodePlayer player(entry, {}, options_of());
  Rng rng(9, "hands");
  const Episode episode = half_steered(player, &policy, rng);
  for (std::size_t t = 0; t < episode.moments.size(); ++t) {
    EXPECT_THAT(episode.moments[t].policy_state, ElementsAre(static_cast<float>(t)));
  }
  ASSERT_FALSE(episode.steered.empty());
  const std::size_t t = static_cast<std::size_t>(episode.steered[0].end);
  EpisodePlayer again(entry, {}, options_of());
  again.go_on_from(episode, t, &policy);
  EXPECT_EQ(again.state_hash(), episode.moments[t].state_hash);
  EXPECT_THAT(again.frame().policy_state, ElementsAre(static_cast<float>(t)));
  EXPECT_FALSE(again.is_taken_over());
}

TEST(TakeOver, ABeginningHasTheMarksOfItsSteps) {
  const EnvEntry& entry = registry().find("CartPole-v1");
  EpisodePlayer player(entry, {}, options_of());
  player.start(nullptr);
  Episode episode = begin_episode(player);
  for (int i = 0; i < 6; ++i) {
    if (i == 2) player.take_over();
    if (i >= 2) player.choose(only(Key::kRight));
    set_last_action(episode, player.frame());
    set_last_action(episode, player.frame());  // once more is the same
    player.step(nullptr);
    add_moment(episode, player);
  }
  EXPECT_THAT(episode.steered, ElementsAre(StepRange{2, 6}));
  EXPECT_THAT(prefix_of(episode, 3).steered, ElementsAre(StepRange{2, 4}));
  EXPECT_TRUE(prefix_of(episode, 1).steered.empty());
}

TEST(TakeOver, TheWindowIsToldWhoseKeysTheyAre) {
  const auto viewer = balancing();
  FakeWindow window;
  FakeTime time;
  std::vector<KeyUse> uses;
  window.on_poll = [&](int) { uses.push_back(window.key_use); };
  window.plan = {{1, {ViewerKey::kTakeOver}}, {3, {ViewerKey::kTakeOver}}, {5, {ViewerKey::kQuit}}};
  ViewerLoopOptions options;
  options.clock = time.clock();
  run_viewer(window, *viewer, options);
  EXPECT_THAT(uses, ElementsAre(KeyUse::kViewer, KeyUse::kViewer, KeyUse::kPlayer, KeyUse::kPlayer,
                                KeyUse::kViewer, KeyUse::kViewer));
}

std::uint64_t hash_of(const FrameData& frame) {
  RasterCanvas canvas(960, 640);
  draw_viewer_frame(canvas, 960, 640, frame);
  return picture_hash(canvas.rgb());
}

std::vector<std::string> words(const FrameData& frame) {
  RecordingCanvas canvas;
  draw_viewer_frame(canvas, 960, 640, frame);
  std::vector<std::string> lines;
  for (const DrawCall& call : canvas.calls()) {
    if (call.kind == DrawCall::Kind::kText) lines.push_back(call.line);
  }
  return lines;
}

TEST(TakeOver, ThePanelMarksWhatThePolicyWouldDo) {
  FrameData frame = balancing_frame();
  frame.is_taken_over = true;
  frame.policy_action = {0};
  EXPECT_THAT(words(frame), Contains("you steer; tab hands back"));
  EXPECT_THAT(words(frame), Contains("mark: ppo would"));
  FrameData other = frame;
  other.policy_action = {1};
  EXPECT_NE(hash_of(frame), hash_of(other));

  frame = steering_frame();
  frame.policy_action = {1, 3};
  other = frame;
  other.policy_action = {-1, 3};
  EXPECT_NE(hash_of(frame), hash_of(other));
}

TEST(TakeOver, ATerminalSaysWhatThePolicyWouldDo) {
  TerminalScreen screen(100, 40);
  FrameData frame = steering_frame();
  frame.is_taken_over = true;
  frame.policy_action = {1.25f, 3};
  draw_terminal_frame(screen, frame, TerminalKind());
  const std::string all = screen.update(nullptr, TerminalKind());
  for (const char* text : {"you steer; tab hands back", "* torque", "1.25 N m", "tab hands back"}) {
    EXPECT_THAT(all, HasSubstr(text));
  }
}

TEST(TakeOver, TheTimeLineMarksTheSteps) {
  FrameData frame = balancing_frame();
  frame.recorded_steps = 123;
  frame.time_line_step = 123;
  const std::uint64_t without = hash_of(frame);
  frame.steered = {{10, 20}};
  const std::uint64_t with_ten = hash_of(frame);
  frame.steered = {{10, 60}};
  EXPECT_NE(without, with_ten);
  EXPECT_NE(with_ten, hash_of(frame));
}

TEST(TakeOver, TheHelpSaysTheEnvsKeys) {
  const auto viewer = balancing();
  viewer->press(ViewerKey::kTakeOver);
  viewer->press(ViewerKey::kHelp);
  const std::vector<std::string> lines = words(viewer->frame());
  for (const char* line : {"hand back", "tab", "left, no key"}) EXPECT_THAT(lines, Contains(line));
}

}  // namespace
}  // namespace tern
