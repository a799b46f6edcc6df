// The JSON documents that scripts rely on: list, describe, rollout, check-env, bench, doctor.
// Oracle (golden traces through the program), worked examples, laws.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/run_tern.h"
#include "tests/source_tree.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::HasSubstr;
using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

/// The one document on standard output.
Json document(const Words& words, const std::string& folder = "") {
  const Said said = run_tern(words, folder);
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), '\n'), 1);
  const Json parsed = Json::parse(said.out, nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(parsed.is_discarded()) << said.out;
  return parsed;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

Json read_golden(const std::string& name) {
  return Json::parse(std::ifstream(source_path("tests/data/golden/" + name)));
}

/// Whether two numbers, or arrays of them, agree within `tolerance`.
bool near(const Json& a, const Json& b, double tolerance) {
  if (a.is_number()) return std::abs(a.get<double>() - b.get<double>()) <= tolerance;
  if (!a.is_array() || a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!near(a[i], b[i], tolerance)) return false;
  }
  return true;
}

TEST(ListJson, HasEnvsAndAgents) {
  const Json list = document({"list", "--json"});
  EXPECT_EQ(keys_of(list), (Words{"envs", "agents"}));
  EXPECT_EQ(list["envs"][0].size(), 3u);
  bool has_cartpole = false;
  for (const Json& env : list["envs"]) {
    has_cartpole = has_cartpole || (env["id"] == "CartPole-v1" && env["family"] == "control" &&
                                    !env["summary"].get<std::string>().empty());
  }
  EXPECT_TRUE(has_cartpole);
  EXPECT_EQ(list["agents"][0]["name"], "ppo");
  EXPECT_EQ(keys_of(document({"list", "agents", "--json"})), Words{"agents"});
}

TEST(ListText, NamesEveryEnvThatTheDocumentHas) {
  const std::string text = run_tern({"list"}).out;
  const Json list = document({"list", "--json"});
  for (const Json& env : list["envs"]) {
    EXPECT_THAT(text, HasSubstr("  " + env["id"].get<std::string>() + " "));
  }
}

TEST(DescribeJson, EnvHasSpacesLimitsAndParameters) {
  const Json cartpole = document({"describe", "CartPole-v1", "--json"});
  EXPECT_EQ(cartpole["id"], "CartPole-v1");
  EXPECT_EQ(cartpole["observation"]["dtype"], "float32");
  EXPECT_EQ(cartpole["observation"]["size"], 4);
  const Json& angle = cartpole["observation"]["fields"][2];
  EXPECT_EQ(angle["name"], "pole angle");
  EXPECT_EQ(angle["unit"], "rad");
  EXPECT_NEAR(angle["high"].get<double>(), 0.41887903, 1e-7);
  EXPECT_TRUE(cartpole["observation"]["fields"][1]["high"].is_null());
  EXPECT_EQ(cartpole["action"]["kind"], "Discrete");
  EXPECT_EQ(cartpole["action"]["components"][0]["options"], (Json{"left", "right"}));
  EXPECT_EQ(cartpole["max_episode_steps"], 500);
  EXPECT_EQ(cartpole["reward_threshold"], 475);
  EXPECT_TRUE(cartpole["parameters"].is_array());
  EXPECT_TRUE(cartpole["reward_terms"].is_array());
}

TEST(DescribeJson, ParametersChangeTheFacts) {
  EXPECT_EQ(document({"describe", "FrozenLake-v1", "map=8x8", "--json"})["max_episode_steps"], 200);
}

// Oracle: every entry of the reference's table, in its order.
TEST(DescribeTransitions, EqualTheReferenceTables) {
  for (const bool slippery : {true, false}) {
    const Json golden = read_golden(slippery ? "frozenlake_4x4_slippery.json"
                                             : "frozenlake_4x4_deterministic.json")["P"];
    const Json ours =
        document({"describe", "FrozenLake-v1", slippery ? "slippery=true" : "slippery=false",
                  "--transitions", "--json"})["P"];
    ASSERT_EQ(ours.size(), golden.size());
    for (std::size_t s = 0; s < ours.size(); ++s) {
      ASSERT_EQ(ours[s].size(), golden[s].size());
      for (std::size_t a = 0; a < ours[s].size(); ++a) {
        ASSERT_EQ(ours[s][a].size(), golden[s][a].size());
        for (std::size_t i = 0; i < ours[s][a].size(); ++i) {
          const Json &mine = ours[s][a][i], &theirs = golden[s][a][i];
          EXPECT_NEAR(mine[0].get<double>(), theirs[0].get<double>(), 1e-12);
          EXPECT_EQ(mine[1], theirs[1]);
          EXPECT_EQ(mine[2].get<double>(), theirs[2].get<double>());
          EXPECT_EQ(mine[3], theirs[3]);
        }
      }
    }
  }
}

