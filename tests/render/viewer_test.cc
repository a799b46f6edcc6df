// Proof: worked examples with a clock of our own, error text. No display, no sleeping.

#include "render/viewer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "render/frame_layout.h"
#include "render/frame_pacer.h"
#include "render/viewer_loop.h"
#include "tests/render/fake_window.h"
#include "tests/render/linear_policy.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

std::shared_ptr<Policy> balancing_policy() {
  static const auto policy = std::make_shared<LinearPolicy>();
  return policy;
}

/// CartPole: 50 steps a second, 500 steps an episode.
Viewer cartpole_viewer() {
  return Viewer(std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                                EpisodeOptions()),
                balancing_policy);
}

TEST(Viewer, TheEnvRunsInRealTime) {
  Viewer viewer = cartpole_viewer();
  for (int i = 0; i < 60; ++i) viewer.advance(1.0 / 60);
  EXPECT_NEAR(viewer.frame().step, 50, 1);
  EXPECT_EQ(viewer.frame().speed, 1);
}

TEST(Viewer, FasterDoublesAndSlowerHalvesTheSpeedWithinBounds) {
  Viewer viewer = cartpole_viewer();
  viewer.press(ViewerKey::kFaster);
  viewer.press(ViewerKey::kFaster);
  EXPECT_EQ(viewer.frame().speed, 4);
  viewer.advance(0.25);
  EXPECT_EQ(viewer.frame().step, 50);
  for (int i = 0; i < 20; ++i) viewer.press(ViewerKey::kSlower);
  EXPECT_EQ(viewer.frame().speed, 1.0 / 16);
  for (int i = 0; i < 10; ++i) viewer.press(ViewerKey::kFaster);
  EXPECT_EQ(viewer.frame().speed, 64);
  viewer.press(ViewerKey::kFaster);
  EXPECT_EQ(viewer.frame().speed, HUGE_VAL);
  const int before = viewer.frame().step;
  viewer.advance(0.001);
  EXPECT_GE(viewer.frame().step, before + 1);
}

/// What a person sees of a moment.
std::string seen(Viewer& viewer) {
  const FrameData& frame = viewer.frame();
  return std::to_string(frame.episode) + "/" + std::to_string(frame.step) + " " + frame.env.str() +
         return_text(frame) + testing::PrintToString(frame.obs) +
         testing::PrintToString(frame.inspection.probabilities) +
         testing::PrintToString(frame.past_values);
}

TEST(Viewer, BackAndForthShowsTheSameMoments) {
  Viewer viewer = cartpole_viewer();
  std::vector<std::string> moments = {seen(viewer)};
  for (int i = 0; i < 30; ++i) {
    viewer.press(ViewerKey::kStep);
    moments.push_back(seen(viewer));
  }
  EXPECT_FALSE(viewer.frame().is_replay);
  for (std::size_t i = 30; i-- > 0;) {
    viewer.press(ViewerKey::kBack);
    EXPECT_EQ(seen(viewer), moments[i]);
    EXPECT_TRUE(viewer.frame().is_replay);
    EXPECT_TRUE(viewer.frame().is_paused);
    EXPECT_EQ(viewer.frame().recorded_steps, 30);
  }
  viewer.press(ViewerKey::kBack);  // there is nothing before it
  EXPECT_EQ(seen(viewer), moments[0]);
  for (std::size_t i = 1; i <= 30; ++i) {
    viewer.press(ViewerKey::kStep);
    EXPECT_EQ(seen(viewer), moments[i]);
  }
  viewer.press(ViewerKey::kStep);  // live again
  EXPECT_EQ(viewer.frame().step, 31);
}

