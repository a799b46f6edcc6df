// Proof: law. A run that was stopped and resumed is the run that was not; what goes wrong leaves a
// run that says so and can go on. The same in new processes: tests/cli/law_test.cc.

#include "agents/training/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "agents/run/checkpoint_store.h"
#include "agents/run/eval_log.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "agents/run/run_record.h"
#include "agents/training/platform.h"
#include "core/files/file_io.h"
#include "core/metrics/jsonl_sink.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunConfig config_of(const std::string& agent, const std::string& env,
                    const std::vector<std::pair<std::string, std::string>>& settings) {
  std::vector<ParamValue> assignments;
  for (const auto& [key, value] : settings) assignments.push_back({key, value, "test"});
  return resolve_run_config(config_from_words({agent, env}), assignments);
}

RunConfig small_ppo() {
  return config_of("ppo", "CartPole-v1",
                   {{"total_steps", "2048"}, {"rollout_steps", "32"}, {"minibatch_size", "64"},
                    {"epochs", "2"}, {"num_envs", "4"}, {"hidden_sizes", "[16]"},
                    {"normalize_obs", "true"}, {"normalize_reward", "true"},
                    {"eval_episodes", "2"}, {"final_eval_episodes", "3"},
                    {"checkpoint_every", "512"}, {"eval_every", "512"}});
}

RunConfig small_a2c() {
  return config_of("a2c", "CartPole-v1",
                   {{"total_steps", "1200"}, {"num_envs", "4"}, {"hidden_sizes", "[16]"},
                    {"normalize_obs", "true"}, {"eval_episodes", "2"},
                    {"final_eval_episodes", "3"}, {"checkpoint_every", "300"},
                    {"eval_every", "300"}});
}

RunConfig small_dqn() {
  return config_of("dqn", "CartPole-v1",
                   {{"total_steps", "600"}, {"learning_starts", "50"}, {"buffer_size", "400"},
                    {"target_update_every", "70"}, {"hidden_sizes", "[16]"},
                    {"eval_episodes", "2"}, {"final_eval_episodes", "3"},
                    {"checkpoint_every", "150"}, {"eval_every", "150"}});
}

/// Critics with several steps and priorities; three envs, so that episodes are cut in their middle. Of
/// LunarLander a save keeps the actions since the reset, not the state.
RunConfig small_actor_critic(const std::string& name) {
  const bool has_memory = name.ends_with("_gru");
  const std::string agent = name.find("sac") != std::string::npos ? "sac" : name.substr(0, 3) == "td3" ? "td3" : name;
  const std::string env = name.starts_with("discrete_sac") ? "CartPole-v1"
                          : name.starts_with("td3")        ? "LunarLanderContinuous-v3"
                                                           : "Pendulum-v1";
  std::vector<std::pair<std::string, std::string>> values = {
      {"total_steps", "600"},     {"learning_starts", "60"},    {"buffer_size", "400"},
      {"num_envs", "3"},          {"train_every", "3"},         {"batch_size", "16"},
      {"n_step", "3"},            {"prioritized", "true"},      {"hidden_sizes", "[16,16]"},
      {"normalize_obs", "true"},  {"eval_episodes", "1"},       {"final_eval_episodes", "1"},
      {"checkpoint_every", "150"}, {"eval_every", "300"}};
  // Its noise is kept for longer than the distance between cuts.
  if (name == "sac_sde") values.insert(values.end(), {{"use_sde", "true"}, {"sde_sample_freq", "50"}});
  if (has_memory) {  // instead of priorities; sequences run over ends of episodes
    values.erase(std::find(values.begin(), values.end(),
                           std::pair<std::string, std::string>("prioritized", "true")));
    values.insert(values.end(), {{"recurrent", "gru"}, {"recurrent_size", "8"},
                                 {"sequence_length", "8"}, {"burn_in", "4"}});
  }
  if (name == "crossq") {  // a warm-up that ends in the middle
    values.insert(values.end(), {{"critic_hidden_sizes", "[16,16]"}, {"renorm_warmup", "50"}});
  }
  return config_of(agent, env, values);
}

