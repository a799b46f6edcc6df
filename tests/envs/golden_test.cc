// Oracle: traces, tables and spaces recorded from Gymnasium 1.2.3 (tests/data/golden).
//
// Tolerances: from each recorded state one step gives the observation within one unit in the last
// place of a float32 and the reward within 2e-6; whole traces, of longer ones the first 150 steps,
// stay within 2e-6; flags are exact. All of it through VecEnv, with 1 and with 64 envs, at every
// level of SIMD that this machine has.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"
#include "tests/envs/forced_simd.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

using Json = nlohmann::json;

Json golden(const std::string& name) {
  std::ifstream file(source_path("tests/data/golden/" + name + ".json"));
  return Json::parse(file);
}

/// A VecEnv without a time limit and memory for its steps.
struct Envs {
  explicit Envs(const std::string& id, std::size_t n, const ParamValues& params = {})
      : envs(registry().find(id), params, options(n)),
        buffers(envs.spec().obs, envs.spec().action, envs.spec().metrics.size(), n) {
    envs.reset(buffers.batch.obs, buffers.batch.mask);
  }
  static VecEnvOptions options(std::size_t n) {
    VecEnvOptions options;
    options.num_envs = n;
    options.time_limit = false;
    return options;
  }

  void set_state(const Json& state) {
    const std::vector<double> values = state;
    for (std::size_t i = 0; i < envs.num_envs(); ++i) ASSERT_TRUE(envs.env(i).set_state(values));
  }
  void step(const Json& action) {
    for (std::size_t i = 0; i < envs.num_envs(); ++i) {
      if (action.is_array()) {
        for (std::size_t k = 0; k < action.size(); ++k) buffers.actions[i][k] = action[k];
      } else {
        buffers.actions[i].discrete() = action;
      }
    }
    envs.step(buffers.actions, buffers.batch);
  }
  /// What the step of env i led to, before any reset.
  ObsRow outcome(std::size_t i) const {
    const bool ended = buffers.batch.terminated[i] || buffers.batch.truncated[i];
    return ended ? buffers.batch.final_obs[i] : buffers.batch.obs[i];
  }

  VecEnv envs;
  StepBuffers buffers;
};

float one_ulp(float value) {
  return std::max(std::nextafter(value, INFINITY) - value, value - std::nextafter(value, -INFINITY));
}

class Traces : public testing::TestWithParam<std::tuple<std::string, std::size_t, SimdLevel>> {
 protected:
  std::string file() const { return std::get<0>(GetParam()); }
  std::size_t num_envs() const { return std::get<1>(GetParam()); }
  ForcedSimd forced_{std::get<2>(GetParam())};
};

TEST_P(Traces, EachStepFromItsRecordedStateAgrees) {
  const Json trace = golden(file());
  Envs envs(trace["env"], num_envs());
  for (const Json& trajectory : trace["trajectories"]) {
    Json state = trajectory["initial_state"];
    for (std::size_t t = 0; t < trajectory["actions"].size(); ++t) {
      SCOPED_TRACE("trajectory " + trajectory["id"].dump() + ", step " + std::to_string(t));
      const Json& expected = trajectory["steps"][t];
      envs.set_state(state);
      envs.step(trajectory["actions"][t]);
      for (std::size_t i = 0; i < num_envs(); ++i) {
        for (std::size_t k = 0; k < expected["obs"].size(); ++k) {
          const float value = expected["obs"][k];
          ASSERT_NEAR(envs.outcome(i)[k], value, one_ulp(value)) << "env " << i << " obs " << k;
        }
        ASSERT_NEAR(envs.buffers.batch.reward[i], expected["reward"].get<double>(), 2e-6);
        ASSERT_EQ(envs.buffers.batch.terminated[i] != 0, expected["terminated"].get<bool>());
        ASSERT_FALSE(envs.buffers.batch.truncated[i]);
      }
      state = expected["state"];
    }
  }
}

