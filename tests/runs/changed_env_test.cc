// Worked examples and error texts: the env of a run with some keys changed.

#include "agents/run/changed_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "envs/registry/registry.h"
#include "tests/error_of.h"

namespace tern {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// A run of `env` with these keys, its others at their defaults.
Manifest run_of(const std::string& env, const ParamValues& keys = {}) {
  Manifest manifest;
  manifest.config.env_id = env;
  manifest.config.env = keys;
  return manifest;
}

ChangedEnv changed(const Manifest& manifest, const std::vector<ParamValue>& words) {
  return change_run_env("runs/x", manifest, registry().find(manifest.config.env_id), words);
}

std::string refusal(const Manifest& manifest, const std::vector<ParamValue>& words) {
  return error_of([&] { changed(manifest, words); }, ExitCode::kUsage);
}

ParamValue word(const std::string& key, const std::string& text) {
  return {key, text, "command line"};
}

TEST(ChangedEnv, HasTheRunsKeysWithTheChangesOverThem) {
  const Manifest run = run_of("CartPole-v1", {word("gravity", "5"), word("sticky_actions", "0.5")});
  const ChangedEnv env = changed(run, {word("env.gravity", "15"), word("action_delay", "2")});
  ASSERT_THAT(env.changes, SizeIs(2));
  EXPECT_EQ(env.changes[0].key, "gravity");
  EXPECT_EQ(env.changes[0].trained, "5");
  EXPECT_EQ(env.changes[0].changed, "15");
  EXPECT_EQ(env.changes[1].key, "action_delay");
  EXPECT_EQ(env.changes[1].trained, "0");  // the wrapper's default
  std::map<std::string, std::string> values;
  for (const ParamValue& value : env.params) values[value.key] = value.text;
  EXPECT_EQ(values, (std::map<std::string, std::string>{
                        {"gravity", "15"}, {"sticky_actions", "0.5"}, {"action_delay", "2"}}));
}

TEST(ChangedEnv, AValueThatIsTheRunsIsNoChange) {
  const Manifest run = run_of("CartPole-v1", {word("gravity", "5")});
  EXPECT_THAT(changed(run, {word("gravity", "5.0"), word("force", "1e1")}).changes, IsEmpty());
  EXPECT_THAT(changed(run, {}).changes, IsEmpty());
}

TEST(ChangedEnv, RefusesOtherObservationsNamingKeyAndBoth) {
  EXPECT_THAT(
      refusal(run_of("CartPole-v1"), {word("gravity", "3"), word("env.time_aware", "true")}),
      AllOf(HasSubstr("env.time_aware=true changes observations or actions"),
            HasSubstr("the policy of runs/x"),
            HasSubstr("  is   observation 'time left': 1, [0, 1]"), Not(HasSubstr("gravity"))));
  EXPECT_THAT(
      refusal(run_of("FrozenLake-v1"), {word("map", "8x8")}),
      AllOf(HasSubstr("env.map=8x8"), HasSubstr("  was  observation 'cell': 1, 16 categories"),
            HasSubstr("  is   observation 'cell': 1, 64 categories")));
  EXPECT_THAT(refusal(run_of("CartPole-v1"), {word("pixels", "[8, 8]")}),
              HasSubstr("  is   observations of bytes"));
}

TEST(ChangedEnv, RefusesKeysAndValuesThatDoNotFit) {
  const Manifest run = run_of("CartPole-v1");
  EXPECT_THAT(refusal(run, {word("gravty", "3")}), HasSubstr("Did you mean 'env.gravity'?"));
  EXPECT_THAT(refusal(run, {word("agent.gamma", "3")}), HasSubstr("the section 'agent'"));
  EXPECT_THAT(refusal(run, {word("gravity", "-1")}),
              HasSubstr("command line: env.gravity: -1 is out of range"));
}

TEST(SpaceDifferences, KnowsTheOrderOfFields) {
  EnvSpec a, b;
  a.obs.scalar("x", 0, 1).scalar("y", 0, 1);
  b.obs.scalar("y", 0, 1).scalar("x", 0, 1);
  EXPECT_EQ(space_differences(a, a), "");
  EXPECT_EQ(space_differences(a, b), "  the same, in another order");
}

}  // namespace
}  // namespace tern