TrainResult train(const RunConfig& config, const std::string& out, std::int64_t stop_at = 0,
                  const TrainHooks& hooks = {}) {
  TrainRequest request;
  request.config = config;
  request.out = out;
  request.stop_at = stop_at;
  return start_run(request, hooks);
}

Manifest last_manifest(const std::string& run) {
  return Checkpoint(run, *CheckpointStore(run).last()).manifest();
}

/// metrics.jsonl without what depends on the clock.
std::vector<std::string> reports(const std::string& run) {
  std::ifstream file(RunPaths(run).metrics_jsonl);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    auto record = nlohmann::ordered_json::parse(line);
    record.erase("seconds");
    record.erase("time/steps_per_second");
    lines.push_back(record.dump());
  }
  return lines;
}

struct Law : ::testing::TestWithParam<const char*> {
  RunConfig config() const {
    const std::string agent = GetParam();
    if (agent == "ppo") return small_ppo();
    if (agent == "a2c") return small_a2c();
    return agent == "dqn" ? small_dqn() : small_actor_critic(agent);
  }
};

TEST_P(Law, StoppedAndResumedIsTheSameRun) {
  const TemporaryFolder folder;
  train(config(), folder / "whole");
  // Cut points inside episodes: CartPole's last 10 to 30 steps at this stage.
  for (const std::int64_t cut : {130, 257, 515}) {
    const std::string run = folder / ("cut-" + std::to_string(cut));
    const TrainResult first = train(config(), run, cut);
    EXPECT_FALSE(first.finished);
    EXPECT_TRUE(first.eval.returns.empty());
    const TrainResult rest = resume_run({run, {}, 0}, {});
    EXPECT_TRUE(rest.finished);
    const Manifest whole = last_manifest(folder / "whole"), resumed = last_manifest(run);
    EXPECT_EQ(resumed.step, whole.step);
    EXPECT_EQ(resumed.parameters_sha256, whole.parameters_sha256);
    for (const ManifestPart& part : whole.parts) {  // envs, streams, replay: the whole state
      const auto same = [&](const ManifestPart& other) { return other.name == part.name; };
      const auto found = std::find_if(resumed.parts.begin(), resumed.parts.end(), same);
      ASSERT_NE(found, resumed.parts.end()) << part.name;
      EXPECT_EQ(found->sha256, part.sha256) << part.name << " after a cut at " << cut;
    }
    EXPECT_EQ(reports(run), reports(folder / "whole"));
  }
}

TEST_P(Law, ResumingAnOlderCheckpointTrainsTheSameFutureAgain) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  train(config(), run);
  const Manifest before = last_manifest(run);
  const std::vector<std::string> reports_before = reports(run);
  const std::int64_t older = CheckpointStore(run).steps().front();
  ASSERT_LT(older, before.step);
  const std::string ref = run + "@" + std::to_string(older);
  if (std::string(GetParam()) != "ppo" && std::string(GetParam()) != "a2c") {
    // Only the newest checkpoint keeps the replay buffer.
    EXPECT_THAT(error_of([&] { resume_run({ref, {}, 0}, {}); }), HasSubstr("replay.bin"));
    return;
  }
  resume_run({ref, {}, 0}, {});
  EXPECT_EQ(last_manifest(run).parameters_sha256, before.parameters_sha256);
  EXPECT_EQ(reports(run), reports_before);
}

// Made longer when it had ended; and the same with a process that died right after config.yaml was
// written, before any checkpoint, and with a stop on the way.
TEST_P(Law, MadeLongerTwiceIsTheSameRun) {
  const TemporaryFolder folder;
  const std::string run = folder / "run", copy = folder / "copy";
  train(config(), run);
  std::filesystem::copy(run, copy, std::filesystem::copy_options::recursive);
  const std::int64_t before = config().run.total_steps, steps = 2 * before;
  const std::vector<ParamValue> longer = {{"run.total_steps", std::to_string(steps), "test"}};
  EXPECT_TRUE(resume_run({run, longer, 0}, {}).finished);
  EXPECT_GT(last_manifest(run).step, before);
  EXPECT_EQ(last_manifest(run).config.run.total_steps, steps);

  TrainHooks dies;
  dies.on_start = [](std::int64_t) { throw Error::failure("killed"); };
  EXPECT_THAT(error_of([&] { resume_run({copy, longer, 0}, dies); }), HasSubstr("killed"));
  EXPECT_EQ(last_manifest(copy).config.run.total_steps, before);
  EXPECT_EQ(read_config(RunPaths(copy).config).run.front().text, std::to_string(steps));
  EXPECT_FALSE(resume_run({copy, {}, before + before / 2}, {}).finished);
  EXPECT_TRUE(resume_run({copy, longer, 0}, {}).finished);
  EXPECT_EQ(last_manifest(copy).step, last_manifest(run).step);
  EXPECT_EQ(last_manifest(copy).parameters_sha256, last_manifest(run).parameters_sha256);
  EXPECT_EQ(reports(copy), reports(run));
}