TEST(Viewer, AnEarlierMomentGoesOnInTimeUntilItIsLive) {
  Viewer viewer = cartpole_viewer();
  for (int i = 0; i < 40; ++i) viewer.press(ViewerKey::kStep);
  viewer.press(ViewerKey::kBegin);
  viewer.press(ViewerKey::kPause);
  viewer.advance(0.2);
  EXPECT_EQ(viewer.frame().step, 10);
  EXPECT_TRUE(viewer.frame().is_replay);
  viewer.advance(0.3);
  viewer.advance(0.3);
  EXPECT_EQ(viewer.frame().step, 40);
  EXPECT_FALSE(viewer.frame().is_replay);
  viewer.advance(0.2);
  EXPECT_EQ(viewer.frame().step, 50);
}

TEST(Viewer, EarlierEpisodesCanBeSeenAgain) {
  Viewer viewer = cartpole_viewer();
  for (int i = 0; i < 5; ++i) viewer.press(ViewerKey::kStep);
  viewer.press(ViewerKey::kNextEpisode);
  for (int i = 0; i < 3; ++i) viewer.press(ViewerKey::kStep);
  viewer.press(ViewerKey::kPreviousEpisode);
  EXPECT_EQ(viewer.frame().episode, 1);
  EXPECT_EQ(viewer.frame().step, 0);
  EXPECT_EQ(viewer.frame().recorded_steps, 5);
  for (int i = 0; i < 6; ++i) viewer.press(ViewerKey::kStep);  // over its end
  EXPECT_EQ(viewer.frame().episode, 2);
  EXPECT_EQ(viewer.frame().step, 0);
  viewer.press(ViewerKey::kBack);
  EXPECT_EQ(viewer.frame().episode, 1);
  EXPECT_EQ(viewer.frame().step, 5);
  viewer.press(ViewerKey::kFollowingEpisode);
  EXPECT_EQ(viewer.frame().episode, 2);
  viewer.press(ViewerKey::kEnd);
  EXPECT_EQ(viewer.frame().step, 3);
  EXPECT_FALSE(viewer.frame().is_replay);
}

/// The state that is shown, reached by its actions from its beginning alone.
std::uint64_t hash_of_place(Viewer& viewer, const std::string& id) {
  EpisodeOptions options;
  options.script = std::make_shared<const EpisodeScript>(viewer.place().value());
  EpisodePlayer player(registry().find(id), ParamValues(), options);
  player.start(nullptr);
  for (std::size_t i = 0; i < options.script->actions.size(); ++i) player.step(nullptr);
  return player.state_hash();
}

// The first pass is another player's, so that what is shown again owes nothing to it.
TEST(Viewer, AHundredPlacesOfTheTimeLineAreWhatTheyWereInEveryEnv) {
  for (const std::string& id : registry().ids()) {
    EpisodePlayer first(registry().find(id), ParamValues(), EpisodeOptions());
    first.start(nullptr);
    std::vector<std::uint64_t> hashes = {first.state_hash()};
    std::vector<std::string> pictures = {first.frame().env.str()};
    Viewer viewer(
        std::make_unique<EpisodePlayer>(registry().find(id), ParamValues(), EpisodeOptions()),
        [] { return nullptr; });
    while (hashes.size() < 60 && !first.has_ended()) {
      first.step(nullptr);
      hashes.push_back(first.state_hash());
      pictures.push_back(first.frame().env.str());
      viewer.press(ViewerKey::kStep);
    }
    const Rectangle track = time_line_track(1024, 680);
    Rng rng(7, "places");
    for (int i = 0; i < 100; ++i) {
      const float part = static_cast<float>(rng.uniform());
      const Point at{track.low.x + part * (track.high.x - track.low.x), track.low.y + 2};
      viewer.use_mouse({at, true, true}, 1024, 680);
      const auto t = static_cast<std::size_t>(viewer.frame().step);
      ASSERT_NEAR(static_cast<double>(t), part * static_cast<double>(hashes.size() - 1), 0.51);
      ASSERT_EQ(viewer.frame().env.str(), pictures[t]) << id << " at " << t;
      if (i % 10 == 0) ASSERT_EQ(hash_of_place(viewer, id), hashes[t]) << id << " at " << t;
    }
  }
}

