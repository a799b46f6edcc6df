// Proof: oracle and law. `gym:ID` gives, step by step, what Python gives that calls Gymnasium
// itself; what is wrong with the name, the machine or the env is a sentence. With the stand-in of
// tests/plugin/python/gymnasium always, with Gymnasium itself where the machine has it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "core/files/file_io.h"
#include "core/files/json.h"
#include "core/shell_word.h"
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

using testing::AllOf;
using testing::HasSubstr;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string python() {
  return variable("TERN_PYTHON").empty() ? "python3" : variable("TERN_PYTHON");
}

bool python_does(const std::string& code) {
  return std::system((python() + " -c " + shell_word(code) + " >/dev/null 2>&1").c_str()) == 0;
}

const std::string& stand_in() {
  static const std::string path = source_path("tests/plugin/python");
  return path;
}

/// With the stand-in before all else that Python finds.
class GymEnvs : public testing::Test {
 protected:
  void SetUp() override {
    if (!python_does("import sys; sys.exit(sys.version_info < (3, 8))")) {
      GTEST_SKIP() << "no python3 of 3.8 or later here";
    }
    before_ = variable("PYTHONPATH");
    setenv("PYTHONPATH", stand_in().c_str(), /*overwrite=*/1);
  }
  void TearDown() override { setenv("PYTHONPATH", before_.c_str(), /*overwrite=*/1); }

 private:
  std::string before_;
};

/// The env called as a program in Python does: seeds and actions as JSON, what it gave as JSON.
const char kDirect[] = R"py(
import json, struct, sys
import gymnasium
def numbers(value):
    value = value.tolist() if hasattr(value, "tolist") else value
    value = list(value.values()) if isinstance(value, dict) else value
    if isinstance(value, (list, tuple)):
        return [n for item in value for n in numbers(item)]
    return [struct.unpack("f", struct.pack("f", float(value)))[0]]
asked = json.load(open(sys.argv[1]))
env = gymnasium.make(asked["id"])
rows, needs_reset, seeds = [], True, iter(asked["seeds"])
observation, _ = env.reset(seed=next(seeds))
start = getattr(env.action_space, "start", 0)
for action in asked["actions"]:
    if asked["box"]:
        import numpy
        action = numpy.array(action, dtype=env.action_space.dtype)
    else:
        action = int(action[0]) + int(start)
    observation, reward, terminated, truncated, _ = env.step(action)
    truncated = truncated and not terminated  # as Tern says it where both come at once
    row = numbers(observation) + numbers(reward) + [float(terminated), float(truncated)]
    if terminated or truncated:
        observation, _ = env.reset(seed=next(seeds))
        row += numbers(observation)
    rows.append(row)
json.dump(rows, open(sys.argv[2], "w"))
)py";

void add_row(Json& row, ObsRow obs) {
  for (std::size_t i = 0; i < obs.size(); ++i) row.push_back(obs.value(i));
}

