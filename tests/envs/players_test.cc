// Proof: worked examples by hand. Envs whose players take turns: whose reward is whose, what an
// episode is worth to each player, through VecEnv, save and load, and wrappers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "envs/lane_env.h"
#include "envs/registry/registry.h"
#include "tests/envs/env_params.h"
#include "tests/envs/envs_for_tests.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// One env and its rows.
struct Table {
  Table(const EnvEntry& entry, const ParamValues& params)
      : envs(entry, params, {}), buffers(envs.spec().obs, envs.spec().action,
                                         envs.spec().metrics.size(), 1, envs.spec().players) {
    envs.reset(buffers.batch.obs, buffers.batch.mask);
  }
  void play(const std::vector<int>& actions) {
    for (const int action : actions) {
      movers.push_back(envs.env(0).current_player());
      buffers.actions[0].discrete() = action;
      envs.step(buffers.actions, buffers.batch);
      rewards.push_back(buffers.batch.reward[0]);
    }
  }
  std::vector<double> player_returns() const {
    const Row<double> row = buffers.batch.episode_player_returns;
    return {row.begin(), row.end()};
  }

  VecEnv envs;
  StepBuffers buffers;
  std::vector<int> movers;
  std::vector<float> rewards;
};

Table connect_four() {
  return Table(registry().find("ConnectFour-v1"), params({{"opponent", "none"}}));
}

TEST(Players, ConnectFourSelfPlayHasTwoWhoTakeTurns) {
  EXPECT_EQ(registry().find("ConnectFour-v1").spec.players, 1);
  Table table = connect_four();
  EXPECT_EQ(table.envs.spec().players, 2);
  table.play({0, 1, 0, 1, 0, 1, 0});  // player 0 stacks four in the first column
  EXPECT_THAT(table.movers, ElementsAre(0, 1, 0, 1, 0, 1, 0));
  EXPECT_TRUE(table.buffers.batch.terminated[0]);
  EXPECT_THAT(table.rewards, ElementsAre(0, 0, 0, 0, 0, 0, 1));
  EXPECT_THAT(table.player_returns(), ElementsAre(1, -1));
  EXPECT_EQ(table.buffers.batch.episode_return[0], 1);
}

TEST(Players, AWinOfTheSecondIsALossOfTheFirst) {
  Table table = connect_four();
  table.play({0, 1, 0, 1, 0, 1, 2, 1});
  EXPECT_EQ(table.rewards.back(), 1);  // of the mover, player 1
  EXPECT_THAT(table.player_returns(), ElementsAre(-1, 1));
  EXPECT_EQ(table.buffers.batch.episode_return[0], -1);
  EXPECT_EQ(table.buffers.batch.episode_metrics[0], 0);
}

TEST(Players, AFullColumnIsALossOfWhoThrewIntoIt) {
  Table first = connect_four();
  first.play({0, 0, 0, 0, 0, 0, 0});
  EXPECT_THAT(first.player_returns(), ElementsAre(-1, 1));
  EXPECT_EQ(first.buffers.batch.episode_metrics[0], 0);
  Table second = connect_four();
  second.play({0, 0, 0, 0, 0, 0, 1, 0});
  EXPECT_THAT(second.player_returns(), ElementsAre(1, -1));
  EXPECT_EQ(second.buffers.batch.episode_metrics[0], 1);  // the first player won
}

TEST(Players, RandomSelfPlayIsZeroSumAndNotAlwaysWonByTheSame) {
  Table table = connect_four();
  Rng rng(4, "moves");
  int wins[2] = {0, 0};
  for (int episodes = 0; episodes < 200;) {
    const MaskRow mask = table.buffers.batch.mask[0];
    int column = static_cast<int>(rng.below(7));
    while (mask[static_cast<std::size_t>(column)] == 0) column = static_cast<int>(rng.below(7));
    table.play({column});
    if (!table.buffers.batch.terminated[0]) continue;
    ++episodes;
    const std::vector<double> returns = table.player_returns();
    EXPECT_EQ(returns[0] + returns[1], 0);
    if (returns[0] != 0) ++wins[returns[0] > 0 ? 0 : 1];
  }
  EXPECT_GT(wins[0], 80);  // the first stone is worth something: 55 % of random games
  EXPECT_GT(wins[1], 50);
}

/// Three players say a number in turn, the third twice, and get what they say; kShares: the two
/// others pay for it in halves.
template <bool kShares>
class Bidding final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = kShares ? "Sharing-v0" : "Bidding-v0";
      made.family = "test";
      made.summary = "three players bid";
      made.obs.scalar("time", 0, 100).scalar("last bid", -1, 2);
      made.action = ActionSpace::discrete({"0", "1", "2"});
      made.max_episode_steps = 12;
      made.players = 3;
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override {
    time_ = 0;
    bid_ = -1;
    observe(obs);
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    mover_ = current_player();
    bid_ = action.discrete();
    ++time_;
    observe(obs);
    return {static_cast<float>(bid_), false, false};
  }
  int current_player() const override { return std::min(time_ % 4, 2); }
  bool player_rewards(FloatRow rewards) const override {
    if (!kShares) return false;
    for (int p = 0; p < 3; ++p) {
      rewards[static_cast<std::size_t>(p)] =
          static_cast<float>(p == mover_ ? bid_ : -0.5 * bid_);
    }
    return true;
  }
  void save(StateWriter& out) const override { out.write(time_, bid_, mover_); }
  bool load(StateReader& in) override {
    in.read(time_, bid_, mover_);
    return true;
  }

 private:
  void observe(ObsRow obs) const {
    obs[0] = static_cast<float>(time_);
    obs[1] = static_cast<float>(bid_);
  }
  int time_ = 0, bid_ = -1, mover_ = 0;
};