TEST_P(Law, ThreadsDoNotChangeTheResult) {
  const TemporaryFolder folder;
  std::vector<std::string> hashes;
  for (const int threads : {1, 2, 4}) {
    RunConfig with_threads = config();
    with_threads.run.threads = threads;
    const std::string run = folder / std::to_string(threads);
    train(with_threads, run);
    hashes.push_back(last_manifest(run).parameters_sha256);
  }
  EXPECT_EQ(hashes[1], hashes[0]);
  EXPECT_EQ(hashes[2], hashes[0]);
}

INSTANTIATE_TEST_SUITE_P(Agents, Law,
                         ::testing::Values("ppo", "a2c", "dqn", "sac", "sac_sde", "sac_gru",
                                           "discrete_sac", "discrete_sac_gru", "td3", "td3_gru",
                                           "tqc", "crossq"),
                         [](const auto& info) { return std::string(info.param); });

/// Several threads that act while another learns.
struct Actors : ::testing::TestWithParam<const char*> {
  RunConfig config(int actors) const {
    RunConfig made = std::string(GetParam()) == "dqn" ? small_dqn() : small_actor_critic(GetParam());
    if (std::string(GetParam()) == "dqn") made.run.num_envs = 4;
    made.run.actors = actors;
    return made;
  }
};

TEST_P(Actors, ResultsDependNeitherOnHowManyNorOnThreadsNorOnCuts) {
  const TemporaryFolder folder;
  train(config(2), folder / "two");
  RunConfig other = config(3);
  other.run.threads = 4;
  train(other, folder / "three");
  const std::string run = folder / "cut";
  train(config(2), run, 257);
  resume_run({run, {}, 0}, {});
  const Manifest two = last_manifest(folder / "two");
  for (const char* name : {"three", "cut"}) {
    SCOPED_TRACE(name);
    const Manifest same = last_manifest(folder / name);
    EXPECT_EQ(same.step, two.step);
    for (std::size_t i = 0; i < two.parts.size(); ++i) {
      EXPECT_EQ(same.parts[i].sha256, two.parts[i].sha256) << two.parts[i].name;
    }
  }
  // Another run than with one, of as many gradient steps. (Greedy choices hardly ever differ.)
  train(config(1), folder / "one");
  if (std::string(GetParam()) != "dqn") {
    EXPECT_NE(last_manifest(folder / "one").parameters_sha256, two.parameters_sha256);
  }
  const auto gradient_steps = [&](const char* name) {
    return nlohmann::json::parse(reports(folder / name).back())["train/gradient_steps"];
  };
  EXPECT_EQ(gradient_steps("two"), gradient_steps("one"));
}

