// Proof: laws over all families of envs (a branch begins with exactly the state, the policy's
// future without the change is the one that was), worked examples of what a viewer does with them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rng.h"
#include "envs/registry/registry.h"
#include "render/action_change.h"
#include "render/frame_layout.h"
#include "render/play_episode.h"
#include "render/viewer.h"
#include "tests/error_of.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using testing::HasSubstr;

EpisodeOptions options_of(bool stochastic = false) {
  EpisodeOptions options;
  options.seed = 7;
  options.cut_after = 60;
  options.stochastic = stochastic;
  return options;
}

/// Plays on from moment t and expects what the episode went on with.
void expect_same_future(const Episode& episode, std::size_t t, EpisodePlayer& player,
                        Policy* policy) {
  player.go_on_from(episode, t, policy);
  for (std::size_t i = t; i < episode.moments.size(); ++i) {
    const Moment& moment = episode.moments[i];
    const FrameData& frame = player.frame();
    EXPECT_EQ(player.state_hash(), moment.state_hash)
        << episode.spec->id << " " << t << " to " << i;
    EXPECT_EQ(frame.action, moment.action);
    EXPECT_EQ(frame.episode_return, moment.episode_return);
    EXPECT_EQ(frame.step, static_cast<int>(i));
    EXPECT_EQ(frame.past_values, frame_of(episode, i).past_values);
    EXPECT_EQ(frame.terminated || frame.truncated, i + 1 == episode.moments.size());
    player.step(policy);
  }
}

TEST(Branch, WithoutAChangeTheFutureOfEveryEnvIsTheOneThatWas) {
  for (const std::string& id : registry().ids()) {
    const EnvEntry& entry = registry().find(id);
    EpisodePlayer recorded(entry, {}, options_of()), again(entry, {}, options_of());
    play_episode(recorded, nullptr);  // not the first one
    const Episode episode = play_episode(recorded, nullptr);
    Rng rng(5, "moments");
    for (int i = 0; i < 3; ++i) {
      const std::size_t t = rng.below(static_cast<std::uint32_t>(episode.steps()));
      expect_same_future(episode, t, again, nullptr);
    }
  }
}

/// Pushes by what it remembers: how many steps there were, and the sum of all positions.
class RememberingPolicy final : public Policy {
 public:
  using Policy::act;
  std::size_t state_size() const override { return 2; }
  void act(Row<const ActRow> rows, bool deterministic) override {
    for (const ActRow& row : rows) {
      row.state[0] += 1;
      row.state[1] += row.obs[0] + row.obs[2];
      const bool is_odd = static_cast<int>(row.state[0]) % 2 == 1;
      row.action.discrete() =
          row.state[1] > 0 || (!deterministic && row.rng->chance(0.5)) ? is_odd : 0;
    }
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float> state) override {
    Inspection inspection;
    inspection.value = state.empty() ? 0 : state[1];
    return inspection;
  }
  std::int64_t step() const override { return 10; }
  std::string agent() const override { return "ppo"; }
};

TEST(Branch, WhatAPolicyRemembersAndDrawsGoesOn) {
  const EnvEntry& entry = registry().find("CartPole-v1");
  LinearPolicy linear;
  RememberingPolicy remembering;
  for (const bool stochastic : {false, true}) {
    for (Policy* policy : std::initializer_list<Policy*>{&linear, &remembering}) {
      EpisodePlayer recorded(entry, {}, options_of(stochastic));
      play_episode(recorded, policy);
      const Episode episode = play_episode(recorded, policy);
      ASSERT_GT(episode.steps(), 6);
      EpisodePlayer again(entry, {}, options_of(stochastic));
      for (const std::size_t t : {5, 0, 3}) expect_same_future(episode, t, again, policy);
    }
  }
}

TEST(Branch, WhatCannotGoOnIsRefused) {
  const EnvEntry& entry = registry().find("CartPole-v1");
  EpisodePlayer player(entry, {}, options_of());
  Episode episode = play_episode(player, nullptr);
  const auto last = static_cast<std::size_t>(episode.steps());
  EXPECT_EQ(error_of([&] { player.go_on_from(episode, last, nullptr); }, ExitCode::kUsage),
            "the episode is over at this step");
  EXPECT_THAT(error_of([&] { player.go_on_from(episode, last + 1, nullptr); }, ExitCode::kUsage),
              HasSubstr("was asked for"));
  episode.first_step = 3;
  EXPECT_EQ(error_of([&] { player.go_on_from(episode, 0, nullptr); }, ExitCode::kUsage),
            "the beginning of this episode was not kept");
}