/// Steps `gym:ID` and the same in Python alone, and compares every number.
void expect_same(const std::string& id, int steps) {
  VecEnv envs(registry().find("gym:" + id), {}, {});
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, 0, 1);
  const StepBatch& batch = buffers.batch;
  Json seeds = Json::list(), actions = Json::list(), rows = Json::list();
  const auto note_seed = [&] {
    Rng ahead(envs.episode(0).reset_rng);
    seeds.push_back(static_cast<std::int64_t>(ahead.next() >> 1));
  };
  envs.reset(batch.obs, batch.mask);
  note_seed();
  Rng rng(5, "actions");
  for (int t = 0; t < steps; ++t) {
    random_actions(spec.action, batch.mask, buffers.actions, rng);
    Json action = Json::list();
    for (std::size_t k = 0; k < spec.action.size(); ++k) {
      action.push_back(spec.action.is_box() ? static_cast<double>(buffers.actions[0][k])
                                            : buffers.actions[0].discrete(k));
    }
    actions.push_back(std::move(action));
    envs.step(buffers.actions, batch);
    const bool ended = batch.terminated[0] != 0 || batch.truncated[0] != 0;
    Json row = Json::list();
    add_row(row, ended ? batch.final_obs[0] : batch.obs[0]);
    row.push_back(static_cast<double>(batch.reward[0]));
    row.push_back(static_cast<double>(batch.terminated[0]));
    row.push_back(static_cast<double>(batch.truncated[0]));
    if (ended) {
      add_row(row, batch.obs[0]);
      note_seed();
    }
    rows.push_back(std::move(row));
  }

  const TemporaryFolder folder;
  std::ofstream(folder / "direct.py") << kDirect;
  const Json asked = {
      {"id", id}, {"seeds", seeds}, {"actions", actions}, {"box", spec.action.is_box()}};
  std::ofstream(folder / "asked.json") << asked.dump();
  ASSERT_EQ(std::system((python() + " " + folder / "direct.py" + " " + folder / "asked.json" + " " +
                         folder / "rows.json")
                            .c_str()),
            0);
  const Json direct = Json::parse(read_text_file(folder / "rows.json"));
  ASSERT_EQ(direct.size(), static_cast<std::size_t>(steps));
  EXPECT_GT(seeds.size(), 1u) << "no episode ended";
  for (std::size_t t = 0; t < direct.size(); ++t) {
    ASSERT_EQ(direct[t].size(), rows[t].size()) << id << ", step " << t;
    for (std::size_t i = 0; i < rows[t].size(); ++i) {
      ASSERT_EQ(direct[t][i].number(), rows[t][i].number()) << id << ", step " << t << ", " << i;
    }
  }
}

TEST_F(GymEnvs, GiveWhatTheStandInGivesToPythonItself) {
  expect_same("Walk-v1", 400);
  expect_same("Toys/Reach-v0", 50);
  const std::unique_ptr<Env> env = registry().find("gym:Walk-v0").make({{"fault", "both", "test"}});
  std::vector<std::uint8_t> row(8);
  const ObsRow obs = ObsRows(row.data(), env->spec().obs, 1)[0];
  Rng rng(1, "test");
  ResetContext context{rng, 0};
  env->reset(context, obs);
  StepResult result;
  const std::int32_t right = 1;
  while (!result.terminated && !result.truncated) {
    result = env->step(ActionRow(Row<const std::int32_t>(&right, 1)), rng, obs);
  }
  EXPECT_TRUE(result.terminated && !result.truncated);
}

// Discrete and Box actions, observations of floats, of a number and of a tuple, with time limits
// and without.
TEST(Gymnasium, GivesWhatItGivesToPythonItself) {
  if (!python_does("import gymnasium; gymnasium.make('CartPole-v1')")) {
    GTEST_SKIP() << "no Gymnasium for " << python() << " here";
  }
  for (const char* const id :
       {"CartPole-v1", "Pendulum-v1", "FrozenLake-v1", "Blackjack-v1", "Acrobot-v1"}) {
    expect_same(id, 600);
  }
}

TEST_F(GymEnvs, SayWhatTheyAre) {
  const EnvEntry& entry = registry().find("gym:Walk-v1");
  EXPECT_EQ(entry.spec.id, "gym-Walk-v1");
  EXPECT_EQ(entry.spec.summary, "walk to the right, until the end of the line");
  EXPECT_EQ(entry.spec.reference, "Walk-v1 of Gymnasium 0.0-stand-in");
  EXPECT_EQ(entry.spec.max_episode_steps, 12);
  EXPECT_EQ(entry.spec.reward_threshold, 0.5);
  EXPECT_EQ(entry.spec.frames_per_second, 7);
  EXPECT_EQ(entry.origin, "gym:Walk-v1");
  ASSERT_EQ(entry.params.size(), 3u);
  EXPECT_EQ(entry.params[0].name, "size");
  EXPECT_EQ(entry.params[0].default_value, "3");  // of the registry, not of the constructor
  EXPECT_NE(entry.checksum, registry().find("gym:Walk-v0").checksum);
  EXPECT_EQ(registry().find("gym:Toys/Reach-v0").spec.id, "gym-Toys-Reach-v0");
}

