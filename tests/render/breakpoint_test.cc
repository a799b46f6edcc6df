// Proof: worked examples of each quantity, error texts, a bounded fuzz of the reader, and what a
// viewer does at a breakpoint.

#include "render/breakpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/rng.h"
#include "core/utf8.h"
#include "envs/registry/registry.h"
#include "render/frame_layout.h"
#include "render/terminal_frame.h"
#include "render/viewer.h"
#include "tests/error_of.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr double kGamma = 0.9;

bool is_reached(const std::string& text, const FrameData& frame) {
  return Breakpoint(text, *frame.spec).is_reached(frame, kGamma);
}

std::string refusal(const std::string& text, const EnvSpec& spec = *balancing_frame().spec) {
  return error_of([&] { Breakpoint(text, spec); }, ExitCode::kUsage);
}

TEST(Breakpoint, TheTdErrorIsThatOfTheStepThatLedHere) {
  FrameData frame = balancing_frame();  // V(s) was 90 and is 87.25, the reward is 1
  EXPECT_NEAR(td_error(frame, kGamma).value(), 1 + 0.9 * 87.25 - 90, 1e-12);
  frame.terminated = true;
  EXPECT_NEAR(td_error(frame, kGamma).value(), 1 - 90, 1e-12);
  frame.terminated = false;
  frame.truncated = true;  // the future would have gone on
  EXPECT_NEAR(td_error(frame, kGamma).value(), 1 + 0.9 * 87.25 - 90, 1e-12);
  frame.step = 0;
  EXPECT_FALSE(td_error(frame, kGamma).has_value());
  frame = balancing_frame();
  frame.inspection.value.reset();
  EXPECT_FALSE(td_error(frame, kGamma).has_value());
}

TEST(Breakpoint, EachQuantityIsComparedAsWritten) {
  FrameData frame = balancing_frame();
  frame.inspection.entropy = 0.04;
  frame.reward = 0.1f;
  for (const char* text : {"entropy < 0.05",
                           "entropy<=0.04",
                           "td_error < -10",
                           "td_error > -11.38",
                           "reward == 0.1",
                           "reward != 0",
                           "return >= 123",
                           "value > 87.2",
                           "step == 123",
                           "probability == 0.75",
                           "action == right",
                           " action  ==  RIGHT ",
                           "action == 1",
                           "action != left",
                           "obs.cart_velocity < -3.49",
                           "obs.cart_position == 1.2",
                           "obs.rays_1 > 0.5",
                           "obs.gear == 2",
                           "step > 1e2",
                           "step > 1_00"}) {
    EXPECT_TRUE(is_reached(text, frame)) << text;
  }
  for (const char* text :
       {"entropy > 0.05", "td_error > -10", "reward == 0", "action == left", "action != right",
        "step < 123", "probability > 0.75", "terminated", "truncated", "obs.rays_0 > 0.5"}) {
    EXPECT_FALSE(is_reached(text, frame)) << text;
  }
  frame.terminated = true;
  EXPECT_TRUE(is_reached("terminated", frame));
  frame.terminated = false;
  frame.truncated = true;
  EXPECT_TRUE(is_reached("truncated", frame));
}

TEST(Breakpoint, WhatIsNotThereIsNotReached) {
  FrameData frame = balancing_frame();
  frame.action.clear();  // the episode is over
  EXPECT_FALSE(is_reached("action != left", frame));
  frame.inspection.value = std::nan("");
  EXPECT_FALSE(is_reached("value > 0", frame));
  EXPECT_FALSE(is_reached("value <= 0", frame));
  frame.step = 0;
  EXPECT_FALSE(is_reached("reward == 1", frame));  // no step led here
  EXPECT_FALSE(is_reached("td_error < 1e9", frame));
}

TEST(Breakpoint, KnowsWhatAPolicyDoesNotSay) {
  const auto is_unknown = [](const std::string& text, const FrameData& frame) {
    return Breakpoint(text, *frame.spec).is_unknown(frame);
  };
  FrameData frame = balancing_frame();
  EXPECT_TRUE(is_unknown("entropy < 1", frame));
  EXPECT_FALSE(is_unknown("td_error < 1", frame));
  EXPECT_FALSE(is_unknown("probability < 1", frame));
  frame.inspection = Inspection();
  for (const char* text : {"entropy < 1", "td_error < 1", "value < 1", "probability < 1"}) {
    EXPECT_TRUE(is_unknown(text, frame)) << text;
  }
  for (const char* text : {"reward < 1", "terminated", "action == left", "obs.gear == 1"}) {
    EXPECT_FALSE(is_unknown(text, frame)) << text;
  }
}

