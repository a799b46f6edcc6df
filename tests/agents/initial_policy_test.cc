// Proof: law and worked examples. A run that begins with the policy of another one has its
// parameters and observation statistics, and else is a new run.

#include "agents/run/initial_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agents/algorithm/warm_start.h"
#include "agents/run/checkpoint_store.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "agents/training/factory.h"
#include "agents/training/run.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Settings = std::vector<std::pair<std::string, std::string>>;

/// A run of some hundred steps; name: an agent, or "discrete_sac".
RunConfig small(const std::string& name, const Settings& more = {}) {
  const bool is_on_policy = name == "ppo" || name == "a2c";
  const bool is_discrete = is_on_policy || name == "dqn" || name == "discrete_sac";
  std::vector<ParamValue> values;
  const auto set = [&](const Settings& settings) {
    for (const auto& [key, value] : settings) values.push_back({key, value, "test"});
  };
  set({{"total_steps", "256"},
       {"num_envs", "2"},
       {"hidden_sizes", "[8]"},
       {"seed", "5"},
       {"normalize_obs", "true"},
       {"eval_episodes", "1"},
       {"final_eval_episodes", "0"}});
  if (is_on_policy) set({{"rollout_steps", "16"}});
  if (name == "ppo") set({{"minibatch_size", "16"}, {"normalize_reward", "true"}});
  if (!is_on_policy)
    set({{"learning_starts", "20"},
         {"buffer_size", "200"},
         {"batch_size", "16"},
         {"train_every", "2"}});
  if (name == "dqn") set({{"target_update_every", "50"}});
  if (name == "crossq") set({{"critic_hidden_sizes", "[8]"}});
  set(more);
  return resolve_run_config(config_from_words({name == "discrete_sac" ? "sac" : name,
                                               is_discrete ? "CartPole-v1" : "Pendulum-v1"}),
                            values);
}

void train(const RunConfig& config, const std::string& out) {
  TrainRequest request;
  request.config = config;
  request.out = out;
  start_run(request, {});
}

Checkpoint last_checkpoint(const std::string& run) {
  return Checkpoint(run, *CheckpointStore(run).last());
}

RunConfig from(RunConfig config, const std::string& run) {
  config.run.init_from = run;
  return config;
}

struct InitialPolicy : ::testing::TestWithParam<const char*> {
  /// Another seed, so that nothing is the source's by chance.
  RunConfig config(const Settings& more = {}) const {
    Settings settings = {{"seed", "6"}};
    settings.insert(settings.end(), more.begin(), more.end());
    return small(GetParam(), settings);
  }
  TemporaryFolder folder_;
  const std::string source_ = folder_ / "source";
};

TEST_P(InitialPolicy, IsTheSourcesAndTheRestIsNew) {
  train(small(GetParam()), source_);
  const Bytes policy = last_checkpoint(source_).read_part("policy.bin");
  const EnvSpec& spec = registry().find(config().env_id).spec;
  const std::unique_ptr<Agent> fresh = make_agent(config(), spec);
  const std::unique_ptr<Agent> warm = make_agent(config(), spec);
  start_from(*warm, policy);
  const AgentState a = fresh->save(), b = warm->save();
  EXPECT_NE(a.policy, policy);
  EXPECT_EQ(b.policy, policy);
  EXPECT_EQ(b.training, a.training);
  EXPECT_EQ(warm->step(), 0);
  ASSERT_EQ(b.optimizer.size(), a.optimizer.size());
  if (b.optimizer == a.optimizer) {  // no targets
    EXPECT_THAT(GetParam(), ::testing::AnyOf(std::string("ppo"), "a2c", "crossq"));
    return;
  }
  // Targets are the last part of what belongs to the optimiser; they are copies of networks of the
  // policy, here as there.
  const auto holds = [](const Bytes& in, const Bytes& from) {
    return std::search(in.begin(), in.end(), from.end() - 32, from.end()) != in.end();
  };
  EXPECT_TRUE(holds(a.policy, a.optimizer));
  EXPECT_TRUE(holds(b.policy, b.optimizer));
}