TEST(Players, GetNothingForTheStepsOfOthersUnlessTheEnvSaysSo) {
  Table table(Batch<Bidding<false>>::entry(), {});
  table.play({1, 0, 2, 1, 2, 0, 0, 1, 0, 2, 1, 1});
  EXPECT_THAT(table.movers, ElementsAre(0, 1, 2, 2, 0, 1, 2, 2, 0, 1, 2, 2));
  EXPECT_TRUE(table.buffers.batch.truncated[0]);
  EXPECT_THAT(table.player_returns(), ElementsAre(1 + 2 + 0, 0 + 0 + 2, 2 + 1 + 0 + 1 + 1 + 1));
}

TEST(Players, GetWhatTheEnvSays) {
  Table table(Batch<Bidding<true>>::entry(), {});
  table.play({1, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0});
  // Player 0 bid 1 and 2 and pays half of 2 and 1; player 1 pays half of 1, 2, 1 and 2.
  EXPECT_THAT(table.player_returns(), ElementsAre(3 - 1.5, -3, 3 - 1.5));
  table.play({1});
  EXPECT_THAT(table.envs.episode(0).player_returns, ElementsAre(1, -0.5, -0.5));  // begun anew
}

TEST(Players, ReturnsAreSavedAndLoaded) {
  Table saved(Batch<Bidding<true>>::entry(), {}), loaded(Batch<Bidding<true>>::entry(), {});
  saved.play({1, 0, 2, 1});
  loaded.play({2, 2});
  StateWriter out;
  saved.envs.save(out);
  StateReader in(out.bytes());
  loaded.envs.load(in);
  for (Table* table : {&saved, &loaded}) {
    table->play({2, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_THAT(table->player_returns(), ElementsAre(3 - 1.5, -3, 3 - 1.5));
  }
}

TEST(Players, ShapedRewardsLeaveTheirReturnsAlone) {
  Table table(Batch<Bidding<true>>::entry(), params({{"reward_scale", "10"}}));
  table.play({1, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(table.rewards[2], 20);
  EXPECT_THAT(table.player_returns(), ElementsAre(3 - 1.5, -3, 3 - 1.5));
}

TEST(Players, ARepeatedActionEndsWithTheTurn) {
  Table table(Batch<Bidding<true>>::entry(), params({{"action_repeat", "5"}}));
  table.play({1, 1, 2});
  EXPECT_THAT(table.movers, ElementsAre(0, 1, 2));
  EXPECT_THAT(table.rewards, ElementsAre(1, 1, 4));  // the third player's two turns
  EXPECT_THAT(table.player_returns(), ElementsAre(1 - 0.5 - 2, 1 - 0.5 - 2, 4 - 0.5 - 0.5));
}

TEST(Players, AnActionSticksToItsOwnPlayer) {
  Table table(Batch<Bidding<false>>::entry(), params({{"sticky_actions", "0.999999"}}));
  table.play({0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 0, 0});
  EXPECT_THAT(table.rewards, ElementsAre(0, 1, 2, 2, 0, 1, 2, 2, 0, 1, 2, 2));
}

/// Says that a player moves who is not there.
class Uninvited final : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "Uninvited-v0";
      made.obs.scalar("nothing", 0, 0);
      made.action = ActionSpace::discrete({"go"});
      made.players = 2;
      return made;
    }();
    return spec;
  }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = 0; }
  StepResult step(ActionRow, Rng&, ObsRow obs) override {
    obs[0] = 0;
    return {};
  }
  int current_player() const override { return 2; }
};

TEST(Players, OneThatIsNotThereIsNamed) {
  Table table(Batch<Uninvited>::entry(), {});
  EXPECT_THAT(error_of([&] {
                table.buffers.actions[0].discrete() = 0;
                table.envs.step(table.buffers.actions, table.buffers.batch);
              }),
              HasSubstr("Uninvited-v0: current_player() returned 2; expected 0 to 1"));
}

TEST(Players, MemoryForAnotherNumberOfThemIsRefused) {
  VecEnv envs(Batch<Bidding<true>>::entry(), {}, {});
  StepBuffers two(envs.spec().obs, envs.spec().action, 0, 1, 2);
  envs.reset(two.batch.obs, two.batch.mask);
  EXPECT_THAT(error_of([&] { envs.step(two.actions, two.batch); }, ExitCode::kUsage),
              HasSubstr("returns of the players has 2 entries; expected 3"));
}

struct PairState {
  double x = 0;
  template <class V>
  void visit(V&& v) {
    v(x);
  }
};
/// An env with a lane kernel that claims two players.
class PairOfLanes final : public LaneEnv<PairOfLanes, PairState, NoParams> {
 public:
  PairOfLanes() : LaneEnv(NoParams()) {}
  using Action = std::int32_t;
  static constexpr std::size_t kObsSize = 1;
  static PairState start(const NoParams&, Rng&) { return {}; }
  static LaneStep advance(const NoParams&, Action, PairState& s) {
    s.x += 1;
    return {1, false};
  }
  static void observe(const PairState& s, float* obs) { obs[0] = static_cast<float>(s.x); }
  const EnvSpec& spec() const override {
    static const EnvSpec spec = [] {
      EnvSpec made;
      made.id = "PairOfLanes-v0";
      made.obs.scalar("x", 0, 1e6);
      made.action = ActionSpace::discrete({"go"});
      made.players = 2;
      return made;
    }();
    return spec;
  }
};

TEST(Players, AnEnvWithALaneKernelHasOne) {
  EXPECT_THAT(error_of([] { Batch<PairOfLanes> batch({}); }, ExitCode::kUsage),
              HasSubstr("PairOfLanes-v0 has 2 players; a lane kernel is for one"));
}

}  // namespace
}  // namespace tern