TEST(Breakpoint, RealAndSeveralActionsHaveNames) {
  const FrameData steering = steering_frame();
  EXPECT_TRUE(is_reached("action.torque == -0.5", steering));
  EXPECT_TRUE(is_reached("action.thrust > 2", steering));
  EXPECT_FALSE(is_reached("action.thrust > 3", steering));
  EXPECT_THAT(refusal("action > 1", *steering.spec),
              AllOf(HasSubstr("there is no 'action'"), HasSubstr("action.torque, action.thrust")));
  FrameData digging;
  EnvSpec spec;
  spec.id = "Dig-v0";
  spec.action = ActionSpace::multi_discrete(
      {{"arm", {"up high", "down"}}, ActionSpace::integer("left wheel", -2, 2)});
  digging.spec = std::make_shared<const EnvSpec>(spec);
  digging.action = {0, 0};
  EXPECT_TRUE(is_reached("action.arm == up high", digging));
  EXPECT_TRUE(is_reached("action.arm == up_high", digging));
  EXPECT_TRUE(is_reached("action.left_wheel == -2", digging));  // a name before a number
  EXPECT_FALSE(is_reached("action.left_wheel == 2", digging));
}

TEST(Breakpoint, SaysWhatTheValueIs) {
  const FrameData frame = balancing_frame();
  const auto said = [&](const std::string& text) {
    return Breakpoint(text, *frame.spec).str(frame, kGamma);
  };
  EXPECT_EQ(said(" value > 5 "), "value > 5 (87.25)");
  EXPECT_EQ(said("action != left"), "action != left (right)");
  EXPECT_EQ(said("terminated"), "terminated");
}

TEST(Breakpoint, WhatIsWrongIsSaidWithWhatMayStandThere) {
  EXPECT_THAT(
      refusal("entrpy < 0.05"),
      AllOf(StartsWith("breakpoint 'entrpy < 0.05': there is no 'entrpy' to look at in Pole-v0. "
                       "Did you mean 'entropy'?"),
            HasSubstr("expected one of reward, return, value, td_error, entropy, probability, "
                      "return_deviation, step, terminated, truncated, action, obs.cart_position")));
  EXPECT_THAT(refusal(""), HasSubstr("it begins with no name; expected one of reward"));
  EXPECT_THAT(refusal("> 3"), HasSubstr("it begins with no name"));
  EXPECT_EQ(refusal("reward"),
            "breakpoint 'reward': it ends after 'reward'; expected one of > >= < <= == != and what "
            "'reward' is compared with");
  EXPECT_THAT(refusal("reward = 1"), HasSubstr("Did you mean '=='?"));
  EXPECT_THAT(refusal("reward ~ 1"), HasSubstr("'~ 1' begins with no comparison"));
  EXPECT_THAT(refusal("reward >"), HasSubstr("it ends before the number"));
  EXPECT_THAT(refusal("reward > much"), HasSubstr("'much' is no number"));
  EXPECT_THAT(refusal("reward > 1 and step > 2"), HasSubstr("'1 and step > 2' is no number"));
  EXPECT_THAT(refusal("reward > nan"), HasSubstr("'nan' is no number"));
  EXPECT_THAT(refusal("reward > 1e999"), HasSubstr("too large or too small"));
  EXPECT_THAT(refusal("action == lefft"),
              AllOf(HasSubstr("there is no action 'lefft'. Did you mean 'left'?"),
                    HasSubstr("expected one of left, right, or a number from 0 to 1")));
  EXPECT_THAT(refusal("action == 2"), HasSubstr("there is no action '2'"));
  EXPECT_THAT(refusal("action == 0.5"), HasSubstr("there is no action '0.5'"));
  EXPECT_THAT(refusal("action =="), HasSubstr("it ends before the action; expected one of left"));
  EXPECT_THAT(refusal("action > left"), HasSubstr("actions have no order; expected == or !="));
  EXPECT_THAT(refusal("terminated == 1"), HasSubstr("nothing may follow 'terminated'"));
  EXPECT_THAT(refusal("reward > \xff"), HasSubstr("'?' is no number"));
}

// Fuzz, seeded and bounded: whatever the bytes, the reader gives a condition or throws tern::Error,
// in UTF-8 that quotes them.
TEST(BreakpointFuzz, AnyTextIsReadOrRefused) {
  const FrameData frame = balancing_frame();
  const std::string good[] = {"td_error > 5", "entropy < 0.05",      "action == left",
                              "terminated",   "obs.rays_1 >= -1e-3", "reward != 0"};
  const std::string words[] = {">",
                               ">=",
                               "==",
                               "!=",
                               "=",
                               "action",
                               "reward",
                               "left",
                               ".",
                               "_",
                               "\t",
                               "-",
                               "1e",
                               "nan",
                               "\xff",
                               "\xc3",
                               std::string(1, '\0'),
                               "(",
                               "\n"};
  Rng rng(11, "breakpoint fuzz");
  int accepted = 0, refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good[rng.below(std::size(good))];
    for (std::uint32_t edits = rng.below(4); edits > 0; --edits) {
      const std::size_t at = rng.below(static_cast<std::uint32_t>(text.size() + 1));
      switch (rng.below(3)) {
        case 0:
          text.erase(at, 1 + rng.below(6));
          break;
        case 1:
          text.insert(at, words[rng.below(std::size(words))]);
          break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
      }
    }
    SCOPED_TRACE(text);
    try {
      const Breakpoint breakpoint(text, *frame.spec);
      breakpoint.is_reached(frame, kGamma);
      EXPECT_TRUE(is_utf8(breakpoint.str(frame, kGamma)));
      ++accepted;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), StartsWith("breakpoint '"));
      EXPECT_TRUE(is_utf8(error.what()));
      ++refused;
    }
  }
  EXPECT_GT(accepted, 2000);
  EXPECT_GT(refused, 2000);
}