TEST(Viewer, TheMouseScrubs) {
  Viewer viewer = cartpole_viewer();
  for (int i = 0; i < 100; ++i) viewer.press(ViewerKey::kStep);
  viewer.press(ViewerKey::kPause);
  const Rectangle track = time_line_track(1024, 680);
  const auto at = [&](float part) {
    return Point{track.low.x + part * (track.high.x - track.low.x), track.low.y + 2};
  };
  viewer.use_mouse({at(0.25f), true, true}, 1024, 680);
  EXPECT_EQ(viewer.frame().step, 25);
  viewer.advance(0.2);  // held: time stands still
  EXPECT_EQ(viewer.frame().step, 25);
  viewer.use_mouse({{at(0.5f).x, 600}, true, false}, 1024, 680);  // dragged, not along the line
  EXPECT_EQ(viewer.frame().step, 50);
  viewer.use_mouse({at(0.5f), false, false}, 1024, 680);
  viewer.use_mouse({at(0.9f), false, false}, 1024, 680);  // moved without a button
  EXPECT_EQ(viewer.frame().step, 50);
  viewer.advance(0.2);
  EXPECT_EQ(viewer.frame().step, 60);
  viewer.use_mouse({{500, 400}, true, true}, 1024, 680);  // into the env
  EXPECT_EQ(viewer.frame().step, 60);
  viewer.use_mouse({at(2), true, true}, 1024, 680);  // far beside the line's end
  EXPECT_EQ(viewer.frame().step, 60);
  viewer.use_mouse({at(1), true, true}, 1024, 680);
  EXPECT_FALSE(viewer.frame().is_replay);
}

TEST(Viewer, PauseStopsTimeAndGoesOn) {
  Viewer viewer = cartpole_viewer();
  viewer.press(ViewerKey::kPause);
  EXPECT_TRUE(viewer.frame().is_paused);
  viewer.advance(0.4);
  EXPECT_EQ(viewer.frame().step, 0);
  viewer.press(ViewerKey::kPause);
  viewer.advance(0.4);
  EXPECT_EQ(viewer.frame().step, 20);
}

TEST(Viewer, AStepPausesAndDoesExactlyOne) {
  Viewer viewer = cartpole_viewer();
  viewer.press(ViewerKey::kStep);
  EXPECT_EQ(viewer.frame().step, 1);
  EXPECT_TRUE(viewer.frame().is_paused);
  viewer.press(ViewerKey::kStep);
  viewer.advance(0.4);
  EXPECT_EQ(viewer.frame().step, 2);
}

TEST(Viewer, TheEndOfAnEpisodeStaysBeforeTheNextBegins) {
  Viewer viewer = cartpole_viewer();
  for (int i = 0; i < 500; ++i) viewer.press(ViewerKey::kStep);
  EXPECT_TRUE(viewer.frame().truncated);
  viewer.press(ViewerKey::kPause);  // goes on
  viewer.advance(0.4);
  viewer.advance(0.4);
  EXPECT_TRUE(viewer.frame().truncated);
  viewer.advance(0.2);
  EXPECT_FALSE(viewer.frame().truncated);
  EXPECT_EQ(viewer.frame().episode, 2);
  EXPECT_EQ(viewer.frame().step, 0);
  EXPECT_EQ(viewer.frame().past_returns, std::vector<double>{500});
}

TEST(Viewer, AStepAfterTheEndStartsTheNextEpisode) {
  Viewer viewer = cartpole_viewer();
  for (int i = 0; i < 501; ++i) viewer.press(ViewerKey::kStep);
  EXPECT_EQ(viewer.frame().episode, 2);
  EXPECT_EQ(viewer.frame().step, 0);
}

TEST(Viewer, NextEpisodeHelpAndQuitDoWhatTheySay) {
  Viewer viewer = cartpole_viewer();
  viewer.advance(0.2);
  viewer.press(ViewerKey::kNextEpisode);
  EXPECT_EQ(viewer.frame().episode, 2);
  EXPECT_EQ(viewer.frame().step, 0);
  viewer.press(ViewerKey::kHelp);
  EXPECT_TRUE(viewer.frame().shows_help);
  viewer.press(ViewerKey::kHelp);
  EXPECT_FALSE(viewer.frame().shows_help);
  EXPECT_FALSE(viewer.wants_to_quit());
  viewer.press(ViewerKey::kQuit);
  EXPECT_TRUE(viewer.wants_to_quit());
}

