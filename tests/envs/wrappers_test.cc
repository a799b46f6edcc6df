// Proof: worked examples by hand, and error texts. The wrappers of envs/wrappers, each alone and
// the order of several. conformance_test.cc checks that they keep the contract of all envs.

#include "envs/wrappers/wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "envs/registry/registry.h"
#include "tests/envs/env_params.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// Shows the action that it got and the time; the reward is the time, in two terms. Ends at 100.
class Echo final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Echo-v0";
      made.family = "test";
      made.summary = "shows what it got";
      made.obs.scalar("action", -1, 9).scalar("time", 0, 1e6);
      made.action = ActionSpace::discrete({"a", "b", "c"});
      made.max_episode_steps = 7;
      made.reward_terms = {"one", "rest"};
      made.has_masks = true;
      made.frames_per_second = 30;
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override {
    time_ = 0;
    obs[0] = -1;
    obs[1] = 0;
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    ++time_;
    obs[0] = static_cast<float>(action.discrete());
    obs[1] = static_cast<float>(time_);
    return {static_cast<float>(time_), action.discrete() == 2, false};
  }
  /// b is forbidden at odd times.
  void action_mask(MaskRow mask) const override {
    mask[0] = mask[2] = 1;
    mask[1] = time_ % 2 == 0;
  }
  void reward_terms(FloatRow terms) const override {
    terms[0] = 1;
    terms[1] = static_cast<float>(time_ - 1);
  }
  void save(StateWriter& out) const override { out.write(time_); }
  bool load(StateReader& in) override {
    in.read(time_);
    return true;
  }

 private:
  int time_ = 0;
};

/// Two pictures of 2 x 2 pixels in three colours and a byte beside them; the picture at time t is
/// lit only in row t % 2.
class Flicker final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Flicker-v0";
      made.family = "test";
      made.summary = "two rows take turns";
      made.obs = ObsSpace(DType::kUint8).image("screen", 2, 2, 3, 0, 255);
      made.action = ActionSpace::discrete({"go"});
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override {
    time_ = 0;
    observe(obs);
  }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    ++time_;
    observe(obs);
    return {1, time_ == 5, false};
  }
  void draw(Canvas& canvas) const override {
    canvas.set_view({0, 0}, {1, 1}, Color{10, 20, 30, 255});
  }
  void save(StateWriter& out) const override { out.write(time_); }
  bool load(StateReader& in) override {
    in.read(time_);
    return true;
  }

 private:
  /// Pixels of row t % 2: (200, 100, 50) and (0, 0, 255).
  void observe(ObsRow obs) const {
    const std::uint8_t lit[] = {200, 100, 50, 0, 0, 255};
    for (int row = 0; row < 2; ++row) {
      for (int i = 0; i < 6; ++i) {
        obs.bytes()[static_cast<std::size_t>(6 * row + i)] = row == time_ % 2 ? lit[i] : 0;
      }
    }
  }

  int time_ = 0;
};

std::vector<int> bytes(ObsRow row) { return {row.bytes().begin(), row.bytes().end()}; }

TEST(ActionRepeat, SumsRewardsAndShowsTheLastObservation) {
  Batch<Echo> batch({}, params({{"action_repeat", "3"}}));
  EXPECT_EQ(batch.envs.spec().max_episode_steps, 3);   // 7 steps of the env: 3, 3 and 1
  EXPECT_EQ(batch.envs.spec().frames_per_second, 10);
  batch.set_actions({0});
  batch.step();
  EXPECT_EQ(batch->reward[0], 1 + 2 + 3);
  EXPECT_THAT(batch.obs(0), ElementsAre(0, 3));
  std::vector<float> terms(2);
  batch.envs.env(0).reward_terms(FloatRow(terms));
  EXPECT_THAT(terms, ElementsAre(3, 0 + 1 + 2));
  batch.step();
  EXPECT_EQ(batch->reward[0], 4 + 5 + 6);
  batch.step();
  EXPECT_EQ(batch->reward[0], 7);  // the limit of seven steps
  EXPECT_TRUE(batch->truncated[0]);
  EXPECT_EQ(batch->episode_return[0], 28);
  EXPECT_EQ(batch->episode_length[0], 3);
}

