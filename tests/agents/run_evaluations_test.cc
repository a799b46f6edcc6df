// Evaluations of a run: what is infinite, what is interrupted, what the final one is called. Laws and
// worked examples.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "agents/run/checkpoint_store.h"
#include "agents/run/eval_log.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "agents/run/run_record.h"
#include "agents/training/run.h"
#include "core/files/file_io.h"
#include "envs/registry/registry.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using ::testing::ElementsAre;
using ::testing::Contains;
using ::testing::HasSubstr;

/// Four steps; choosing "forbidden" pays minus infinity, anything else 1.
class Fatal final : public Env {
 public:
  Fatal() {
    spec_.id = "Fatal-v0";
    spec_.obs.scalar("step", 0, 4);
    spec_.action = ActionSpace::discrete({"allowed", "forbidden"});
    spec_.max_episode_steps = 100;
  }
  const EnvSpec& spec() const override { return spec_; }
  void reset(ResetContext&, ObsRow obs) override { obs[0] = static_cast<float>(step_ = 0); }
  StepResult step(ActionRow action, Rng&, ObsRow obs) override {
    obs[0] = static_cast<float>(++step_);
    StepResult result;
    result.reward = action.discrete() == 0 ? 1 : -std::numeric_limits<float>::infinity();
    result.terminated = step_ == 4;
    return result;
  }
  void save(StateWriter& out) const override { out.write(step_); }
  bool load(StateReader& in) override {
    in.read(step_);
    return true;
  }

 private:
  EnvSpec spec_;
  int step_ = 0;
};

void register_fatal() {
  [[maybe_unused]] static const bool once = [] {
    registry().add<Fatal>();
    return true;
  }();
}

RunConfig config_of(const std::string& env,
                    const std::vector<std::pair<std::string, std::string>>& more = {}) {
  std::vector<ParamValue> assignments = {
      {"total_steps", "600", "test"},      {"num_envs", "2", "test"},
      {"rollout_steps", "64", "test"},     {"minibatch_size", "64", "test"},
      {"hidden_sizes", "[8]", "test"},     {"eval_every", "128", "test"},
      {"eval_episodes", "4", "test"},      {"final_eval_episodes", "6", "test"},
      {"checkpoint_every", "128", "test"}, {"epochs", "1", "test"}};
  for (const auto& [key, value] : more) assignments.push_back({key, value, "test"});
  return resolve_run_config(config_from_words({"ppo", env}), assignments);
}

TrainRequest request_of(const RunConfig& config, const std::string& out) {
  TrainRequest request;
  request.config = config;
  request.out = out;
  return request;
}

std::vector<EvalResult> evals_of(const std::string& run, EvalSeries series) {
  std::vector<EvalResult> results;
  for (const LoggedEval& eval : read_evals(run)) {
    if (eval.series == series) results.push_back(eval.result);
  }
  return results;
}

/// Steps at which metrics.jsonl has a number of this name.
std::vector<std::int64_t> steps_with(const std::string& run, const std::string& name) {
  std::vector<std::int64_t> steps;
  std::ifstream file(RunPaths(run).metrics_jsonl);
  for (std::string line; std::getline(file, line);) {
    const auto record = nlohmann::json::parse(line);
    if (record.contains(name)) steps.push_back(record["step"]);
  }
  return steps;
}

Manifest last_manifest(const std::string& run) {
  return Checkpoint(run, *CheckpointStore(run).last()).manifest();
}

// A policy that takes the forbidden action gets -inf in its evaluations; rewards are clipped, so that
// training itself stays finite.
TEST(RunEvaluations, AnInfiniteReturnIsReportedAndNeverStopsTheRun) {
  register_fatal();
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  // So high a rate that the first update settles on one action; which one does not matter below.
  RunConfig config = config_of("Fatal-v0", {{"reward_clip", "10"}, {"seed", "1"}});
  std::vector<std::string> messages;
  TrainHooks hooks;
  hooks.on_message = [&](const std::string& line) { messages.push_back(line); };
  bool was_infinite = false;
  for (int seed = 0; seed < 8 && !was_infinite; ++seed) {  // some untrained policy is bad
    config.run.seed = seed;
    const std::string each = run + std::to_string(seed);
    const TrainResult result = start_run(request_of(config, each), hooks);
    EXPECT_TRUE(result.finished);
    for (const EvalResult& eval : evals_of(each, EvalSeries::kDuringTraining)) {
      was_infinite = was_infinite || std::isinf(eval.mean);
    }
    if (!was_infinite) continue;
    EXPECT_THAT(messages, Contains(HasSubstr("episodes of Fatal-v0 in the evaluation at step ")));
    EXPECT_THAT(read_text_file(RunPaths(each).eval), HasSubstr("\"mean\":\"-inf\""));
    EXPECT_THAT(read_text_file(RunPaths(each).metrics_jsonl), HasSubstr("\"eval/return\":\"-inf\""));
    EXPECT_THAT(read_text_file(RunPaths(each).metrics_csv), HasSubstr(",-inf"));
    if (const auto best = CheckpointStore(each).best()) {
      for (const LoggedEval& eval : read_evals(each)) {
        if (eval.result.step == *best) {
          EXPECT_TRUE(std::isfinite(eval.result.mean));
        }
      }
    }
    EXPECT_TRUE(resume_run({each, {}, 0}, hooks).finished);
  }
  EXPECT_TRUE(was_infinite) << "no seed showed the case";
}