TEST(ActionChange, NumbersGoThroughAllOptions) {
  const FrameData balancing = balancing_frame();
  EXPECT_EQ(numbered_change(balancing, 1)->value, 1);
  EXPECT_EQ(change_text(balancing, *numbered_change(balancing, 0)), "left");
  EXPECT_FALSE(numbered_change(balancing, 2).has_value());

  FrameData digging;
  EnvSpec spec;
  spec.action =
      ActionSpace::multi_discrete({{"arm", {"up", "down"}}, {"gripper", {"open", "close"}}});
  digging.spec = std::make_shared<const EnvSpec>(spec);
  digging.action = {0, 0};
  digging.mask = {1, 1, 1, 0};
  EXPECT_EQ(change_text(digging, *numbered_change(digging, 3)), "gripper: close");
  EXPECT_EQ(*changed_action(digging, *numbered_change(digging, 1)), (std::vector<float>{1, 0}));
  EXPECT_FALSE(changed_action(digging, *numbered_change(digging, 3)).has_value());  // masked

  const FrameData steering = steering_frame();  // torque -2 to 2, thrust without bounds
  EXPECT_EQ(numbered_change(steering, 0)->value, -2);
  EXPECT_EQ(numbered_change(steering, 1)->value, 0);
  EXPECT_EQ(numbered_change(steering, 2)->value, 2);
  EXPECT_EQ(change_text(steering, *numbered_change(steering, 2)), "torque 2");
  EXPECT_EQ(numbered_change(steering, 5)->component, 1u);
  EXPECT_GT(numbered_change(steering, 5)->value, 2.5f);
  EXPECT_FALSE(numbered_change(steering, 6).has_value());
  EXPECT_EQ(*changed_action(steering, {1, 0.25f}), (std::vector<float>{-0.5f, 0.25f}));
}

TEST(ActionChange, AtTheEndThereIsNone) {
  FrameData frame = balancing_frame();
  frame.action.clear();
  EXPECT_FALSE(changed_action(frame, {0, 1}).has_value());
}

/// CartPole, balanced: 50 steps a second, episodes of 60 steps.
class BranchInTheViewer : public testing::Test {
 protected:
  Viewer viewer_{
      std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(), options_of()),
      [] {
        static const auto policy = std::make_shared<LinearPolicy>();
        return policy;
      }};
  int chosen() { return static_cast<int>(viewer_.frame().action.at(0)); }
  static ViewerKey key(int number) {
    return static_cast<ViewerKey>(static_cast<int>(ViewerKey::kBranch1) + number);
  }
  void step(int count) {
    for (int i = 0; i < count; ++i) viewer_.press(ViewerKey::kStep);
  }
};

TEST_F(BranchInTheViewer, TheOtherActionHasAFutureOfItsOwn) {
  step(20);
  std::vector<FrameData> recorded = {viewer_.frame()};
  for (int i = 0; i < 15; ++i) {
    step(1);
    recorded.push_back(viewer_.frame());
  }
  for (int i = 0; i < 15; ++i) viewer_.press(ViewerKey::kBack);
  const int other = 1 - chosen();
  viewer_.press(key(other));
  const FrameData& frame = viewer_.frame();
  ASSERT_NE(frame.other, nullptr);
  EXPECT_FALSE(frame.is_paused);
  EXPECT_EQ(frame.step, 20);
  EXPECT_EQ(frame.side, other == 1 ? "as decided: left" : "as decided: right");
  EXPECT_EQ(frame.other->side, other == 1 ? "instead: right" : "instead: left");
  EXPECT_EQ(frame.other->obs, frame.obs);
  EXPECT_EQ(frame.other->action, std::vector<float>{static_cast<float>(other)});
  EXPECT_EQ(frame.first_difference, 20);
  for (std::size_t i = 1; i < recorded.size(); ++i) {
    step(1);
    EXPECT_EQ(viewer_.frame().obs, recorded[i].obs);
    EXPECT_EQ(viewer_.frame().episode_return, recorded[i].episode_return);
    EXPECT_NE(viewer_.frame().other->obs, recorded[i].obs);
  }
  for (int i = 0; i < 30; ++i) viewer_.press(ViewerKey::kBack);  // into the common past
  EXPECT_EQ(viewer_.frame().step, 5);
  const FrameData past = viewer_.frame();
  EXPECT_EQ(past.other->obs, past.obs);
  EXPECT_EQ(viewer_.frame().first_difference, 20);
}