TEST(DescribeJson, AgentAndRunSectionListTheirKeys) {
  const Json ppo = document({"describe", "ppo", "--json"});
  EXPECT_EQ(ppo["name"], "ppo");
  EXPECT_EQ(ppo["parameters"][0]["name"], "learning_rate");
  EXPECT_EQ(ppo["parameters"][0]["default"], "3e-4");
  EXPECT_EQ(document({"describe", "run", "--json"})["parameters"][0]["name"], "total_steps");
  EXPECT_THAT(run_tern({"describe", "run"}).out, HasSubstr("With dqn, num_envs is 1 by default"));
}

TEST(RolloutJson, HasTheKeysOfTheContractInOrder) {
  const Json rollout = document({"rollout", "CartPole-v1", "--seed", "3", "--json"});
  EXPECT_EQ(keys_of(rollout), (Words{"env", "seed", "reset_obs", "steps", "cut"}));
  EXPECT_EQ(rollout["env"], "CartPole-v1");
  EXPECT_EQ(rollout["seed"], 3);
  EXPECT_EQ(rollout["reset_obs"].size(), 4u);
  const Json& steps = rollout["steps"];
  EXPECT_EQ(keys_of(steps[0]),
            (Words{"action", "obs", "reward", "terminated", "truncated", "state"}));
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) EXPECT_FALSE(steps[i]["terminated"]);
  EXPECT_TRUE(steps.back()["terminated"]);
  // The state of the last step is the one the episode ended in, not the next episode's first.
  EXPECT_TRUE(near(steps.back()["state"], steps.back()["obs"], 1e-6));
  EXPECT_TRUE(std::abs(steps.back()["state"][2].get<double>()) > 0.2);
}

TEST(RolloutJson, SameSeedSameDocumentAndAnotherSeedAnother) {
  const Words call = {"rollout", "CartPole-v1", "--json", "--seed"};
  const auto with = [&](const std::string& seed) {
    Words words = call;
    words.push_back(seed);
    return run_tern(words).out;
  };
  EXPECT_EQ(with("5"), with("5"));
  EXPECT_NE(with("5"), with("6"));
}

TEST(RolloutJson, StepsRunOnThroughResets) {
  const Json rollout = document({"rollout", "CartPole-v1", "--steps", "100", "--json"});
  ASSERT_EQ(rollout["steps"].size(), 100u);
  int ended = 0;
  for (std::size_t i = 0; i + 1 < 100; ++i) {
    const Json& step = rollout["steps"][i];
    EXPECT_EQ(step.contains("next_reset_obs"), step["terminated"].get<bool>());
    ended += step["terminated"].get<bool>();
  }
  EXPECT_GE(ended, 1);
}

TEST(RolloutJson, EpisodesGiveReturnsAndLengths) {
  const Json rollout = document({"rollout", "CartPole-v1", "--episodes", "7", "--json"});
  EXPECT_EQ(keys_of(rollout), (Words{"env", "seed", "returns", "lengths", "terminated", "cut"}));
  ASSERT_EQ(rollout["returns"].size(), 7u);
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(rollout["returns"][i].get<double>(), rollout["lengths"][i].get<double>());
    EXPECT_EQ(rollout["terminated"][i], true);
  }
}

// In the corner, going up for ever.
TEST(RolloutJson, AnEpisodeWithoutAnEndIsCutAndSaysSo) {
  const Words words = {"rollout", "CliffWalking-v1", "--policy", "zero", "--episodes", "2"};
  const Json rollout = document({"rollout", "CliffWalking-v1", "--policy", "zero", "--episodes", "2",
                                 "--json"});
  EXPECT_EQ(rollout["lengths"], (Json{100'000, 100'000}));
  EXPECT_EQ(rollout["returns"], (Json{-100'000.0, -100'000.0}));
  EXPECT_EQ(rollout["terminated"], (Json{false, false}));
  EXPECT_EQ(rollout["cut"], 2);
  EXPECT_THAT(run_tern(words).out, testing::HasSubstr("2 episodes; 2 of 2 were cut after 100000 steps "
                                                      "(CliffWalking-v1 has no time limit)"));
}

