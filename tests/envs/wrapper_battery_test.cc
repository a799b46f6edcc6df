// Proof: laws. What every wrapper must leave as the env has it: masks, levels, the time limit,
// metrics, players, reward terms, the exact state, keys, the documented state and the picture. Each
// wrapper alone, and those that fit together in one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/drawing/recording_canvas.h"
#include "envs/random_action.h"
#include "envs/registry/registry.h"
#include "envs/wrappers/wrap.h"
#include "tests/envs/env_params.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Has everything that a wrapper could lose. Two components of three options each; after a choice of
/// 2 the same choice is forbidden, and at every third time the choice of 1 in the second component.
/// Two players move twice each; what one gets the other pays.
class Everything final : public Env {
 public:
  static constexpr int kLimit = 23;

  const EnvSpec& spec() const override {
    static const EnvSpec spec = make_spec();
    return spec;
  }
  void reset(ResetContext& ctx, ObsRow obs) override {
    level_ = static_cast<int>(ctx.level);
    time_ = forbidden_ = mover_ = 0;
    first_ = second_ = 0;
    wind_ = ctx.rng.uniform();
    reward_ = 0;
    observe(obs);
  }
  StepResult step(ActionRow action, Rng& rng, ObsRow obs) override {
    if (!allows(action)) ++forbidden_;
    mover_ = current_player();
    first_ = action.discrete(0);
    second_ = action.discrete(1);
    ++time_;
    wind_ = rng.uniform();
    reward_ = static_cast<float>(first_) + static_cast<float>(wind_);
    observe(obs);
    return {reward_, rng.chance(0.02), false};
  }
  void action_mask(MaskRow mask) const override {
    for (std::uint8_t& flag : mask) flag = 1;
    if (first_ == 2) mask[2] = 0;
    if (time_ % 3 == 2) mask[4] = 0;
  }
  void draw(Canvas& canvas) const override {
    canvas.set_view({0, 0}, {4, 4}, palette::kBackground);
    canvas.circle({static_cast<float>(first_), 1}, 0.5f, palette::kAgent);
    canvas.circle({static_cast<float>(wind_), 2}, 0.5f, palette::kGoal);
  }
  void reward_terms(FloatRow terms) const override {
    terms[0] = static_cast<float>(first_);
    terms[1] = static_cast<float>(wind_);
  }
  void metrics(FloatRow values) const override { values[0] = static_cast<float>(time_); }
  bool human_action(const Keys& keys, MutableActionRow action) const override {
    if (keys.bits() == 0) return false;
    action.discrete(0) = keys[Key::kLeft] ? 0 : 1;
    action.discrete(1) = 2;
    return true;
  }
  bool get_state(DoubleVec& state) const override {
    state = {double(time_), double(forbidden_), double(level_), double(first_), double(second_)};
    return true;
  }
  bool set_state(ConstDoubleRow state) override {
    time_ = static_cast<int>(state[0]);
    forbidden_ = static_cast<int>(state[1]);
    level_ = static_cast<int>(state[2]);
    first_ = static_cast<int>(state[3]);
    second_ = static_cast<int>(state[4]);
    return true;
  }
  void save(StateWriter& out) const override {
    out.write(time_, forbidden_, level_, first_, second_, wind_, reward_, mover_);
  }
  bool load(StateReader& in) override {
    in.read(time_, forbidden_, level_, first_, second_, wind_, reward_, mover_);
    return true;
  }
  int current_player() const override { return time_ / 2 % 2; }
  bool player_rewards(FloatRow rewards) const override {
    rewards[static_cast<std::size_t>(mover_)] = reward_;
    rewards[static_cast<std::size_t>(1 - mover_)] = -reward_;
    return true;
  }

 private:
  static EnvSpec make_spec() {
    EnvSpec spec;
    spec.id = "Everything-v0";
    spec.family = "test";
    spec.summary = "has everything";
    spec.obs.image("screen", 4, 6, 3, 0, 3).scalar("time", 0, kLimit);
    ActionComponent one, two;
    one.name = "one";
    two.name = "two";
    one.options = two.options = {"a", "b", "c"};
    spec.action = ActionSpace::multi_discrete({one, two});
    spec.max_episode_steps = kLimit;
    spec.reward_terms = {"choice", "wind"};
    spec.metrics = {"steps taken"};
    spec.state_fields = {"time", "forbidden actions", "level", "first", "second"};
    spec.num_levels = 9;
    spec.has_masks = true;
    spec.players = 2;
    return spec;
  }
  bool allows(ActionRow action) const {
    std::uint8_t mask[6];
    action_mask(MaskRow(mask, 6));
    return mask[action.discrete(0)] != 0 && mask[3 + action.discrete(1)] != 0;
  }
  void observe(ObsRow obs) const {
    for (std::size_t i = 0; i < 72; ++i) {
      obs[i] = static_cast<float>((static_cast<std::size_t>(time_) + i) % 4);
    }
    obs[72] = static_cast<float>(time_);
  }

