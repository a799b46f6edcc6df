// A libtern_agents without networks, so that the commands around training can be tested in no time:
// "training" counts steps in iterations of 100, and the hash of what was learned is that of
// the configuration's seed and the step.
//
// Seeds that do something special: 77 interrupts itself (SIGINT) after 300 steps, 78 twice;
// 79 finds NaN; 80 depends on the process, so that resuming does not give the same hash.

#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "agents/api.h"
#include "agents/run/checkpoint.h"
#include "agents/run/resolve_config.h"
#include "agents/run/run_folder.h"
#include "agents/run/run_ref.h"
#include "core/files/sha256.h"

namespace tern {
namespace {

constexpr std::int64_t kIteration = 100;

class CountingPolicy final : public Policy {
 public:
  void act(Row<const ActRow> rows, bool) override {
    for (const ActRow& row : rows) row.action.discrete() = static_cast<std::int32_t>(calls_++ % 2);
  }
  Inspection inspect(ConstObsRow, ConstMaskRow, Row<const float>) override {
    Inspection inspection;
    inspection.value = calls_;  // of act() so far
    inspection.probabilities = {0.75, 0.25};
    return inspection;
  }
  std::int64_t step() const override { return 0; }
  std::string agent() const override { return "ppo"; }

 private:
  int calls_ = 0;
};

void save(const std::string& run, const RunConfig& config, std::int64_t step) {
  Manifest manifest;
  manifest.agent = config.agent;
  manifest.env_id = config.env_id;
  manifest.step = step;
  manifest.config = config;
  std::string learned = std::to_string(config.run.seed) + " " + std::to_string(step);
  if (config.run.seed == 80) learned += " " + std::to_string(getpid());
  manifest.parameters_sha256 = sha256(as_bytes(learned));
  CheckpointWriter writer(run, manifest);
  writer.add("policy.bin", as_bytes(learned));
  writer.commit();
}

TrainResult count(const std::string& run, const RunConfig& config, std::int64_t step,
                  std::int64_t stop_at, const TrainHooks& hooks) {
  bool stopped = false;
  while (step + kIteration <= config.run.total_steps && !stopped) {
    step += kIteration;
    for (MetricsSink* sink : hooks.sinks) {
      sink->write({step, static_cast<double>(step) / 1000, {{"rollout/return", 12.5}}});
    }
    if (config.run.seed == 79) {
      throw Error::failure(run + ": the policy loss is NaN at step " + std::to_string(step));
    }
    const bool interrupts = config.run.seed == 77 || config.run.seed == 78;
    if (interrupts && step == 300) std::raise(SIGINT);
    if (config.run.seed == 78 && step == 300) std::raise(SIGINT);
    stopped = (stop_at > 0 && step >= stop_at) || hooks.should_stop();
  }
  save(run, config, step);
  TrainResult result;
  result.run = run;
  result.steps = step;
  result.seconds = 2;
  result.steps_per_second = 50;
  result.finished = !stopped;
  if (result.finished) {
    result.eval.run = run;
    result.eval.env = config.env_id;
    result.eval.step = step;
    result.eval.returns = {1, 3};
    result.eval.lengths = {10, 30};
    result.eval.mean = 2;
    result.eval.std = 1;
  }
  return result;
}

class CountingAgents final : public AgentsApi {
 public:
  TrainResult train(const TrainRequest& request, const TrainHooks& hooks) override {
    const CreatedRun created = create_run({request.out, request.name, request.config.run.seed,
                                           format_run_config(request.config, {}), "runs"});
    hooks.on_message("counting in " + created.path);
    return count(created.path, request.config, 0, request.stop_at, hooks);
  }
  TrainResult resume(const ResumeRequest& request, const TrainHooks& hooks) override {
    const RunRef ref = find_run(request.run);
    return count(ref.run, resolve_resumed_config(ref, request.overrides), ref.step.value_or(0),
                 request.stop_at, hooks);
  }
  EvalResult evaluate(const EvalRequest& request) override {
    EvalResult result;
    result.run = find_checkpoint(request.run).run;
    result.env = "CartPole-v1";
    result.step = 400;
    result.returns.assign(static_cast<std::size_t>(request.episodes),
                          request.stochastic ? 4.0 : 5.0);
    result.lengths.assign(static_cast<std::size_t>(request.episodes), 6);
    result.mean = static_cast<double>(request.seed);
    if (!request.env.empty()) result.metrics = {{"success", 0.25}, {"turns", 12}};
    return result;
  }
  std::unique_ptr<Policy> load_policy(const std::string&) override {
    return std::make_unique<CountingPolicy>();
  }
  BenchTrainResult bench_train(const RunConfig& config) override {
    return {static_cast<double>(config.run.total_steps), 1, 0.5, 0.25, 0.125, 0.125};
  }
  std::unique_ptr<OnlineLearner> learn_online(const OnlineRequest&) override { return nullptr; }
  NetworkPlatform platform() override {
    if (std::getenv("TERN_TEST_CRASH") != nullptr) std::raise(SIGABRT);
    return {"9.9", "OpenBLAS", "SSE2", 1, "cpu"};
  }
};

}  // namespace

AgentsApi* tern_agents_api() {
  static CountingAgents instance;
  return &instance;
}

}  // namespace tern
