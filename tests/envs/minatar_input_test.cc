// MinAtar's games: actions of both ids, sticky actions, limits, keys; error texts.

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/envs/minatar_game.h"
#include "tests/error_of.h"

namespace tern::minatar {
namespace {

std::vector<std::string> action_names(const std::string& id, const ParamValues& params = {}) {
  return registry().find(id).make(params)->spec().action.components()[0].options;
}

TEST(MinAtar, TheFirstVersionHasAllMovesTheSecondThoseOfTheGame) {
  using Names = std::vector<std::string>;
  const Names all = {"noop", "left", "up", "right", "down", "fire"};
  const std::map<std::string, Names> own = {
      {"Breakout", {"noop", "left", "right"}},
      {"Asterix", {"noop", "left", "up", "right", "down"}},
      {"Freeway", {"noop", "up", "down"}},
      {"Seaquest", all},
      {"SpaceInvaders", {"noop", "left", "right", "fire"}}};
  for (const auto& [name, names] : own) {
    EXPECT_EQ(action_names("MinAtar-" + name + "-v0"), all);
    EXPECT_EQ(action_names("MinAtar-" + name + "-v1"), names);
    EXPECT_EQ(action_names("MinAtar-" + name + "-v1", {{"actions", "all", "test"}}), all);
  }
}

TEST(MinAtar, TheFieldNamesItsChannels) {
  const EnvSpec spec = registry().find("MinAtar-SpaceInvaders-v1").spec;
  EXPECT_EQ(spec.obs.fields()[0].name,
            "cannon, alien, alien going left, alien going right, own bullet, alien bullet");
  EXPECT_EQ(spec.obs.fields()[0].shape, (std::vector<int>{10, 10, 6}));
  EXPECT_EQ(spec.obs.num_floats(), 0u);
}

TEST(MinAtar, MovesStickWithTheGivenProbability) {
  for (const double p : {0.1, 0.5}) {
    Game game("SpaceInvaders", {{"sticky_actions", format_number(p), "test"}});
    constexpr int kFrames = 4000;
    int stuck = 0;
    for (int t = 0; t < kFrames; ++t) {
      game.set({{"cannon", 5}, {"last move", kR}, {"alien bullets of row 8", 0},
                {"shot timer", 9}, {"move timer", 9}});
      game.step(kL);
      stuck += game.get("cannon") == 6 ? 1 : 0;
      EXPECT_EQ(game.get("last move"), game.get("cannon") == 6 ? kR : kL);
    }
    EXPECT_NEAR(stuck, kFrames * p, 5 * std::sqrt(kFrames * p * (1 - p)));
  }
}

TEST(MinAtar, StickinessIsTheEnvsOwnAndNotTheWrappers) {
  const EnvEntry& entry = registry().find("MinAtar-Breakout-v1");
  for (const ParamInfo& info : entry.wrapper_params) EXPECT_NE(info.name, "sticky_actions");
  const auto own = std::find_if(entry.params.begin(), entry.params.end(), [](const ParamInfo& p) {
    return p.name == "sticky_actions";
  });
  ASSERT_NE(own, entry.params.end());
  EXPECT_EQ(own->default_value, "0.1");
}

TEST(MinAtar, FreewayIsCutAndNotEndedByItsTimeLimit) {
  VecEnv envs(registry().find("MinAtar-Freeway-v1"), {}, {.num_envs = 1});
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 0, 1);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  buffers.actions[0].discrete() = 0;
  int frames = 0;
  do {
    envs.step(buffers.actions, buffers.batch);
    ++frames;
    ASSERT_FALSE(buffers.batch.terminated[0]);
  } while (!buffers.batch.truncated[0]);
  EXPECT_EQ(frames, 2501);
}

TEST(MinAtar, KeysMeanMovesThatTheGameHas) {
  const auto chosen = [](const Game& game, std::initializer_list<Key> held) {
    Keys keys;
    for (const Key key : held) keys.press(key);
    std::int32_t action = -1;
    EXPECT_TRUE(game.env->human_action(keys, MutableActionRow(Row<std::int32_t>(&action, 1))));
    return action;
  };
  Game game("SpaceInvaders");
  EXPECT_EQ(chosen(game, {}), kN);
  EXPECT_EQ(chosen(game, {Key::kLeft}), kL);
  EXPECT_EQ(chosen(game, {Key::kSpace, Key::kLeft}), kF);
  game.step(kF);
  EXPECT_EQ(chosen(game, {Key::kSpace, Key::kLeft}), kL);  // while the gun is not ready
  Game breakout("Breakout", {{"actions", "minimal", "test"}});
  EXPECT_EQ(chosen(breakout, {Key::kUp}), 0);
  EXPECT_EQ(chosen(breakout, {Key::kRight}), 2);
}

TEST(MinAtar, BadParametersAreRefused) {
  const auto make = [](const char* key, const char* value) {
    return error_of([&] { registry().find("MinAtar-Asterix-v1").make({{key, value, "a.yaml:3"}}); },
                    ExitCode::kUsage);
  };
  EXPECT_EQ(make("actions", "minimum"),
            "a.yaml:3: env.actions: 'minimum' is not one of minimal|all. Did you mean 'minimal'? "
            "(MinAtar-Asterix-v1)");
  EXPECT_EQ(make("sticky_actions", "1"),
            "a.yaml:3: env.sticky_actions: 1 is out of range; expected [0, 1) (MinAtar-Asterix-v1)");
  EXPECT_EQ(make("difficulty_ramping", "2"),
            "a.yaml:3: env.difficulty_ramping: '2' is not true or false (MinAtar-Asterix-v1)");
  EXPECT_EQ(make("difficulty_ramp", "true"),
            "a.yaml:3: unknown key 'env.difficulty_ramp'. Did you mean 'difficulty_ramping'? "
            "(all keys: tern describe MinAtar-Asterix-v1)");
}

TEST(MinAtar, StatesThatCannotBeAreRefused) {
  Game breakout("Breakout");
  EXPECT_EQ(error_of([&] { breakout.set({{"paddle", 10}}); }, ExitCode::kUsage),
            "MinAtar-Breakout-v0: state field 'paddle' is 10; expected a whole number from 0 to 9");
  EXPECT_EQ(error_of([&] { breakout.set({{"ball row", 0.5}}); }, ExitCode::kUsage),
            "MinAtar-Breakout-v0: state field 'ball row' is 0.5; expected a whole number from 0 "
            "to 9");
  EXPECT_EQ(error_of([&] { breakout.set({{"ball row", std::nan("")}}); }, ExitCode::kUsage),
            "MinAtar-Breakout-v0: state field 'ball row' is nan; expected a whole number from 0 "
            "to 9");
  EXPECT_EQ(error_of([&] { breakout.set({{"ball row", 9}}); }, ExitCode::kUsage),
            "MinAtar-Breakout-v0: no such state: the ball is in row 9 and the game goes on");
  EXPECT_EQ(error_of([&] { breakout.env->set_state(std::vector<double>{1, 2}); },
                     ExitCode::kUsage),
            "MinAtar-Breakout-v0: the state has 2 numbers; expected 13");
  Game invaders("SpaceInvaders");
  EXPECT_EQ(error_of(
                [&] {
                  invaders.set({{"aliens of row 0", 0}, {"aliens of row 1", 0},
                                {"aliens of row 2", 0}, {"aliens of row 3", 0}});
                },
                ExitCode::kUsage),
            "MinAtar-SpaceInvaders-v0: no such state: there is no alien");
}

TEST(MinAtar, DamagedSavesAreRefused) {
  for (const char* name : {"Breakout", "Asterix", "Freeway", "Seaquest", "SpaceInvaders"}) {
    Game game(name);
    StateWriter out;
    game.env->save(out);
    std::vector<std::uint8_t> bytes = out.take();
    std::vector<std::uint8_t> broken = bytes;
    broken[3] = 0x7F;  // the first number becomes huge
    EXPECT_THAT(error_of([&] {
                  StateReader in{Row<const std::uint8_t>(broken)};
                  game.env->load(in);
                }),
                testing::HasSubstr(std::string("MinAtar-") + name + "-v0: state field '"));
    bytes.resize(bytes.size() - 1);
    EXPECT_THAT(error_of([&] {
                  StateReader in{Row<const std::uint8_t>(bytes)};
                  game.env->load(in);
                }),
                testing::HasSubstr("saved state ends after"));
  }
}

}  // namespace
}  // namespace tern::minatar