TEST(Viewer, TheMouseScrollsFoldsAndAsks) {
  Viewer viewer = cartpole_viewer();
  RasterCanvas canvas(700, 300);  // too low for the whole panel
  const auto draw = [&] { viewer.set_panel(draw_viewer_frame(canvas, 700, 300, viewer.frame())); };
  const auto middle_of = [](const PanelMap::Area& area) {
    return Point{(area.at.low.x + area.at.high.x) / 2, (area.at.low.y + area.at.high.y) / 2};
  };
  draw();
  const PanelMap map = draw_viewer_frame(canvas, 700, 300, viewer.frame());
  ASSERT_GT(map.hidden, 0);
  viewer.has_changed();
  viewer.use_mouse({{100, 100}, false, false, -1}, 700, 300);  // over the env
  EXPECT_EQ(viewer.frame().panel_scroll, 0);
  EXPECT_FALSE(viewer.has_changed());
  viewer.use_mouse({{600, 100}, false, false, -1}, 700, 300);
  EXPECT_GT(viewer.frame().panel_scroll, 0);
  EXPECT_TRUE(viewer.has_changed());
  for (int i = 0; i < 100; ++i) viewer.use_mouse({{600, 100}, false, false, -1}, 700, 300);
  EXPECT_FLOAT_EQ(viewer.frame().panel_scroll, map.hidden / map.scale);
  for (int i = 0; i < 100; ++i) viewer.use_mouse({{600, 100}, false, false, 1}, 700, 300);
  EXPECT_EQ(viewer.frame().panel_scroll, 0);
  draw();

  int titles = 0, hints = 0;
  for (const PanelMap::Area& area : map.areas) {
    viewer.use_mouse({middle_of(area), true, true}, 700, 300);
    const std::size_t section = static_cast<std::size_t>(area.section);
    if (area.is_title) {
      ++titles;
      EXPECT_TRUE(viewer.frame().folded[section]);
      viewer.use_mouse({middle_of(area), true, true}, 700, 300);
      EXPECT_FALSE(viewer.frame().folded[section]);
    } else {
      ++hints;
      EXPECT_EQ(viewer.frame().hint, area.hint);
    }
  }
  EXPECT_GT(titles, 0);
  EXPECT_GT(hints, 0);
  viewer.use_mouse({{100, 100}, false, false}, 700, 300);
  EXPECT_EQ(viewer.frame().hint, "");
}

TEST(Viewer, TheEnvDoesNotCatchUpAfterALongBreak) {
  Viewer viewer = cartpole_viewer();
  viewer.advance(100);
  EXPECT_EQ(viewer.frame().step, 25);  // half a second
}

TEST(Viewer, TheNewestPolicyOfTheSourceActs) {
  auto policy = std::make_shared<LinearPolicy>(100);
  Viewer viewer(std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                                EpisodeOptions()),
                [&] { return policy; });
  EXPECT_EQ(viewer.frame().policy_step, 100);
  policy = std::make_shared<LinearPolicy>(200);
  viewer.press(ViewerKey::kStep);
  EXPECT_EQ(viewer.frame().policy_step, 200);
}

TEST(Viewer, NoticesVanishAfterThreeSeconds) {
  Viewer viewer = cartpole_viewer();
  viewer.show_notice("hello");
  for (int i = 0; i < 7; ++i) viewer.advance(0.4);
  EXPECT_EQ(viewer.frame().notice, "hello");
  viewer.advance(0.4);
  EXPECT_EQ(viewer.frame().notice, "");
}

