// Proof: law and worked examples. The optional methods of envs in Python do what the functions of
// Env of those names do: exact state, keys, goals, a state vector, players, info values.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/files/json.h"
#include "envs/conformance/child_check.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/cli/run_tern.h"
#include "tests/error_of.h"
#include "tests/plugin/same_env.h"
#include "tests/source_tree.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string reach() {
  return source_path("tests/plugin/python/methods.py") + ":PyReach-v0";
}
std::string cards() {
  return source_path("tests/plugin/python/methods.py") + ":PyCards-v0";
}

class PythonMethods : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null") !=
        0) {
      GTEST_SKIP() << "no python3 of 3.8 or later here";
    }
  }
};

/// One env and its row.
struct Stage {
  explicit Stage(const std::string& name, const ParamValues& params = {})
      : env(registry().find(name).make(params)), row(env->spec().obs.bytes()) {}
  ObsRow obs() { return ObsRows(row.data(), env->spec().obs, 1)[0]; }
  void reset() {
    ResetContext context{rng, 0};
    env->reset(context, obs());
  }
  StepResult step(std::vector<std::int32_t> action) {
    return env->step(ActionRow(Row<const std::int32_t>(action)), rng, obs());
  }
  std::unique_ptr<Env> env;
  std::vector<std::uint8_t> row;
  Rng rng = Rng(1, "test");
};

TEST_F(PythonMethods, ALoadedEnvGoesOnAsTheSavedOne) {
  for (const std::string& name : {reach(), cards()}) {
    Stage saved(name), loaded(name);
    saved.reset();
    const std::vector<std::int32_t> action(saved.env->spec().action.size(), 1);
    saved.step(action);
    StateWriter out;
    saved.env->save(out);
    out.write(std::string("what follows"));
    StateReader in(out.bytes());
    ASSERT_TRUE(loaded.env->load(in)) << name;
    std::string rest;
    in.read(rest);
    EXPECT_EQ(rest, "what follows");
    EXPECT_EQ(loaded.env->current_player(), saved.env->current_player());
    const std::size_t count = saved.env->spec().info.size();
    for (int t = 0; t < (name == reach() ? 15 : 1); ++t) {
      EXPECT_EQ(loaded.step(action).reward, saved.step(action).reward);
      EXPECT_EQ(loaded.row, saved.row);
      std::vector<float> one(count), two(count);
      loaded.env->info(FloatRow(one));
      saved.env->info(FloatRow(two));
      EXPECT_EQ(one, two);  // the wind is random
    }
  }
}

TEST_F(PythonMethods, KeysMeanNumbersNamesOrNothing) {
  Stage stage(reach());
  stage.reset();
  const auto meant = [&](const std::vector<Key>& pressed) {
    Keys keys;
    for (const Key key : pressed) keys.press(key);
    std::vector<std::int32_t> action = {-1, -1};
    stage.env->human_action(keys, MutableActionRow(Row<std::int32_t>(action)));
    return action;
  };
  EXPECT_THAT(meant({}), ElementsAre(-1, -1));
  EXPECT_THAT(meant({Key::kRight}), ElementsAre(2, 1));
  EXPECT_THAT(meant({Key::kLeft, Key::kDown}), ElementsAre(0, 0));
  EXPECT_THAT(meant({Key::kZ}), ElementsAre(-1, -1));
}

TEST_F(PythonMethods, RelabelInfoTermsAndStateVector) {
  Stage stage(reach());
  EXPECT_EQ(stage.env->spec().reward_terms, (std::vector<std::string>{"far", "near"}));
  const std::vector<float> achieved = {1, 2}, desired = {1, -1};
  stage.reset();
  EXPECT_EQ(stage.env->relabel(GoalView(achieved), GoalView(desired)), -1.5f);
  EXPECT_EQ(stage.env->relabel(GoalView(achieved), GoalView(achieved)), 1);
  const StepResult result = stage.step({2, 1});
  std::vector<float> terms(2), info(2);
  stage.env->reward_terms(FloatRow(terms));
  stage.env->info(FloatRow(info));
  EXPECT_EQ(terms[0] + terms[1], result.reward);
  EXPECT_EQ(info[0],
            std::abs(stage.obs()[0] - stage.obs()[2]) + std::abs(stage.obs()[1] - stage.obs()[3]));
  DoubleVec state;
  ASSERT_TRUE(stage.env->get_state(state));
  EXPECT_THAT(state, ElementsAre(1, 0));
  EXPECT_TRUE(stage.env->set_state(ConstDoubleRow(std::vector<double>{-4, 3})));
  stage.step({1, 1});
  EXPECT_EQ(stage.obs()[0], -4);
  EXPECT_EQ(stage.obs()[1], 3);
}

TEST_F(PythonMethods, PlayersTakeTurnsAndSeeTheirOwnHand) {
  VecEnv envs(registry().find(cards()), {}, {});
  ASSERT_EQ(envs.spec().players, 2);
  StepBuffers buffers(envs.spec().obs, envs.spec().action, 1, 1, 2);
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  std::map<std::vector<float>, int> hands;
  for (int t = 0; t < 200; ++t) {
    const ObsRow row = buffers.batch.obs[0];
    EXPECT_EQ(row[0], static_cast<float>(envs.env(0).current_player()));
    ++hands[{row[0], row[1]}];
    buffers.actions[0].discrete() = 1;
    envs.step(buffers.actions, buffers.batch);
    if (buffers.batch.terminated[0] == 0) continue;
    EXPECT_EQ(std::abs(buffers.batch.episode_player_returns[0]), 2);
    EXPECT_EQ(buffers.batch.episode_player_returns[0], -buffers.batch.episode_player_returns[1]);
  }
  EXPECT_EQ(hands.size(), 6u);
}