TEST_F(GymEnvs, GoalsKeepTheirForm) {
  const std::unique_ptr<Env> env = registry().find("gym:Toys/Reach-v0").make({});
  EXPECT_EQ(env->spec().obs.fields()[0].name, "achieved goal");
  EXPECT_EQ(env->spec().obs.fields()[1].name, "desired goal");
}

TEST_F(GymEnvs, KeepTheContract) {
  ChildCheck check;
  check.word = "gym:Walk-v1";
  check.options.steps = 100;
  check.options.bench_seconds = 0;
  check.call_limit = std::chrono::seconds(20);
  check.choose = [] { return std::pair(&registry().find("gym:Walk-v1"), ParamValues{}); };
  check.repeat = [](const std::string&, int) { return std::string(); };
  for (const Finding& finding : check_in_child(check).findings) {
    EXPECT_TRUE(finding.passed) << finding.rule << ": " << finding.message;
  }
}

TEST_F(GymEnvs, NamesThatAreNotThereAreAnsweredWithTheNearest) {
  const auto refusal = [](const std::string& name, ExitCode code = ExitCode::kUsage) {
    return error_of([&] { registry().find(name); }, code);
  };
  EXPECT_THAT(refusal("gym:Wlak-v1"),
              AllOf(HasSubstr("has no env 'Wlak-v1'"), HasSubstr("Did you mean 'gym:Walk-v1'")));
  EXPECT_THAT(refusal("gym:Walk"), HasSubstr("Did you mean 'gym:Walk-v0' or 'gym:Walk-v1'?"));
  EXPECT_THAT(refusal("gym:reach-V0"), HasSubstr("Did you mean 'gym:Toys/Reach-v0'?"));
  EXPECT_THAT(refusal("gym:Xyzzy-v0"), HasSubstr("gym:MODULE:ID"));
  EXPECT_THAT(refusal("gym:no_such_module:Env-v0"), HasSubstr("no module 'no_such_module'"));
  EXPECT_THAT(refusal("gym:"), HasSubstr("expected gym:ID"));
  EXPECT_THAT(refusal("gym:Walk v1"), HasSubstr("expected gym:ID"));
  EXPECT_THAT(refusal("gym:Needy-v0", ExitCode::kFailure),
              AllOf(HasSubstr("no simulator"), HasSubstr("ImportError")));
}

TEST_F(GymEnvs, AMachineWithoutGymnasiumIsToldSo) {
  if (!python_does(
          "import sys; sys.path.remove('" + stand_in() +
          "'); sys.modules.clear;\n"
          "import importlib.util; sys.exit(importlib.util.find_spec('gymnasium') is not None)")) {
    GTEST_SKIP() << "this machine has Gymnasium";
  }
  const Said said = run_tern({"rollout", "gym:CartPole-v1"}, "", {"PYTHONPATH="});
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("there is no module 'gymnasium' for"),
                              HasSubstr("python3 -m pip install gymnasium"),
                              HasSubstr("TERN_PYTHON=/path/to/python3")));
  const Said none = run_tern({"rollout", "gym:CartPole-v1"}, "", {"TERN_PYTHON=/no/python"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("there is no program '/no/python'"));
}

TEST_F(GymEnvs, WhatTheyRaiseAndHowTheyEndIsTold) {
  const auto said = [](const std::string& fault) {
    return run_tern({"rollout", "gym:Walk-v0", "fault=" + fault, "--episodes", "50"});
  };
  const Said raised = said("raise");
  EXPECT_EQ(raised.exit_code, 1);
  EXPECT_THAT(raised.err, AllOf(HasSubstr("gym:Walk-v0: step failed"), HasSubstr("Traceback"),
                                HasSubstr("RuntimeError: the floor gave way")));
  const Said killed = said("killed");
  EXPECT_EQ(killed.exit_code, 1);
  EXPECT_THAT(killed.err, HasSubstr("its Python was ended by signal 9 (Killed) in step "));
}

}  // namespace
}  // namespace tern