  int time_ = 0, forbidden_ = 0, level_ = 0, first_ = 0, second_ = 0, mover_ = 0;
  double wind_ = 0;
  float reward_ = 0;
};

const Setting kSettings[] = {
    {},
    {{"sticky_actions", "0.4"}},
    {{"pixels", "[8, 6]"}},
    {{"pixels", "[8, 6]"}, {"frame_skip", "3"}},
    {{"action_repeat", "3"}},
    {{"action_delay", "3"}},
    {{"max_episode_steps", "11"}},
    {{"grey", "true"}},
    {{"resize", "[2, 5]"}},
    {{"frame_stack", "3"}},
    {{"time_aware", "true"}},
    {{"reward_noise", "1"}, {"reward_scale", "3"}, {"reward_clip", "0.5"}},
    {{"sticky_actions", "0.4"},
     {"action_repeat", "2"},
     {"grey", "true"},
     {"resize", "[2, 5]"},
     {"time_aware", "true"}},
    {{"sticky_actions", "0.4"}, {"action_repeat", "2"}, {"action_delay", "2"}},
    {{"sticky_actions", "0.4"},
     {"pixels", "[8, 6]"},
     {"frame_skip", "2"},
     {"action_repeat", "2"},
     {"grey", "true"},
     {"resize", "[2, 5]"},
     {"frame_stack", "2"},
     {"reward_scale", "2"}},
};

std::string setting_name(const testing::TestParamInfo<Setting>& info) {
  std::string name = "Plain";
  for (const auto& pair : info.param) name += "_" + pair.first;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name + std::to_string(info.index);
}

/// The time limit, in steps of the env.
int limit_of(const Setting& setting) {
  for (const auto& [key, text] : setting) {
    if (key == "max_episode_steps") return std::stoi(text);
  }
  return Everything::kLimit;
}

/// How many steps of the env an action takes at most.
int repeats(const Setting& setting) {
  int count = 1;
  for (const auto& [key, text] : setting) {
    if (key == "action_repeat" || key == "frame_skip") count *= std::stoi(text);
  }
  return count;
}

/// The env alone with its wrappers, stepped by random allowed actions, and what it says.
struct Driven {
  explicit Driven(const Setting& setting, std::uint64_t seed = 3)
      : env(Batch<Everything>::entry().make(params(setting))), rng(seed, "env"),
        driver(seed, "driver"),
        buffers(env->spec().obs, env->spec().action, env->spec().metrics.size(), 1) {}

  void reset(std::uint64_t level) {
    ResetContext ctx{rng, level};
    env->reset(ctx, buffers.batch.obs[0]);
    read();
  }
  void step() {
    random_action(env->spec().action, buffers.batch.mask[0], driver, buffers.actions[0]);
    mover = env->current_player();
    before = state;
    result = env->step(buffers.actions[0], rng, buffers.batch.obs[0]);
    read();
  }
  void read() {
    env->action_mask(buffers.batch.mask[0]);
    ASSERT_TRUE(env->get_state(state));
  }
  int time() const { return static_cast<int>(state[0]); }

  std::unique_ptr<Env> env;
  Rng rng, driver;
  StepBuffers buffers;
  DoubleVec state, before;
  StepResult result;
  int mover = 0;
};

/// Many steps, over several episodes; look(driven) after each.
template <class Look>
void drive(const Setting& setting, const Look& look) {
  Driven driven(setting);
  const int limit = driven.env->spec().max_episode_steps;
  for (std::uint64_t episode = 0; episode < 40; ++episode) {
    driven.reset(episode % 9);
    for (int t = 0; t < limit; ++t) {
      driven.step();
      look(driven);
      if (testing::Test::HasFailure()) return;
      if (driven.result.terminated || driven.result.truncated) break;
    }
  }
}

class EveryWrapper : public testing::TestWithParam<Setting> {};
INSTANTIATE_TEST_SUITE_P(Wrappers, EveryWrapper, testing::ValuesIn(kSettings), setting_name);

TEST_P(EveryWrapper, ShowsTheMaskOfTheEnv) {
  drive(GetParam(), [](Driven& d) {
    const MaskRow mask = d.buffers.batch.mask[0];
    EXPECT_EQ(mask[2], d.state[3] != 2);
    EXPECT_EQ(mask[4], d.time() % 3 != 2);
    EXPECT_EQ(mask[0] + mask[1] + mask[3] + mask[5], 4);
  });
  EXPECT_TRUE(Driven(GetParam()).env->spec().has_masks);
}