TEST(ActionRepeat, StopsWhereTheEpisodeEnds) {
  Batch<Echo> batch({}, params({{"action_repeat", "3"}}));
  batch.set_actions({2});
  batch.step();
  EXPECT_TRUE(batch->terminated[0]);
  EXPECT_EQ(batch->reward[0], 1);
  EXPECT_THAT(batch.final_obs(0), ElementsAre(2, 1));
  batch.set_actions({0});
  batch.step();  // the count begins anew with the episode
  EXPECT_EQ(batch->reward[0], 6);
}

// Taxi: picking up where nobody waits is forbidden by the mask and costs 10. From state 1 (the
// passenger waits where the taxi is) a pickup is allowed once.
TEST(ActionRepeat, StopsOnceTheMaskForbidsTheAction) {
  const EnvEntry& taxi = registry().find("Taxi-v3");
  const auto env = taxi.make(params({{"action_repeat", "2"}}));
  StepBuffers buffers(env->spec().obs, env->spec().action, env->spec().metrics.size(), 1);
  Rng rng(0, "env");
  ResetContext ctx{rng, 0};
  env->reset(ctx, buffers.batch.obs[0]);
  const DoubleVec state = {1};
  ASSERT_TRUE(env->set_state(state));
  buffers.actions[0].discrete() = 4;
  EXPECT_EQ(env->step(buffers.actions[0], rng, buffers.batch.obs[0]).reward, -1);
}

TEST(StickyActions, RepeatsWhatWasExecutedAsOftenAsSaid) {
  const std::size_t n = 20'000;
  Batch<Echo> batch({.num_envs = n, .seed = 5}, params({{"sticky_actions", "0.25"}}));
  batch.set_actions(std::vector<int>(n, 1));
  batch.step();
  for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(batch.obs(i)[0], 1);  // nothing to stick to
  batch.set_actions(std::vector<int>(n, 0));
  batch.step();  // b is masked out after one step: the old action cannot stick
  for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(batch.obs(i)[0], 0);
  batch.set_actions(std::vector<int>(n, 1));
  batch.step();
  int stuck = 0;
  for (std::size_t i = 0; i < n; ++i) stuck += batch.obs(i)[0] == 0;
  EXPECT_NEAR(stuck, 5000, 5 * 61);  // standard deviation sqrt(20000 * 0.25 * 0.75) = 61
}

TEST(ActionDelay, ExecutesEachActionSoManyStepsLater) {
  Batch<Echo> batch({}, params({{"action_delay", "2"}}));
  std::vector<float> executed;
  for (const int action : {1, 0, 0, 0, 0, 2}) {  // time 0 .. 5
    batch.set_actions({action});
    batch.step();
    executed.push_back(batch.obs(0)[0]);
  }
  // b waits for nothing at time 0; at time 1 it is due, but masked out; at time 2 it is what was
  // chosen two steps before. The c of time 5 would end the episode at time 7, the limit.
  EXPECT_THAT(executed, ElementsAre(1, 0, 1, 0, 0, 0));
  EXPECT_FALSE(batch->terminated[0]);
  batch.step();  // the limit of seven steps; the actions that waited are forgotten
  EXPECT_TRUE(batch->truncated[0]);
  batch.set_actions({1});
  batch.step();
  EXPECT_EQ(batch.obs(0)[0], 1);
}

TEST(TimeLimit, TruncatesWhereItSaysAndNotBefore) {
  const auto length = [](const Setting& setting) {
    Batch<Echo> batch({}, params(setting));
    batch.set_actions({0});
    for (int t = 1; t <= 20; ++t) {
      batch.step();
      EXPECT_FALSE(batch->terminated[0]);
      if (batch->truncated[0]) return t;
    }
    return 0;
  };
  EXPECT_EQ(length({}), 7);
  EXPECT_EQ(length({{"max_episode_steps", "9"}}), 9);
  EXPECT_EQ(length({{"max_episode_steps", "1"}}), 1);
  EXPECT_EQ(length({{"max_episode_steps", "0"}}), 0);
  EXPECT_EQ(length({{"max_episode_steps", "-1"}}), 7);
  EXPECT_EQ(length({{"max_episode_steps", "9"}, {"action_repeat", "2"}}),
            5);  // the last of one step
}