INSTANTIATE_TEST_SUITE_P(Agents, Actors,
                         ::testing::Values("dqn", "sac", "sac_sde", "sac_gru", "discrete_sac",
                                           "discrete_sac_gru", "td3", "td3_gru", "tqc", "crossq"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Run, ABufferInAFileIsTheSameRun) {
  for (const std::string agent : {"dqn", "sac"}) {
    SCOPED_TRACE(agent);
    const TemporaryFolder folder;
    RunConfig config = agent == "dqn" ? small_dqn() : small_actor_critic(agent);
    train(config, folder / "memory");
    for (ParamValue& value : config.agent_params) {
      if (value.key == "buffer_file") value.text = folder / "buffer";
    }
    const std::string run = folder / "file";
    train(config, run, 257);
    resume_run({run, {}, 0}, {});
    EXPECT_EQ(last_manifest(run).parameters_sha256,
              last_manifest(folder / "memory").parameters_sha256);
    EXPECT_FALSE(std::filesystem::exists(folder / "buffer"));
  }
}

TEST(Run, AnotherSeedIsAnotherRun) {
  const TemporaryFolder folder;
  RunConfig other = small_ppo();
  other.run.seed = 1;
  train(small_ppo(), folder / "a", 128);
  train(other, folder / "b", 128);
  EXPECT_NE(last_manifest(folder / "a").parameters_sha256,
            last_manifest(folder / "b").parameters_sha256);
}

TEST(Run, DoesOnlyWholeRolloutsThatFit) {
  const TemporaryFolder folder;
  RunConfig config = small_ppo();
  config.run.total_steps = 300;  // rollouts of 128
  const TrainResult result = train(config, folder / "run");
  EXPECT_EQ(result.steps, 256);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.eval.returns.size(), 3u);
}

TEST(Run, EvaluationDoesNotMoveTraining) {
  const TemporaryFolder folder;
  RunConfig often = small_ppo(), never = small_ppo();
  often.run.eval_every = 128;
  never.run.eval_every = 1'000'000;
  never.run.final_eval_episodes = 0;
  train(often, folder / "often");
  train(never, folder / "never");
  EXPECT_EQ(last_manifest(folder / "often").parameters_sha256,
            last_manifest(folder / "never").parameters_sha256);
}

TEST(Run, StopsWhereItIsAskedToAndSaves) {
  const TemporaryFolder folder;
  TrainHooks hooks;
  int asked = 0;
  hooks.should_stop = [&] { return ++asked == 3; };
  const TrainResult result = train(small_ppo(), folder / "run", 0, hooks);
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.steps, 3 * 128);
  EXPECT_EQ(last_manifest(folder / "run").step, 3 * 128);
  EXPECT_EQ(read_run_record(folder / "run").sessions.back().status, "stopped");
}

TEST(Run, BestIsTheBestEvaluation) {
  const TemporaryFolder folder;
  train(small_ppo(), folder / "run");
  const std::vector<LoggedEval> evals = read_evals(folder / "run");
  ASSERT_GE(evals.size(), 4u);
  double best = -INFINITY;
  std::int64_t step = 0;
  for (const LoggedEval& eval : evals) {
    if (eval.result.mean >= best) {
      best = eval.result.mean;
      step = eval.result.step;
    }
  }
  EXPECT_EQ(CheckpointStore(folder / "run").best(), step);
}

TEST(Run, NanStopsTheRunNamesTheTensorAndKeepsTheBatch) {
  const TemporaryFolder folder;
  RunConfig config = small_ppo();
  for (ParamValue& value : config.agent_params) {
    if (value.key == "learning_rate") value.text = "1e30";
  }
  const std::string message = error_of([&] { train(config, folder / "run"); });
  EXPECT_THAT(message, HasSubstr("' became "));
  EXPECT_THAT(message, HasSubstr("after step 0"));
  EXPECT_THAT(message, HasSubstr(folder / "run/nonfinite-step-0.json"));
  const auto kept = nlohmann::json::parse(read_text_file(folder / "run/nonfinite-step-0.json"));
  EXPECT_EQ(kept["batch"]["features"]["shape"], nlohmann::json({64, 4}));
  EXPECT_EQ(kept["batch"]["features"]["values"].size(), 64u * 4u);
  EXPECT_EQ(read_run_record(folder / "run").sessions.back().status, "failed");
}

/// Puts a file where the next checkpoint will want to stand, after training has come to a step.
struct InTheWay final : MetricsSink {
  InTheWay(std::string path, std::int64_t after) : path(std::move(path)), after(after) {}
  void write(const MetricsRecord& record) override {
    if (record.step > after && !is_file(path)) write_new_file(path, as_bytes("in the way"));
  }
  std::string path;
  std::int64_t after;
};