TEST_F(PythonMethods, KeepTheContract) {
  for (const std::string& word : {reach(), cards()}) {
    ChildCheck check;
    check.word = word;
    check.options.steps = 100;
    check.options.bench_seconds = 0;
    check.call_limit = std::chrono::seconds(20);
    check.choose = [=] { return std::pair(&registry().find(word), ParamValues{}); };
    check.repeat = [](const std::string&, int) { return std::string(); };
    for (const Finding& finding : check_in_child(check).findings) {
      EXPECT_TRUE(finding.passed) << finding.rule << ": " << finding.message;
    }
  }
}

TEST_F(PythonMethods, InfoIsInTheDocumentOfARollout) {
  const Json rollout = Json::parse(run_tern({"rollout", reach(), "--json", "--steps", "2"}).out);
  EXPECT_TRUE(rollout["reset_info"]["distance"].is_number());
  EXPECT_TRUE(rollout["steps"][std::size_t{1}]["info"]["wind"].is_number());
  const Json game = Json::parse(run_tern({"rollout", cards(), "--json"}).out);
  EXPECT_EQ(game["steps"][std::size_t{0}]["player"].integer(), 0);
  EXPECT_EQ(game["steps"][std::size_t{0}]["obs_player"].integer(), 1);
}

/// An env with the body of one method.
class OneMethod : public PythonMethods {
 protected:
  std::string with(const std::string& body, const std::string& facts = "") {
    const std::string path = folder_ / ("env" + std::to_string(++number_) + ".py");
    std::ofstream(path) << "class Env:\n"
                           "    facts = {'observation': {'x': (0, 1)}, 'action': ['a', 'b']"
                        << facts
                        << "}\n"
                           "    def reset(self, seed=None, options=None):\n        return [0], {}\n"
                           "    def step(self, action):\n        return [0], 0, False, False, {}\n"
                        << body;
    return path;
  }
  TemporaryFolder folder_;
  int number_ = 0;
};

TEST_F(OneMethod, WrongValuesAreNamed) {
  const auto error = [&](const std::string& path, const auto& call) {
    return error_of([&] {
      Stage stage(path);
      stage.reset();
      call(*stage.env);
    });
  };
  const auto save = [](Env& env) {
    StateWriter out;
    env.save(out);
  };
  const auto keys = [](Env& env) {
    std::vector<std::int32_t> action(1);
    env.human_action(Keys(1), MutableActionRow(Row<std::int32_t>(action)));
  };
  const std::string load = "    def load(self, state):\n        pass\n";
  EXPECT_THAT(error(with("    def save(self):\n        return {'a': [self]}\n" + load), save),
              HasSubstr("save()['a'] has a Env; expected None, bools, numbers"));
  EXPECT_THAT(error(with("    def human_action(self, keys):\n        return 2\n"), keys),
              HasSubstr("human_action() returned 2; expected one of a, b"));
  EXPECT_THAT(error(with("    def human_action(self, keys):\n        return 'c'\n"), keys),
              HasSubstr("human_action() returned 'c'; expected one of a, b"));
  EXPECT_THAT(error(with("    def current_player(self):\n        return 'me'\n", ", 'players': 2"),
                    [](Env&) {}),
              HasSubstr("current_player() returned a str; expected a whole number"));
  EXPECT_THAT(error(with("    def player_rewards(self):\n        return [1]\n", ", 'players': 2"),
                    [](Env&) {}),
              HasSubstr("player_rewards() returned a list of 1"));
  EXPECT_THAT(error(with("", ", 'info': ['speed']"),
                    [](Env& env) {
                      float speed = 0;
                      env.info(FloatRow(&speed, 1));
                    }),
              HasSubstr("info has no 'speed'"));
  EXPECT_THAT(error_of([&] { Stage stage(with("", ", 'info': ['a', 'a']")); }),
              HasSubstr("the info value 'a' is there twice"));
}

TEST_F(OneMethod, AMethodOfAnotherMeaningIsNotTaken) {
  Stage stage(
      with("    def save(self, path):\n        raise RuntimeError\n"
           "    def load(self, path):\n        raise RuntimeError\n"));
  stage.reset();
  StateWriter out;
  stage.env->save(out);
  StateReader in(out.bytes());
  EXPECT_FALSE(stage.env->load(in));
}

TEST_F(OneMethod, ADamagedStateIsRefused) {
  Stage stage(
      with("    def save(self):\n        return 7\n"
           "    def load(self, state):\n        self.x = state + 1\n"));
  stage.reset();
  StateWriter out;
  stage.env->save(out);
  std::vector<std::uint8_t> bytes(out.bytes().begin(), out.bytes().end());
  bytes.back() = '{';  // of the text at its end
  StateReader in(bytes);
  EXPECT_THAT(error_of([&] { stage.env->load(in); }), HasSubstr("the saved state is damaged"));
}

}  // namespace
}  // namespace tern