TEST(TimeLimit, IsWhatTimeAwareShowsAndAnEndStaysAnEnd) {
  Batch<Echo> batch({}, params({{"max_episode_steps", "2"}, {"time_aware", "true"}}));
  batch.set_actions({0});
  batch.step();
  EXPECT_EQ(batch.obs(0)[2], 0.5f);
  batch.set_actions({2});  // ends the episode, at the limit
  batch.step();
  EXPECT_TRUE(batch->terminated[0]);
  EXPECT_FALSE(batch->truncated[0]);
  EXPECT_THAT(error_of(
                  [] {
                    registry()
                        .find("CartPole-v1")
                        .make(params({{"max_episode_steps", "0"}, {"time_aware", "true"}}));
                  },
                  ExitCode::kUsage),
              HasSubstr("has no time limit"));
}

TEST(StickyActions, HaveNoTransitionTable) {
  TransitionTable table;
  const EnvEntry& lake = registry().find("FrozenLake-v1");
  EXPECT_TRUE(lake.make(params({{"time_aware", "true"}}))->transitions(table));
  EXPECT_TRUE(lake.make(params({{"max_episode_steps", "9"}}))->transitions(table));
  EXPECT_FALSE(lake.make(params({{"sticky_actions", "0.5"}}))->transitions(table));
  EXPECT_FALSE(lake.make(params({{"action_repeat", "2"}}))->transitions(table));
  EXPECT_FALSE(lake.make(params({{"action_delay", "1"}}))->transitions(table));
}

TEST(FrameSkip, ShowsTheLargerOfTheLastTwoFrames) {
  Batch<Flicker> batch({}, params({{"frame_skip", "2"}}));
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(200, 100, 50, 0, 0, 255, 0, 0, 0, 0, 0, 0));
  batch.set_actions({0});
  batch.step();  // frames of times 1 and 2: both rows
  EXPECT_THAT(bytes(batch->obs[0]),
              ElementsAre(200, 100, 50, 0, 0, 255, 200, 100, 50, 0, 0, 255));
  EXPECT_EQ(batch->reward[0], 2);
  batch.step();
  batch.step();  // the frame of time 5 alone ends the episode
  EXPECT_TRUE(batch->terminated[0]);
  EXPECT_THAT(bytes(batch->final_obs[0]), ElementsAre(0, 0, 0, 0, 0, 0, 200, 100, 50, 0, 0, 255));
}

TEST(FrameSkip, ForgetsFramesOfTheStepBefore) {
  Batch<Flicker> batch({}, params({{"frame_skip", "3"}}));
  batch.set_actions({0});
  batch.step();  // times 1, 2, 3
  batch.step();  // times 4 and 5, the end
  EXPECT_THAT(bytes(batch->final_obs[0]),
              ElementsAre(200, 100, 50, 0, 0, 255, 200, 100, 50, 0, 0, 255));
}

TEST(Grey, WeighsTheColours) {
  Batch<Flicker> batch({}, params({{"grey", "true"}}));
  EXPECT_THAT(batch.envs.spec().obs.fields()[0].shape, ElementsAre(2, 2, 1));
  // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2; 0.114 * 255 = 29.07
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(124, 29, 0, 0));
}

TEST(Resize, AveragesTheAreaThatAPixelCovers) {
  Batch<Flicker> one({}, params({{"resize", "[1, 1]"}}));
  // (200 + 0 + 0 + 0) / 4, (100 + ..) / 4, (50 + 255) / 4 = 76.25
  EXPECT_THAT(bytes(one->obs[0]), ElementsAre(50, 25, 76));
  Batch<Flicker> wide({}, params({{"resize", "[2, 3]"}}));
  // The middle of three columns is half the first and half the second: (100, 50, 152.5).
  EXPECT_THAT(bytes(wide->obs[0]),
              ElementsAre(200, 100, 50, 100, 50, 153, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(Pixels, AreWhatAPersonSees) {
  Batch<Flicker> batch({}, params({{"pixels", "[2, 1]"}}));
  EXPECT_EQ(batch.envs.spec().obs.num_floats(), 0u);
  EXPECT_THAT(batch.envs.spec().obs.fields()[0].shape, ElementsAre(2, 1, 3));
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(10, 20, 30, 10, 20, 30));
}

TEST(Pixels, OfAnEnvThatDrawsNothingAreItsBars) {
  Batch<Echo> batch({}, params({{"pixels", "[40, 60]"}}));
  const std::vector<int> first = bytes(batch->obs[0]);
  batch.set_actions({0});
  batch.step();
  EXPECT_NE(bytes(batch->obs[0]), first);
}

TEST(FrameStack, ShowsTheNewestAlongTheLastAxis) {
  Batch<Echo> batch({}, params({{"frame_stack", "3"}}));
  EXPECT_EQ(batch.envs.spec().frame_stack, 3);
  EXPECT_THAT(batch.envs.spec().obs.fields()[0].shape, ElementsAre(3));
  EXPECT_THAT(batch.obs(0), ElementsAre(-1, -1, -1, 0, 0, 0));  // its first observation, thrice
  batch.set_actions({0});
  batch.step();
  EXPECT_THAT(batch.obs(0), ElementsAre(-1, -1, 0, 0, 0, 1));
  batch.set_actions({1});
  batch.step();
  EXPECT_THAT(batch.obs(0), ElementsAre(-1, 0, 1, 0, 1, 2));
  batch.set_actions({2});  // ends the episode
  batch.step();
  EXPECT_THAT(batch.final_obs(0), ElementsAre(0, 1, 2, 1, 2, 3));
  EXPECT_THAT(batch.obs(0), ElementsAre(-1, -1, -1, 0, 0, 0));
}

TEST(FrameStack, GivesAnImageMoreChannels) {
  Batch<Flicker> batch({}, params({{"resize", "[2, 1]"}, {"frame_stack", "2"}}));
  EXPECT_THAT(batch.envs.spec().obs.fields()[0].shape, ElementsAre(2, 1, 6));
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(100, 50, 153, 100, 50, 153, 0, 0, 0, 0, 0, 0));
  batch.set_actions({0});
  batch.step();  // the other row is lit
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(100, 50, 153, 0, 0, 0, 0, 0, 0, 100, 50, 153));
}