TEST(RolloutJson, AnAliasKeepsItsName) {
  EXPECT_EQ(document({"rollout", "Tetris-Moves-v1", "sticky_actions=0.1", "--steps", "1", "--json"})["env"],
            "Tetris-Moves-v1");
}

TEST(RolloutJson, TimeLimitTruncatesAndActionsFromAFileKnowNone) {
  const Json limited = document({"rollout", "Pendulum-v1", "--policy", "zero", "--json"});
  EXPECT_EQ(limited["steps"].size(), 200u);
  EXPECT_EQ(limited["steps"].back()["truncated"], true);
  EXPECT_EQ(limited["steps"].back()["terminated"], false);
  EXPECT_EQ(limited["steps"][0]["action"], Json::array({0.0}));

  const TemporaryFolder folder;
  std::ofstream(folder / "torques.json") << Json(std::vector<double>(250, 0.5)).dump();
  const Json listed =
      document({"rollout", "Pendulum-v1", "--actions", "torques.json", "--json"}, folder.path());
  EXPECT_EQ(listed["steps"].size(), 250u);
  EXPECT_EQ(listed["steps"].back()["truncated"], false);
}

// As `--actions <(jq .actions trace.json)` hands over.
TEST(RolloutJson, ActionsMayComeFromAPipe) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "[0, 1, 1]"; });
  const Json rollout = document({"rollout", "CartPole-v1", "--actions", pipe, "--json"});
  writer.join();
  EXPECT_EQ(rollout["steps"].size(), 3u);
}

// The env itself throws when a masked action is taken.
TEST(RolloutJson, PoliciesHonourMasks) {
  for (const std::string policy : {"random", "zero"}) {
    const Json rollout =
        document({"rollout", "Probe-Mask-v0", "--policy", policy, "--episodes", "100", "--json"});
    EXPECT_EQ(rollout["returns"].size(), 100u);
  }
}

// Oracle: whole golden traces through the program, from their initial state.
TEST(RolloutJson, FollowsTheGoldenTraces) {
  const TemporaryFolder folder;
  for (const std::string name : {"cartpole_v1", "pendulum_v1"}) {
    const Json golden = read_golden(name + ".json");
    for (const Json& trace : golden["trajectories"]) {
      SCOPED_TRACE(name + " " + trace["id"].dump());
      std::ofstream(folder / "actions.json") << trace["actions"].dump();
      const Json ours =
          document({"rollout", golden["env"].get<std::string>(), "--actions", "actions.json",
                    "--state", trace["initial_state"].dump(), "--json"},
                   folder.path());
      ASSERT_EQ(ours["steps"].size(), trace["steps"].size());
      for (std::size_t i = 0; i < std::min<std::size_t>(150, trace["steps"].size()); ++i) {
        const Json &mine = ours["steps"][i], &theirs = trace["steps"][i];
        EXPECT_TRUE(near(mine["obs"], theirs["obs"], 2e-6)) << i;
        EXPECT_TRUE(near(mine["reward"], theirs["reward"], 2e-6)) << i;
        EXPECT_EQ(mine["terminated"], theirs["terminated"]) << i;
      }
    }
  }
}

TEST(RolloutText, ShowsStepsForPeople) {
  const std::string text = run_tern({"rollout", "CartPole-v1", "--seed", "1"}).out;
  EXPECT_THAT(text, testing::StartsWith("CartPole-v1, seed 1, random policy\nObservation: cart "
                                        "position, cart velocity, pole angle, pole velocity\n"));
  EXPECT_THAT(text, HasSubstr("\nterminated after "));
}

