// The configuration of a run that goes on: what may change, and what came since.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include "agents/run/manifest.h"
#include "agents/run/resolve_config.h"
#include "tests/cli/resolved_words.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ResumedConfig, OnlyKeysThatResultsDoNotDependOnMayChange) {
  const TemporaryFolder folder;
  const std::string path = folder / "config.yaml";
  std::ofstream(path) << format_run_config(resolve("ppo", "CartPole-v1", {"seed=3"}), {});
  const RunRef run = {folder.path(), std::nullopt};
  EXPECT_EQ(resolve_resumed_config(run, assignments({"threads=2"})).run.threads, 2);
  EXPECT_EQ(resolve_resumed_config(run, assignments({"run.eval_every=9"})).run.seed, 3);
  const auto refused = [&](const std::string& word) {
    return error_of([&] { resolve_resumed_config(run, assignments({word})); }, ExitCode::kUsage);
  };
  EXPECT_THAT(refused("gamma=0.5"), HasSubstr("'gamma' cannot change when a run goes on"));
  EXPECT_THAT(refused("num_envs=2"), HasSubstr("keep_checkpoints, log_every; and total_steps, to a "
                                               "larger number)"));
  EXPECT_THAT(refused("run.thread=2"), HasSubstr("Did you mean 'threads'?"));
}

TEST(ResumedConfig, TotalStepsMayOnlyGrow) {
  const TemporaryFolder folder;
  std::ofstream(folder / "config.yaml")
      << format_run_config(resolve("ppo", "CartPole-v1", {"total_steps=100_000"}), {});
  const RunRef run = {folder.path(), std::nullopt};
  const auto steps = [&](const std::string& word) {
    return resolve_resumed_config(run, assignments({word})).run.total_steps;
  };
  EXPECT_EQ(steps("total_steps=5e5"), 500'000);
  EXPECT_EQ(steps("run.total_steps=100_001"), 100'001);
  EXPECT_EQ(steps("run.total_steps=1e5"), 100'000);  // said again after a crash
  EXPECT_THAT(error_of([&] { steps("run.total_steps=99_999"); }, ExitCode::kUsage),
              AllOf(HasSubstr("command line: run.total_steps: 99999 is less than the 100000 of "),
                    HasSubstr("can be made longer, not shorter")));
}

// Law: a run goes on in a version that has more keys, since none of them was at work in it.
TEST(ResumedConfig, KeysThatCameSinceAreAtTheirDefaults) {
  const RunConfig now = resolve("ppo", "FrozenLake-v1", {"sticky_actions=0.1", "layer_norm=false"});
  const auto without = [](RunConfig config, const std::string& key) {
    for (std::vector<ParamValue>* values : {&config.env, &config.agent_params}) {
      const auto it = std::find_if(values->begin(), values->end(),
                                   [&](const ParamValue& value) { return value.key == key; });
      if (it != values->end()) values->erase(it);
    }
    return config;
  };
  for (const char* key : {"layer_norm", "optimizer", "slippery"}) {
    ASSERT_NE(config_to_json(without(now, key)), config_to_json(now)) << key;
    EXPECT_EQ(config_to_json(with_newer_keys(without(now, key))), config_to_json(now)) << key;
  }
  // What an older version did cannot have been anything but the default.
  const RunConfig edited =
      resolve("ppo", "FrozenLake-v1", {"sticky_actions=0.1", "layer_norm=true"});
  EXPECT_NE(config_to_json(with_newer_keys(without(edited, "layer_norm"))), config_to_json(edited));
}

TEST(ResumedConfig, RefusesPlayersWhoTakeTurns) {
  const TemporaryFolder folder;
  const std::string path = folder / "config.yaml";
  std::ofstream(path) << "env:\n  id: ConnectFour-v1\n  opponent: none\nagent: {name: ppo}\n";
  EXPECT_THAT(error_of(
                  [&] {
                    resolve_resumed_config({folder.path(), std::nullopt}, {});
                  },
                  ExitCode::kUsage),
              HasSubstr("2 players who take turns"));
}

}  // namespace
}  // namespace tern