/// CartPole: 50 steps a second.
std::unique_ptr<Viewer> viewer_with(const std::vector<std::string>& texts) {
  const EnvEntry& entry = registry().find("CartPole-v1");
  auto viewer = std::make_unique<Viewer>(
      std::make_unique<EpisodePlayer>(entry, ParamValues(), EpisodeOptions()),
      [] { return std::make_shared<LinearPolicy>(); });
  std::vector<Breakpoint> breakpoints;
  for (const std::string& text : texts) breakpoints.emplace_back(text, entry.spec);
  viewer->set_breakpoints(std::move(breakpoints));
  return viewer;
}

TEST(ViewerBreakpoints, PausesAtTheStepAndSaysWhichOneItIs) {
  const auto owner = viewer_with({"step == 30", "step == 7"});
  Viewer& viewer = *owner;
  for (int i = 0; i < 5; ++i) viewer.advance(0.1);
  EXPECT_EQ(viewer.frame().step, 7);
  EXPECT_TRUE(viewer.frame().is_paused);
  EXPECT_EQ(viewer.frame().breakpoint, "step == 7 (7)");
  viewer.press(ViewerKey::kPause);  // goes on
  EXPECT_EQ(viewer.frame().breakpoint, "");
  for (int i = 0; i < 10; ++i) viewer.advance(0.1);
  EXPECT_EQ(viewer.frame().step, 30);
  EXPECT_EQ(viewer.frame().breakpoint, "step == 30 (30)");
}

TEST(ViewerBreakpoints, HoldAtAnySpeedAtTheFirstMomentAndAtTheLast) {
  const auto owner = viewer_with({"step == 0", "step == 99", "truncated"});
  Viewer& viewer = *owner;
  EXPECT_TRUE(viewer.frame().is_paused);
  EXPECT_EQ(viewer.frame().breakpoint, "step == 0 (0)");
  for (int i = 0; i < 20; ++i) viewer.press(ViewerKey::kFaster);
  viewer.press(ViewerKey::kPause);
  for (int i = 0; i < 2000 && !viewer.frame().is_paused; ++i) viewer.advance(0.01);
  EXPECT_EQ(viewer.frame().step, 99);
  viewer.press(ViewerKey::kPause);
  for (int i = 0; i < 2000 && !viewer.frame().is_paused; ++i) viewer.advance(0.01);
  EXPECT_EQ(viewer.frame().step, 500);
  EXPECT_EQ(viewer.frame().breakpoint, "truncated");
  viewer.press(ViewerKey::kPause);
  for (int i = 0; i < 2000 && !viewer.frame().is_paused; ++i) viewer.advance(0.5);
  EXPECT_EQ(viewer.frame().episode, 2);
  EXPECT_EQ(viewer.frame().step, 0);
}

TEST(ViewerBreakpoints, HoldWhenAnEarlierMomentGoesOn) {
  const auto owner = viewer_with({"step == 12"});
  Viewer& viewer = *owner;
  for (int i = 0; i < 40; ++i) viewer.press(ViewerKey::kStep);
  viewer.press(ViewerKey::kBegin);
  viewer.press(ViewerKey::kPause);
  for (int i = 0; i < 10; ++i) viewer.advance(0.1);
  EXPECT_EQ(viewer.frame().step, 12);
  EXPECT_TRUE(viewer.frame().is_paused);
}

TEST(ViewerBreakpoints, WhatThePolicyCannotSayIsSaidOnce) {
  const EnvEntry& entry = registry().find("CartPole-v1");
  Viewer viewer(std::make_unique<EpisodePlayer>(entry, ParamValues(), EpisodeOptions()),
                [] { return nullptr; });
  viewer.set_breakpoints({Breakpoint("entropy < 1", entry.spec)});
  EXPECT_EQ(viewer.frame().notice, "'entropy < 1' is not reached: random actions have no entropy");
  viewer.show_notice("");
  viewer.press(ViewerKey::kNextEpisode);
  EXPECT_EQ(viewer.frame().notice, "");
}

TEST(ViewerBreakpoints, TheWindowAndTheTerminalSayIt) {
  FrameData frame = balancing_frame();
  frame.is_paused = true;
  frame.breakpoint = "value > 5 (87.25)";
  RecordingCanvas canvas;
  draw_viewer_frame(canvas, 960, 640, frame);
  EXPECT_THAT(canvas.str(), HasSubstr("paused at value > 5 (87.25): space goes on"));
  TerminalScreen screen(100, 30);
  draw_terminal_frame(screen, frame, {});
  std::string foot;
  for (int i = 0; i < 100; ++i) foot += static_cast<char>(screen.at(i, 29).glyph);
  EXPECT_THAT(foot, HasSubstr("paused at value > 5 (87.25)"));
}

}  // namespace
}  // namespace tern