// Checkpoints are written beside training: what fails there must still end the run.
TEST(Run, ACheckpointThatCannotBeWrittenEndsTheRunWhichGoesOnFromTheOneBefore) {
  for (const int blocked : {1024, 2048}) {  // in the middle, and the last
    const TemporaryFolder folder;
    const std::string run = folder / "run";
    InTheWay obstacle(run + "/checkpoints/step-" + std::to_string(blocked), blocked - 512);
    TrainHooks hooks;
    hooks.sinks = {&obstacle};
    const std::string message = error_of([&] { train(small_ppo(), run, 0, hooks); });
    EXPECT_THAT(message, HasSubstr(obstacle.path));
    EXPECT_THAT(message, HasSubstr("with: tern resume " + run));
    EXPECT_EQ(read_run_record(run).sessions.back().status, "failed");
    EXPECT_EQ(last_manifest(run).step, blocked - 512);

    remove_tree(obstacle.path);
    EXPECT_TRUE(resume_run({run, {}, 0}, {}).finished);
    train(small_ppo(), folder / "whole");
    EXPECT_EQ(last_manifest(run).parameters_sha256,
              last_manifest(folder / "whole").parameters_sha256);
  }
}

TEST(Run, RefusesAConfigurationEditedAfterTheCheckpoint) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  train(small_ppo(), run, 128);
  std::string text = read_text_file(RunPaths(run).config);
  const std::size_t at = text.find("gamma: 0.99");
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, 11, "gamma: 0.95");
  write_file_durably(RunPaths(run).config, as_bytes(text));
  EXPECT_THAT(error_of([&] { resume_run({run, {}, 0}, {}); }), HasSubstr("was edited after"));
}

/// What the newest report says of the learning rate.
double last_learning_rate(const std::string& run) {
  return nlohmann::json::parse(reports(run).back())["train/learning_rate"];
}

TEST(Run, MadeLongerHasSchedulesThatEndAtItsNewEndAndSaysSo) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  RunConfig config = small_ppo();
  for (ParamValue& value : config.agent_params) {
    if (value.key == "learning_rate") value.text = "lin_1e-3";
  }
  config.run.log_every = 128;
  config.run.final_eval_episodes = 0;
  train(config, run);
  std::string said;
  TrainHooks hooks;
  hooks.on_message = [&](const std::string& line) { said += line + "\n"; };
  resume_run({run, {{"total_steps", "4096", "test"}, {"threads", "2", "test"}}, 2100}, hooks);
  EXPECT_THAT(said, HasSubstr("run.total_steps is 4096, until step 2048 it was 2048"));
  EXPECT_THAT(said, HasSubstr("ends there: learning_rate lin_1e-3"));
  EXPECT_NEAR(last_learning_rate(run), 1e-3 * (1 - 2048.0 / 4096), 1e-12);
  const std::string text = read_text_file(RunPaths(run).config);
  EXPECT_THAT(text, HasSubstr("# Resolved configuration of this run.\n"
                              "# Made longer at step 2048: run.total_steps was 2048.\nenv:"));
  EXPECT_THAT(text, HasSubstr("  threads: 1 "));  // was for that process only
  said.clear();
  resume_run({run, {}, 0}, hooks);
  EXPECT_THAT(said, Not(HasSubstr("longer")));
}

TEST(Run, WithoutACheckpointStartsAgain) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  train(small_ppo(), folder / "whole");
  create_run({run, "name", 0, format_run_config(small_ppo(), {}), "runs"});
  const TrainResult result = resume_run({run, {}, 0}, {});
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(last_manifest(run).parameters_sha256,
            last_manifest(folder / "whole").parameters_sha256);
}

TEST(Run, PublishesPoliciesWhileItTrains) {
  const TemporaryFolder folder;
  TrainHooks hooks;
  hooks.policy_interval_seconds = 0;
  std::vector<std::int64_t> steps;
  hooks.on_policy = [&](std::shared_ptr<Policy> policy) { steps.push_back(policy->step()); };
  train(small_ppo(), folder / "run", 384, hooks);
  EXPECT_EQ(steps, (std::vector<std::int64_t>{128, 256, 384}));
}

TEST(BenchRun, SharesSumToOne) {
  const BenchTrainResult result = bench_run(small_ppo());
  EXPECT_GT(result.steps_per_second, 0);
  for (const double share : {result.env, result.inference, result.update, result.other}) {
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
  }
  EXPECT_NEAR(result.env + result.inference + result.update + result.other, 1, 1e-9);
}

}  // namespace
}  // namespace tern