TEST_P(Traces, WholeTracesAgree) {
  const Json trace = golden(file());
  Envs envs(trace["env"], num_envs());
  for (const Json& trajectory : trace["trajectories"]) {
    envs.set_state(trajectory["initial_state"]);
    const std::size_t steps = std::min<std::size_t>(150, trajectory["actions"].size());
    for (std::size_t t = 0; t < steps; ++t) {
      SCOPED_TRACE("trajectory " + trajectory["id"].dump() + ", step " + std::to_string(t));
      const Json& expected = trajectory["steps"][t];
      envs.step(trajectory["actions"][t]);
      for (std::size_t i = 0; i < num_envs(); ++i) {
        for (std::size_t k = 0; k < expected["obs"].size(); ++k) {
          ASSERT_NEAR(envs.outcome(i)[k], expected["obs"][k].get<double>(), 2e-6);
        }
        ASSERT_NEAR(envs.buffers.batch.reward[i], expected["reward"].get<double>(), 2e-6);
        ASSERT_EQ(envs.buffers.batch.terminated[i] != 0, expected["terminated"].get<bool>());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Traces,
                         testing::Combine(testing::Values("acrobot_v1", "cartpole_v1",
                                                          "mountaincar_v0",
                                                          "mountaincarcontinuous_v0",
                                                          "pendulum_v1"),
                                          testing::Values(1, 64),
                                          testing::ValuesIn(available_simd_levels())),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_x" +
                                  std::to_string(std::get<1>(info.param)) + "_" +
                                  simd_level_name(std::get<2>(info.param));
                         });

class Tables : public testing::TestWithParam<std::string> {};

TEST_P(Tables, AreTheReferences) {
  const Json expected = golden(GetParam());
  const bool is_slippery = expected["is_slippery"];
  ParamValues params = {{"slippery", is_slippery ? "true" : "false", "test"}};
  if (expected.contains("map_name")) params.push_back({"map", expected["map_name"], "test"});
  const auto env = registry().find(expected["env"].get<std::string>()).make(params);
  TransitionTable table;
  ASSERT_TRUE(env->transitions(table));
  ASSERT_EQ(table.outcomes.size(), expected["P"].size());
  for (std::size_t s = 0; s < table.outcomes.size(); ++s) {
    ASSERT_NEAR(table.initial[s], expected["initial_state_distrib"][s].get<double>(), 1e-12);
    ASSERT_EQ(table.outcomes[s].size(), expected["P"][s].size());
    for (std::size_t a = 0; a < table.outcomes[s].size(); ++a) {
      ASSERT_EQ(table.outcomes[s][a].size(), expected["P"][s][a].size());
      for (std::size_t k = 0; k < table.outcomes[s][a].size(); ++k) {
        SCOPED_TRACE(std::to_string(s) + " " + std::to_string(a) + " " + std::to_string(k));
        const Transition& ours = table.outcomes[s][a][k];
        const Json& theirs = expected["P"][s][a][k];
        EXPECT_NEAR(ours.probability, theirs[0].get<double>(), 1e-12);
        EXPECT_EQ(ours.next_state, theirs[1].get<int>());
        EXPECT_EQ(ours.reward, theirs[2].get<double>());
        EXPECT_EQ(ours.terminated, theirs[3].get<bool>());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Tables,
                         testing::Values("frozenlake_4x4_deterministic", "frozenlake_4x4_slippery",
                                         "cliffwalking", "cliffwalking_slippery"),
                         [](const auto& info) { return info.param; });

/// A bound as the file writes it: a number, "inf" or "-inf"; one for each element or one for all.
float bound(const Json& bounds, std::size_t k) {
  const Json& value = bounds.is_array() ? bounds[k] : bounds;
  if (value.is_string()) return value == "inf" ? INFINITY : -INFINITY;
  return value.get<float>();
}

void expect_same_obs_space(const ObsSpace& ours, const Json& theirs) {
  if (theirs["type"] == "Discrete") {
    ASSERT_EQ(ours.fields().size(), 1u);
    EXPECT_EQ(ours.fields()[0].categories, theirs["n"].get<int>());
    return;
  }
  if (theirs["type"] == "Tuple") {  // of choices: one field for each
    ASSERT_EQ(ours.fields().size(), theirs["spaces"].size());
    for (std::size_t i = 0; i < ours.fields().size(); ++i) {
      EXPECT_EQ(ours.fields()[i].categories, theirs["spaces"][i]["n"].get<int>());
    }
    return;
  }
  ASSERT_EQ(theirs["type"], "Box");
  EXPECT_EQ(theirs["dtype"], ours.num_bytes() == 0 ? "float32" : "uint8");
  std::size_t k = 0;
  for (const Field& field : ours.fields()) {
    for (std::size_t j = 0; j < field.size(); ++j, ++k) {
      EXPECT_EQ(static_cast<float>(field.low), bound(theirs["low"], k)) << field.name;
      EXPECT_EQ(static_cast<float>(field.high), bound(theirs["high"], k)) << field.name;
    }
  }
  std::size_t size = 1;
  for (const Json& extent : theirs["shape"]) size *= extent.get<std::size_t>();
  EXPECT_EQ(k, size);
}

void expect_same_action_space(const ActionSpace& ours, const Json& theirs) {
  if (theirs["type"] == "Discrete") {
    ASSERT_EQ(ours.kind(), ActionSpace::Kind::kDiscrete);
    EXPECT_EQ(ours.options(), theirs["n"].get<std::size_t>());
    return;
  }
  ASSERT_TRUE(ours.is_box());
  ASSERT_EQ(ours.size(), theirs["shape"][0].get<std::size_t>());
  for (std::size_t k = 0; k < ours.size(); ++k) {
    EXPECT_EQ(static_cast<float>(ours.components()[k].low), bound(theirs["low"], k));
    EXPECT_EQ(static_cast<float>(ours.components()[k].high), bound(theirs["high"], k));
  }
}

TEST(Spaces, AreTheReferences) {
  const Json spaces = golden("spaces")["envs"];
  int compared = 0;
  for (const EnvEntry* entry : registry().entries()) {
    const EnvSpec& spec = entry->spec;
    if (!spaces.contains(spec.id)) continue;
    SCOPED_TRACE(spec.id);
    const Json& theirs = spaces[spec.id];
    expect_same_obs_space(spec.obs, theirs["observation_space"]);
    expect_same_action_space(spec.action, theirs["action_space"]);
    const Json& limit = theirs["max_episode_steps"];
    EXPECT_EQ(spec.max_episode_steps, limit.is_null() ? 0 : limit.get<int>());
    const Json& threshold = theirs["reward_threshold"];
    const auto expected = threshold.is_null() ? std::optional<double>() : threshold.get<double>();
    EXPECT_EQ(spec.reward_threshold, expected);
    ++compared;
  }
  EXPECT_GE(compared, 10);  // five of control, both FrozenLakes, CliffWalking, Taxi, Blackjack
}

}  // namespace
}  // namespace tern