TEST_P(EveryWrapper, HandsTheEnvNoForbiddenAction) {
  drive(GetParam(), [](Driven& d) { EXPECT_EQ(d.state[1], 0) << "time " << d.time(); });
}

TEST_P(EveryWrapper, PassesTheLevelOn) {
  Driven driven(GetParam());
  EXPECT_EQ(driven.env->spec().num_levels, 9u);
  for (const std::uint64_t level : {0, 4, 8}) {
    driven.reset(level);
    EXPECT_EQ(driven.state[2], static_cast<double>(level));
  }
}

TEST_P(EveryWrapper, KeepsTheTimeLimitOfTheEnv) {
  const int count = repeats(GetParam());
  const EnvSpec spec = Driven(GetParam()).env->spec();
  const int limit = limit_of(GetParam());
  EXPECT_GE(spec.max_episode_steps * count, limit);
  EXPECT_LT((spec.max_episode_steps - 1) * count, limit + count);
  int longest = 0;
  drive(GetParam(), [&](Driven& d) {
    EXPECT_LE(d.time(), limit);
    longest = std::max(longest, d.time());
  });
  if (count == 1) {
    EXPECT_EQ(longest, limit);
  }
}

TEST_P(EveryWrapper, StepsTheEnvAsOftenAsItSays) {
  const int count = repeats(GetParam());
  bool has_repeated = count == 1;
  drive(GetParam(), [&](Driven& d) {
    const int steps = d.time() - static_cast<int>(d.before[0]);
    EXPECT_GE(steps, 1);
    EXPECT_LE(steps, count);
    has_repeated = has_repeated || steps > 1;
  });
  EXPECT_TRUE(has_repeated);
}

TEST_P(EveryWrapper, ReportsTheMetricsOfTheEnv) {
  drive(GetParam(), [](Driven& d) {
    float metric = -1;
    d.env->metrics(FloatRow(&metric, 1));
    EXPECT_EQ(metric, d.time());
  });
}

TEST_P(EveryWrapper, HasRewardTermsThatSumToTheReward) {
  drive(GetParam(), [](Driven& d) {
    float terms[2] = {-1, -1};
    d.env->reward_terms(FloatRow(terms, 2));
    EXPECT_NEAR(terms[0] + terms[1], d.result.reward, 1e-5);
  });
}

TEST_P(EveryWrapper, KeepsThePlayersAndTheirRewards) {
  EXPECT_EQ(Driven(GetParam()).env->spec().players, 2);
  drive(GetParam(), [](Driven& d) {
    EXPECT_EQ(d.env->current_player(), d.time() / 2 % 2);
    float rewards[2] = {-1, -1};
    ASSERT_TRUE(d.env->player_rewards(FloatRow(rewards, 2)));
    EXPECT_NEAR(rewards[d.mover], d.result.reward, 1e-5);
    EXPECT_EQ(rewards[0], -rewards[1]);
    // One action is one player's: its steps lie within a turn of two.
    EXPECT_EQ((d.time() - 1) / 2, static_cast<int>(d.before[0]) / 2);
  });
}

TEST_P(EveryWrapper, SavesAndLoadsExactly) {
  const EnvEntry& entry = Batch<Everything>::entry();
  VecEnv saved(entry, params(GetParam()), {.num_envs = 3, .seed = 5}),
      loaded(entry, params(GetParam()), {.num_envs = 3, .seed = 6});
  const EnvSpec& spec = saved.spec();
  StepBuffers one(spec.obs, spec.action, 1, 3, 2), two(spec.obs, spec.action, 1, 3, 2);
  Rng rng(1, "actions");
  const auto step = [&](VecEnv& envs, StepBuffers& buffers) {
    for (std::size_t i = 0; i < 3; ++i) {
      random_action(spec.action, buffers.batch.mask[i], rng, buffers.actions[i]);
    }
    envs.step(buffers.actions, buffers.batch);
  };
  saved.reset(one.batch.obs, one.batch.mask);
  loaded.reset(two.batch.obs, two.batch.mask);
  for (int t = 0; t < 10; ++t) step(saved, one);
  for (int t = 0; t < 7; ++t) step(loaded, two);
  StateWriter out;
  saved.save(out);
  StateReader in(out.bytes());
  loaded.load(in);
  EXPECT_EQ(in.remaining(), 0u);
  for (int t = 0; t < 60; ++t) {
    step(saved, one);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < spec.action.size(); ++k) {
        two.actions[i].discrete(k) = one.actions[i].discrete(k);
      }
    }
    loaded.step(two.actions, two.batch);
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_EQ(one.batch.reward[i], two.batch.reward[i]) << "step " << t;
      ASSERT_EQ(one.batch.terminated[i], two.batch.terminated[i]);
      ASSERT_EQ(saved.episode(i).player_returns, loaded.episode(i).player_returns);
      const std::size_t bytes = one.batch.obs.row_bytes();
      ASSERT_EQ(std::memcmp(one.batch.obs.data() + i * bytes, two.batch.obs.data() + i * bytes,
                            bytes), 0);
    }
  }
}