TEST_P(InitialPolicy, GivesTheSameRunTwice) {
  train(small(GetParam()), source_);
  train(from(config(), source_), folder_ / "one");
  train(from(config(), source_ + "@last"), folder_ / "two");
  train(config(), folder_ / "cold");
  const Manifest one = last_checkpoint(folder_ / "one").manifest();
  EXPECT_EQ(one.parameters_sha256, last_checkpoint(folder_ / "two").manifest().parameters_sha256);
  EXPECT_NE(one.parameters_sha256, last_checkpoint(folder_ / "cold").manifest().parameters_sha256);
  EXPECT_EQ(one.config.run.init_from,
            source_ + "@" + std::to_string(last_checkpoint(source_).manifest().step));
  EXPECT_EQ(one.config.run.init_sha256.size(), 64u);
}

// Killed before its first checkpoint, it begins with that policy again; stopped later, it goes on
// without it.
TEST_P(InitialPolicy, SurvivesStops) {
  train(small(GetParam()), source_);
  const RunConfig config = with_initial_policy(from(this->config(), source_));
  train(config, folder_ / "whole");
  const std::string begun = folder_ / "begun", cut = folder_ / "cut";
  create_run({begun, "name", 0, format_run_config(config, {}), "runs"});
  resume_run({begun, {}, 0}, {});
  TrainRequest request;
  request.config = config;
  request.out = cut;
  request.stop_at = 100;
  start_run(request, {});
  remove_tree(source_);
  resume_run({cut, {}, 0}, {});
  const std::string hash = last_checkpoint(folder_ / "whole").manifest().parameters_sha256;
  EXPECT_EQ(last_checkpoint(begun).manifest().parameters_sha256, hash);
  EXPECT_EQ(last_checkpoint(cut).manifest().parameters_sha256, hash);
}

INSTANTIATE_TEST_SUITE_P(Agents, InitialPolicy,
                         ::testing::Values("ppo", "a2c", "dqn", "sac", "discrete_sac", "td3",
                                           "ddpg", "tqc", "crossq"),
                         [](const auto& info) { return std::string(info.param); });

std::string refusal(const RunConfig& config) {
  return error_of([&] { with_initial_policy(config); }, ExitCode::kUsage);
}

TEST(InitialPolicyErrors, NameBothSides) {
  const TemporaryFolder folder;
  const std::string source = folder / "source";
  train(small("ppo"), source);
  EXPECT_THAT(refusal(from(small("dqn"), source)),
              AllOf(HasSubstr(source), HasSubstr("it is one of ppo, and dqn is to be trained")));
  EXPECT_THAT(
      refusal(from(small("ppo", {{"hidden_sizes", "[8,8]"}, {"activation", "relu"}}), source)),
      HasSubstr("agent.hidden_sizes is [8] there and [8, 8] here, agent.activation is tanh "
                "there and relu here"));
  EXPECT_THAT(refusal(from(small("ppo", {{"env.time_aware", "true"}}), source)),
              AllOf(HasSubstr("those of CartPole-v1"), HasSubstr("is   observation 'time left'")));
  EXPECT_THAT(refusal(from(small("ppo"), folder / "nowhere")), HasSubstr("no run"));
  RunConfig other = from(small("ppo"), source);
  other.run.init_sha256 = std::string(64, '0');
  EXPECT_THAT(refusal(other), HasSubstr("is no longer that of run.init_sha256"));
}

TEST(InitialPolicyErrors, OfARunThatIsToBeginAgainWithoutIt) {
  const TemporaryFolder folder;
  const std::string source = folder / "source", run = folder / "run";
  train(small("ppo"), source);
  const RunConfig config = with_initial_policy(from(small("ppo", {{"seed", "6"}}), source));
  create_run({run, "name", 0, format_run_config(config, {}), "runs"});
  remove_tree(source);
  train(small("ppo", {{"seed", "9"}}), source);
  EXPECT_THAT(error_of(
                  [&] {
                    resume_run({run, {}, 0}, {});
                  },
                  ExitCode::kUsage),
              HasSubstr("Was it trained again?"));
  remove_tree(source);
  EXPECT_THAT(error_of(
                  [&] {
                    resume_run({run, {}, 0}, {});
                  },
                  ExitCode::kUsage),
              HasSubstr("no run '" + source));
}

// A change of rules that observations and actions do not show is what it is for.
TEST(InitialPolicyErrors, NoneForOtherParametersOfTheEnv) {
  const TemporaryFolder folder;
  train(small("ppo"), folder / "source");
  const RunConfig config =
      with_initial_policy(from(small("ppo", {{"gravity", "20"}}), folder / "source"));
  EXPECT_EQ(config.run.init_from, (folder / "source") + "@256");
}

}  // namespace
}  // namespace tern