TEST(TimeAware, ShowsTheShareThatIsLeft) {
  Batch<Echo> batch({}, params({{"time_aware", "true"}}));
  EXPECT_EQ(batch.envs.spec().obs.fields().back().name, "time left");
  EXPECT_THAT(batch.obs(0), ElementsAre(-1, 0, 1));
  batch.set_actions({0});
  batch.step();
  EXPECT_THAT(batch.obs(0), ElementsAre(0, 1, 1 - 1.0f / 7));
  for (int t = 2; t <= 7; ++t) batch.step();
  EXPECT_THAT(batch.final_obs(0), ElementsAre(0, 7, 0));
  EXPECT_THAT(batch.obs(0), ElementsAre(-1, 0, 1));
}

TEST(RewardKeys, ScaleThenClipAndLeaveTheReturnAlone) {
  Batch<Echo> batch({}, params({{"reward_scale", "0.5"}, {"reward_clip", "1.2"}}));
  batch.set_actions({0});
  const float expected[] = {0.5f, 1, 1.2f};
  for (const float reward : expected) {
    batch.step();
    EXPECT_EQ(batch->reward[0], reward);
  }
  batch.set_actions({2});
  batch.step();
  EXPECT_EQ(batch->episode_return[0], 1 + 2 + 3 + 4);
}

TEST(RewardKeys, NoiseHasItsDeviationAndChangesNoEnv) {
  const std::size_t n = 20'000;
  Batch<Echo> noisy({.num_envs = n, .seed = 3}, params({{"reward_noise", "2"}}));
  noisy.set_actions(std::vector<int>(n, 0));
  noisy.step();
  double sum = 0, squares = 0;
  for (const float reward : noisy->reward) {
    sum += reward - 1.0;
    squares += (reward - 1.0) * (reward - 1.0);
  }
  EXPECT_NEAR(sum / n, 0, 5 * 2 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 4, 5 * 4 * std::sqrt(2.0 / n));

  // The env draws from its own stream: the same lake with and without noise.
  const EnvEntry& lake = registry().find("FrozenLake-v1");
  VecEnv plain(lake, {}, {}), shaped(lake, params({{"reward_noise", "1"}}), {});
  StepBuffers one(plain.spec().obs, plain.spec().action, plain.spec().metrics.size(), 1);
  StepBuffers two(plain.spec().obs, plain.spec().action, plain.spec().metrics.size(), 1);
  plain.reset(one.batch.obs, one.batch.mask);
  shaped.reset(two.batch.obs, two.batch.mask);
  for (int t = 0; t < 200; ++t) {
    one.actions[0].discrete() = two.actions[0].discrete() = t % 4;
    plain.step(one.actions, one.batch);
    shaped.step(two.actions, two.batch);
    ASSERT_EQ(one.batch.obs[0][0], two.batch.obs[0][0]);
    ASSERT_NE(one.batch.reward[0], two.batch.reward[0]);
  }
}