TEST_F(BranchInTheViewer, BothPlayToTheirEndsAndWait) {
  step(3);
  viewer_.press(key(1 - chosen()));
  for (int i = 0; i < 20 && !viewer_.frame().is_paused; ++i) viewer_.advance(0.4);
  EXPECT_EQ(viewer_.frame().notice, "both futures are over; space goes on with a new episode");
  EXPECT_TRUE(viewer_.frame().truncated);
  const std::shared_ptr<const FrameData> other = viewer_.frame().other;
  EXPECT_TRUE(other->terminated || other->truncated);
  viewer_.press(ViewerKey::kPause);
  for (int i = 0; i < 4; ++i) viewer_.advance(0.4);
  EXPECT_EQ(viewer_.frame().episode, 2);
  EXPECT_EQ(viewer_.frame().other, nullptr);
  EXPECT_EQ(viewer_.frame().side, "");
  viewer_.press(ViewerKey::kPreviousEpisode);  // the branch is still there
  EXPECT_NE(viewer_.frame().other, nullptr);
}

TEST_F(BranchInTheViewer, ABranchMayBranchAndItsOtherSideToo) {
  step(5);
  viewer_.press(key(1 - chosen()));
  step(4);
  viewer_.press(ViewerKey::kOtherSide);
  EXPECT_TRUE(viewer_.frame().is_second);
  EXPECT_THAT(viewer_.frame().side, HasSubstr("instead"));
  EXPECT_THAT(viewer_.frame().other->side, HasSubstr("as decided"));
  const std::vector<float> obs = viewer_.frame().obs;
  viewer_.press(key(1 - chosen()));
  EXPECT_EQ(viewer_.frame().obs, obs);
  EXPECT_EQ(viewer_.frame().other->obs, obs);
  EXPECT_FALSE(viewer_.frame().is_second);
  EXPECT_EQ(viewer_.frame().first_difference, 9);
}

TEST_F(BranchInTheViewer, WhatIsNoBranchIsSaid) {
  viewer_.press(key(chosen()));
  EXPECT_THAT(viewer_.frame().notice, HasSubstr("is what is done anyway"));
  viewer_.press(key(2));
  EXPECT_EQ(viewer_.frame().notice, "there is no action 3 to branch with");
  step(60);
  viewer_.press(key(0));
  EXPECT_EQ(viewer_.frame().notice, "no branch: the episode is over at this step");
  EXPECT_EQ(viewer_.frame().other, nullptr);
  Viewer taxi(
      std::make_unique<EpisodePlayer>(registry().find("Taxi-v3"), ParamValues(), options_of()),
      [] { return nullptr; });
  taxi.press(ViewerKey::kBranch6);
  EXPECT_EQ(taxi.frame().notice, "dropoff is not allowed now");
}

TEST_F(BranchInTheViewer, AClickOnAnActionOfAPausedPanelBranches) {
  step(4);
  RasterCanvas canvas(960, 640);
  const PanelMap map = draw_viewer_frame(canvas, 960, 640, viewer_.frame());
  viewer_.set_panel(map);
  int clicks = 0;
  for (const PanelMap::Area& area : map.areas) {
    if (!area.change) continue;
    ++clicks;
    EXPECT_EQ(area.change->value, static_cast<float>(1 - chosen()));
    EXPECT_THAT(area.hint, HasSubstr("click: what if"));
    viewer_.use_mouse(
        {{(area.at.low.x + area.at.high.x) / 2, (area.at.low.y + area.at.high.y) / 2}, true, true},
        960, 640);
    break;
  }
  EXPECT_EQ(clicks, 1);
  ASSERT_NE(viewer_.frame().other, nullptr);
  EXPECT_EQ(viewer_.frame().first_difference, 4);
}

TEST_F(BranchInTheViewer, APlaceInARealBarIsItsValue) {
  Viewer pendulum(
      std::make_unique<EpisodePlayer>(registry().find("Pendulum-v1"), ParamValues(), options_of()),
      [] { return nullptr; });
  pendulum.press(ViewerKey::kStep);
  RasterCanvas canvas(960, 640);
  const PanelMap map = draw_viewer_frame(canvas, 960, 640, pendulum.frame());
  pendulum.set_panel(map);
  for (const PanelMap::Area& area : map.areas) {
    if (!area.change) continue;
    const float x = area.bar.low.x + 0.75f * (area.bar.high.x - area.bar.low.x);
    pendulum.use_mouse({{x, (area.at.low.y + area.at.high.y) / 2}, true, true}, 960, 640);
  }
  ASSERT_NE(pendulum.frame().other, nullptr);
  EXPECT_NEAR(pendulum.frame().other->action.at(0), 1, 1e-3);
}

}  // namespace
}  // namespace tern