TEST(ViewerLoop, ShowsSixtyFramesASecondUntilSomeoneQuits) {
  FakeWindow window;
  FakeTime time;
  window.plan[120] = {ViewerKey::kQuit};
  Viewer viewer = cartpole_viewer();
  ViewerLoopOptions options;
  options.clock = time.clock();
  run_viewer(window, viewer, options);
  EXPECT_NEAR(time.now, 2, 0.01);
  EXPECT_NEAR(viewer.frame().step, 100, 2);
  EXPECT_GT(window.shown, 90);  // a frame for each step
}

TEST(ViewerLoop, NothingIsDrawnWhileNothingChanges) {
  FakeWindow window;
  FakeTime time;
  window.plan[0] = {ViewerKey::kPause};
  window.plan[50] = {ViewerKey::kHelp};
  window.plan[100] = {ViewerKey::kQuit};
  Viewer viewer = cartpole_viewer();
  ViewerLoopOptions options;
  options.clock = time.clock();
  run_viewer(window, viewer, options);
  EXPECT_EQ(window.shown, 2);
}

TEST(ViewerLoop, ANewSizeOfTheWindowIsDrawnAtOnce) {
  FakeWindow window;
  FakeTime time;
  window.plan[0] = {ViewerKey::kPause};
  window.on_poll = [&](int poll) {
    if (poll == 10) window.width_now = 900;
  };
  window.plan[20] = {ViewerKey::kQuit};
  Viewer viewer = cartpole_viewer();
  ViewerLoopOptions options;
  options.clock = time.clock();
  run_viewer(window, viewer, options);
  EXPECT_EQ(window.shown, 2);
}

TEST(ViewerLoop, PicturesAreSavedUnderTheNextFreeName) {
  const TemporaryFolder folder;
  FakeWindow window;
  FakeTime time;
  window.plan[1] = {ViewerKey::kPicture};
  window.plan[2] = {ViewerKey::kPicture};
  window.plan[3] = {ViewerKey::kPause, ViewerKey::kQuit};
  Viewer viewer = cartpole_viewer();
  ViewerLoopOptions options;
  options.clock = time.clock();
  options.picture_prefix = folder / "watch";
  run_viewer(window, viewer, options);
  EXPECT_EQ(list_folder(folder.path()), (std::vector<std::string>{"watch-1.png", "watch-2.png"}));
  EXPECT_EQ(viewer.frame().notice, "saved " + (folder / "watch-2.png"));
}

TEST(ViewerLoop, APictureThatCannotBeSavedIsANotice) {
  FakeWindow window;
  FakeTime time;
  window.plan[1] = {ViewerKey::kPicture};
  window.plan[2] = {ViewerKey::kQuit};
  Viewer viewer = cartpole_viewer();
  ViewerLoopOptions options;
  options.clock = time.clock();
  options.picture_prefix = "/nowhere/watch";
  run_viewer(window, viewer, options);
  EXPECT_NE(viewer.frame().notice.find("/nowhere/watch-1.png"), std::string::npos)
      << viewer.frame().notice;
}

TEST(ViewerLoop, KeepsToItsShareOfAProcessor) {
  FakeWindow window;
  FakeTime time;
  time.work_per_frame = 0.01;
  window.plan[200] = {ViewerKey::kQuit};
  Viewer viewer = cartpole_viewer();
  ViewerLoopOptions options;
  options.clock = time.clock();
  options.cpu_share = [] { return 0.1; };
  run_viewer(window, viewer, options);
  EXPECT_NEAR(200 * time.work_per_frame / time.now, 0.1, 0.01);
}

TEST(FramePacer, WaitsForTheRestOfTheFrame) {
  FramePacer pacer(50);
  EXPECT_NEAR(pacer.wait(0.005, 0.004, 1), 0.015, 1e-12);
  EXPECT_EQ(pacer.wait(0.03, 0.004, 1), 0);
}

TEST(FramePacer, ShowsTwoFramesASecondWhateverTheyCost) {
  FramePacer pacer(60);
  EXPECT_NEAR(pacer.wait(0.1, 0.1, 0.05), 0.4, 1e-12);
}

}  // namespace
}  // namespace tern