TEST(RunEvaluations, TheFinalEvaluationIsASeriesOfItsOwn) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  start_run(request_of(config_of("CartPole-v1"), run), {});
  EXPECT_THAT(steps_with(run, "eval/return"), ElementsAre(128, 256, 384, 512));
  EXPECT_THAT(steps_with(run, "final_eval/return"), ElementsAre(512));
  const std::vector<EvalResult> last = evals_of(run, EvalSeries::kFinal);
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].returns.size(), 6u);
  resume_run({run, {}, 0}, {});  // evaluates again, to the same result
  EXPECT_THAT(steps_with(run, "final_eval/return"), ElementsAre(512));
}

/// Asks for the stop once the run has asked so often after it was at `step`.
struct StopInEvaluation {
  bool operator()() { return step_reached && ++asked >= 3; }
  bool step_reached = false;
  int asked = 0;
};

/// Sees when training comes to the report before an evaluation.
struct Watcher final : MetricsSink {
  explicit Watcher(StopInEvaluation& to_start, std::int64_t step) : stop(to_start), at(step) {}
  void write(const MetricsRecord& record) override {
    if (record.step >= at) stop.step_reached = true;
  }
  StopInEvaluation& stop;
  std::int64_t at;
};

// An interrupted evaluation is made by the resume: the run ends as one that was never stopped.
TEST(RunEvaluations, StopBetweenTheStepsOfAnEvaluationLosesNothing) {
  const TemporaryFolder folder;
  const RunConfig config = config_of("CartPole-v1", {{"log_every", "128"}});
  start_run(request_of(config, folder / "whole"), {});
  const std::string run = folder / "run";
  StopInEvaluation stop;
  Watcher watcher(stop, 256);
  TrainHooks hooks;
  hooks.sinks = {&watcher};
  hooks.should_stop = std::ref(stop);
  const TrainResult stopped = start_run(request_of(config, run), hooks);
  EXPECT_FALSE(stopped.finished);
  EXPECT_EQ(stopped.steps, 256);
  EXPECT_EQ(last_manifest(run).step, 256);
  EXPECT_THAT(steps_with(run, "eval/return"), ElementsAre(128));
  EXPECT_TRUE(resume_run({run, {}, 0}, {}).finished);
  EXPECT_EQ(steps_with(run, "eval/return"), steps_with(folder / "whole", "eval/return"));
  EXPECT_EQ(last_manifest(run).parameters_sha256,
            last_manifest(folder / "whole").parameters_sha256);
  EXPECT_EQ(CheckpointStore(run).best(), CheckpointStore(folder / "whole").best());
}

// What was trained is on the disk before the final evaluation begins.
TEST(RunEvaluations, TheEndOfTrainingIsSavedBeforeTheFinalEvaluation) {
  const TemporaryFolder folder;
  const std::string run = folder / "run";
  const RunConfig config = config_of(
      "CartPole-v1", {{"eval_every", "100000"}, {"checkpoint_every", "100000"}, {"log_every", "1"}});
  StopInEvaluation stop;
  Watcher watcher(stop, 512);
  TrainHooks hooks;
  hooks.sinks = {&watcher};
  bool was_saved = false;
  hooks.should_stop = [&] {
    if (!stop()) return false;
    was_saved = CheckpointStore(run).last() == 512;
    return true;
  };
  const TrainResult result = start_run(request_of(config, run), hooks);
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.steps, 512);
  EXPECT_TRUE(result.eval.returns.empty());
  EXPECT_TRUE(was_saved);
  EXPECT_EQ(read_run_record(run).sessions.back().status, "stopped");
  const TrainResult rest = resume_run({run, {}, 0}, {});
  EXPECT_TRUE(rest.finished);
  EXPECT_EQ(rest.eval.returns.size(), 6u);
}

TEST(RunEvaluations, ProgressIsOfWhatWillBeDone) {
  const TemporaryFolder folder;
  std::vector<std::int64_t> ends;
  TrainHooks hooks;
  hooks.on_start = [&](std::int64_t last_step) { ends.push_back(last_step); };
  TrainRequest request = request_of(config_of("CartPole-v1"), folder / "run");
  request.stop_at = 200;
  EXPECT_EQ(start_run(request, hooks).steps, 256);
  EXPECT_EQ(resume_run({folder / "run", {}, 0}, hooks).steps, 512);
  EXPECT_THAT(ends, ElementsAre(256, 512));  // rollouts of 128 in 600 steps
}

}  // namespace
}  // namespace tern