TEST_P(EveryWrapper, UnderstandsThePlayersKeys) {
  Driven driven(GetParam());
  driven.reset(0);
  const MutableActionRow action = driven.buffers.actions[0];
  EXPECT_FALSE(driven.env->human_action(Keys(), action));
  Keys keys;
  keys.press(Key::kLeft);
  EXPECT_TRUE(driven.env->human_action(keys, action));
  EXPECT_EQ(action.discrete(0), 0);
  EXPECT_EQ(action.discrete(1), 2);
}

TEST_P(EveryWrapper, SetsTheStateOfTheEnv) {
  Driven driven(GetParam());
  driven.reset(0);
  const DoubleVec wanted = {8, 0, 3, 2, 1};
  EXPECT_TRUE(driven.env->set_state(wanted));
  driven.read();
  EXPECT_EQ(driven.state, wanted);
  EXPECT_EQ(driven.buffers.batch.mask[0][2], 0);
}

TEST_P(EveryWrapper, DrawsTheEnv) {
  Driven driven(GetParam());
  driven.reset(0);
  RecordingCanvas canvas;
  driven.env->draw(canvas);
  EXPECT_FALSE(canvas.empty());
}

TEST_P(EveryWrapper, LeavesEpisodeReturnsToTheEnvsOwnRewards) {
  const EnvEntry& entry = Batch<Everything>::entry();
  VecEnv envs(entry, params(GetParam()), {.seed = 2});
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, 1, 1, 2);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  Rng rng(1, "actions");
  double returns[2] = {0, 0};
  for (int t = 0; t < 200; ++t) {
    random_action(spec.action, buffers.batch.mask[0], rng, buffers.actions[0]);
    envs.step(buffers.actions, buffers.batch);
    for (int p = 0; p < 2; ++p)
      returns[p] += envs.episode(0).player_rewards[static_cast<std::size_t>(p)];
    if (!buffers.batch.terminated[0] && !buffers.batch.truncated[0]) continue;
    EXPECT_NEAR(buffers.batch.episode_player_returns[0], returns[0], 1e-4);
    EXPECT_NEAR(buffers.batch.episode_player_returns[1], returns[1], 1e-4);
    EXPECT_EQ(buffers.batch.episode_return[0], buffers.batch.episode_player_returns[0]);
    returns[0] = returns[1] = 0;
  }
}

// ---- damaged state -------------------------------------------------------------------------------

TEST(WrapperState, OfAnActionThatIsNoneIsRefused) {
  const EnvEntry& entry = Batch<Everything>::entry();
  for (const std::vector<std::int32_t>& choice :
       {std::vector<std::int32_t>{7, 0}, {0, -1}, {1}, {}, {0, 1, 2}}) {
    const auto plain = entry.make({}), sticky = entry.make(params({{"sticky_actions", "0.5"}}));
    StateWriter out;
    plain->save(out);
    for (int player = 0; player < 2; ++player) {
      out.write(true);
      out.write(choice);
      out.write(std::vector<float>());
    }
    StateReader in(out.bytes());
    EXPECT_THROW(sticky->load(in), Error);
  }
}

TEST(WrapperState, OfDelayedActionsThatAreNoneIsRefused) {
  const EnvEntry& entry = Batch<Everything>::entry();
  for (const std::vector<std::int32_t>& choices : {std::vector<std::int32_t>{0, 0, 7, 0},
                                                   {0, 0, 0, -1},
                                                   {0, 0},
                                                   {0, 0, 0},
                                                   {0, 0, 0, 0, 0, 0}}) {
    const auto plain = entry.make({}), delayed = entry.make(params({{"action_delay", "2"}}));
    StateWriter out;
    plain->save(out);
    for (int player = 0; player < 2; ++player) out.write(choices, std::vector<float>());
    StateReader in(out.bytes());
    EXPECT_THROW(delayed->load(in), Error);
  }
}

TEST(WrapperState, WithAnotherNumberOfRewardTermsIsRefused) {
  const EnvEntry& entry = Batch<Everything>::entry();
  const auto plain = entry.make({}), repeated = entry.make(params({{"action_repeat", "2"}}));
  StateWriter out;
  plain->save(out);
  out.write(3);
  out.write(std::vector<float>(50, 1.0f));
  StateReader in(out.bytes());
  EXPECT_THROW(repeated->load(in), Error);
}

}  // namespace
}  // namespace tern