TEST(RewardKeys, ASavedNoiseGoesOnAsItWas) {
  const ParamValues noise = params({{"reward_noise", "1"}});
  Batch<Echo> batch({.num_envs = 3, .seed = 8}, noise), later({.num_envs = 3, .seed = 9}, noise);
  batch.set_actions({0, 0, 0});
  later.set_actions({0, 0, 0});
  batch.step();
  StateWriter out;
  batch.envs.save(out);
  StateReader in(out.bytes());
  later.envs.load(in);
  batch.step();
  later.step();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(batch->reward[i], later->reward[i]);
}

TEST(Wrappers, WorkInTheStatedOrder) {
  // The picture is repeated, then made grey, then small: max before grey before mean.
  Batch<Flicker> batch({}, params({{"resize", "[1, 1]"}, {"grey", "true"}, {"frame_skip", "2"}}));
  batch.set_actions({0});
  batch.step();
  EXPECT_THAT(bytes(batch->obs[0]), ElementsAre(77));  // (124 + 29 + 124 + 29) / 4 = 76.5
}

TEST(Wrappers, AtTheirDefaultsAreNotThere) {
  const EnvEntry& entry = Batch<Echo>::entry();
  const auto plain = entry.make(params({{"action_repeat", "1"}, {"grey", "false"}}));
  EXPECT_NE(dynamic_cast<Echo*>(plain.get()), nullptr);
}

/// Has a sticky_actions of its own.
class OwnKey final : public Env {
 public:
  struct Params {
    double sticky_actions = 0.1;
    template <class V>
    void visit(V& v) {
      v("sticky_actions", sticky_actions, "the env's own");
    }
  };
  explicit OwnKey(const Params& given) {
    spec_.id = "OwnKey-v0";
    spec_.obs.scalar("chance", 0, 1);
    spec_.action = ActionSpace::discrete({"go"});
    chance_ = static_cast<float>(given.sticky_actions);
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = chance_; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = chance_;
    return {};
  }

 private:
  EnvSpec spec_;
  float chance_ = 0;
};

TEST(Wrappers, LeaveAKeyToTheEnvThatHasIt) {
  const EnvEntry& entry = Batch<OwnKey>::entry();
  for (const ParamInfo& info : entry.wrapper_params) EXPECT_NE(info.name, "sticky_actions");
  Batch<OwnKey> batch({}, params({{"sticky_actions", "0.5"}}));
  EXPECT_EQ(batch.obs(0)[0], 0.5f);
  EXPECT_NE(dynamic_cast<OwnKey*>(&batch.envs.env(0)), nullptr);
}

TEST(Wrappers, WorkOnAnAliasToo) {
  const EnvEntry& alias = registry().find("FrozenLake8x8-v1");
  EXPECT_EQ(alias.make(params({{"action_repeat", "2"}}))->spec().max_episode_steps, 100);
}

TEST(Wrappers, ThatDoNotFitSayWhyAndWhere) {
  const auto refusal = [](const std::string& id, const char* key, const char* value) {
    const EnvEntry& entry = registry().find(id);
    return error_of([&] { entry.make(params({{key, value}})); }, ExitCode::kUsage);
  };
  EXPECT_THAT(refusal("CartPole-v1", "grey", "true"),
              AllOf(HasSubstr("test.yaml:3: env.grey: "), HasSubstr("CartPole-v1 has no image")));
  EXPECT_THAT(refusal("CartPole-v1", "resize", "[3, 3]"), HasSubstr("env.resize: "));
  EXPECT_THAT(refusal("CartPole-v1", "frame_skip", "2"), HasSubstr("use action_repeat"));
  EXPECT_THAT(refusal("CartPole-v1", "frame_stack", "0"), HasSubstr("expected [1, 64]"));
  EXPECT_THAT(refusal("BitFlip-v0", "frame_stack", "2"),
              HasSubstr("env.frame_stack: BitFlip-v0 has goals ('achieved goal')"));
  EXPECT_THAT(refusal("Catch-v0", "pixels", "84"), HasSubstr("[84] is no size"));
  EXPECT_THAT(refusal("CartPole-v1", "sticky_actions", "1"), HasSubstr("expected [0, 1)"));
  EXPECT_THAT(refusal("CartPole-v1", "sticky_action", "0.2"),
              HasSubstr("Did you mean 'sticky_actions'?"));
}

}  // namespace
}  // namespace tern