// Golden text.
TEST(DescribeText, ShowsAnEnvForPeople) {
  EXPECT_EQ(
      run_tern({"describe", "CartPole-v1"}).out,
      "CartPole-v1 (control): push a cart left or right so that the pole on it stays upright\n"
      "Reference: Gymnasium CartPole-v1\n"
      "\n"
      "Observation: 4 float32 values\n"
      "  0  cart position    [-4.8, 4.8]            m\n"
      "  1  cart velocity    unbounded              m/s\n"
      "  2  pole angle       [-0.418879, 0.418879]  rad\n"
      "  3  pole velocity    unbounded              rad/s\n"
      "\n"
      "Action: Discrete\n"
      "  0 left, 1 right\n"
      "\n"
      "Episode\n"
      "  limit      500 steps\n"
      "  solved at  a mean return of 475\n"
      "  state      x, x_dot, theta, theta_dot\n"
      "\n"
      "Parameters (env.<name>=value)\n"
      "  gravity              9.8    float  [0, 100]  m/s^2, downwards\n"
      "  force                10     float  [0, 50]   N, of a push\n"
      "  sutton_barto_reward  false  bool             0 a step and -1 for the fall, in place of 1\n"
      "\n"
      "Wrappers change any env (env.sticky_actions=0.25); 'tern describe wrappers' lists them.\n");
}

TEST(DescribeText, ListsTheWrappers) {
  const std::string text = run_tern({"describe", "wrappers"}).out;
  EXPECT_THAT(text, HasSubstr("sticky_actions     0      float        [0, 1)"));
  const Json document_of_all = document({"describe", "wrappers", "--json"});
  EXPECT_EQ(document_of_all["parameters"][0]["name"], "max_episode_steps");
  EXPECT_EQ(document({"describe", "CartPole-v1", "--json"})["wrappers"],
            document_of_all["parameters"]);
}

TEST(CheckEnvJson, ListsTheRulesAndPassesForABuiltInEnv) {
  const Json report = document({"check-env", "CartPole-v1", "--steps", "50", "--json"});
  EXPECT_EQ(report["env"], "CartPole-v1");
  EXPECT_EQ(report["passed"], true);
  EXPECT_GT(report["rules"].size(), 5u);
  EXPECT_EQ(report["steps"], 50);
  EXPECT_EQ(report["seed"], 0);
  EXPECT_EQ(report["rules"][0]["docs"], "docs/plugins.md#facts-spec");
  EXPECT_EQ(report["rules"][0]["repeat"], "");
  EXPECT_EQ(report["rules"][0]["passed"], true);
}

TEST(BenchEnvsJson, MeasuresTheThreadCountAskedFor) {
  const Json bench =
      document({"bench", "envs", "CartPole-v1", "--threads", "1", "--seconds", "0.01", "--json"});
  ASSERT_EQ(bench["envs"].size(), 1u);
  EXPECT_EQ(bench["envs"][0]["id"], "CartPole-v1");
  EXPECT_EQ(bench["envs"][0]["threads"], 1);
  EXPECT_GT(bench["envs"][0]["steps_per_second"].get<double>(), 1000);
  EXPECT_GE(bench["envs"][0]["steps_per_cpu_second"].get<double>(),
            0.9 * bench["envs"][0]["steps_per_second"].get<double>());
  EXPECT_EQ(bench["envs"][0]["num_envs"], 64);
  EXPECT_EQ(bench["envs"][0]["draws_actions"], false);
  EXPECT_NE(bench["simd"], "");
}

TEST(BenchEnvsJson, SaysWhereDrawingActionsIsPartOfTheTime) {
  const Json bench = document({"bench", "envs", "Probe-Mask-v0", "--threads", "2", "--num-envs",
                               "8", "--seconds", "0.01", "--json"});
  EXPECT_EQ(bench["envs"][0]["draws_actions"], true);
  EXPECT_EQ(bench["envs"][0]["num_envs"], 8);
  EXPECT_FALSE(bench["envs"][0].contains("steps_per_cpu_second"));
}

TEST(BenchReplayJson, SaysWhatWasMeasured) {
  const Json bench =
      document({"bench", "replay", "CartPole-v1", "--capacity", "500", "--batch", "32", "--json"});
  EXPECT_EQ(bench["env"], "CartPole-v1");
  EXPECT_EQ(bench["capacity"], 500);
  EXPECT_EQ(bench["batch_size"], 32);
  EXPECT_EQ(bench["bytes_per_transition"], 4 * 4 + 4 + 10);  // observation, action, rest
  EXPECT_GT(bench["adds_per_second"].get<double>(), 0);
  EXPECT_GT(bench["samples_per_second"].get<double>(), 0);
  EXPECT_GT(bench["prioritized_samples_per_second"].get<double>(), 0);
}

}  // namespace
}  // namespace tern
