// libtern_agents as its callers see it.

#include "agents/api.h"

#include <c10/util/Exception.h>

#include <cstring>
#include <new>

#include "agents/run/changed_env.h"
#include "agents/run/checkpoint.h"
#include "agents/run/run_env.h"
#include "agents/run/run_ref.h"
#include "agents/training/evaluate.h"
#include "agents/training/factory.h"
#include "agents/training/platform.h"
#include "agents/training/run.h"
#include "envs/registry/configured_spec.h"

namespace tern {
namespace {

struct LoadedRun {
  Manifest manifest;
  const EnvEntry* env = nullptr;
  std::unique_ptr<Policy> policy;
};

LoadedRun load_run(const RunRef& ref) {
  const Checkpoint checkpoint(ref.run, *ref.step);
  const Manifest& manifest = checkpoint.manifest();
  const RunConfig& config = manifest.config;
  const EnvEntry& env = find_run_env(ref, manifest);
  const Bytes state = checkpoint.read_part("policy.bin");
  return {manifest, &env, load_policy(config, configured_spec(env, config.env), ByteRow(state))};
}

EvalResult evaluate_run(const EvalRequest& request) {
  const RunRef ref = find_checkpoint(request.run);
  const LoadedRun run = load_run(ref);
  EvaluationPlan plan;
  plan.episodes = request.episodes;
  plan.seed = request.seed;
  plan.stochastic = request.stochastic;
  const RunParams& levels = run.manifest.config.run;
  plan.level_begin = static_cast<std::uint64_t>(levels.eval_level_begin);
  plan.level_end = static_cast<std::uint64_t>(levels.eval_level_end);
  const ParamValues params = change_run_env(ref.run, run.manifest, *run.env, request.env).params;
  EvalResult result = tern::evaluate(*run.policy, *run.env, params, plan);
  result.run = ref.run;
  return result;
}

/// Calls `work`; what LibTorch's allocator says of memory becomes what the rest of Tern says.
template <class Work>
auto translated(const Work& work) {
  try {
    return work();
  } catch (const c10::Error& error) {
    if (std::strstr(error.what_without_backtrace(), "can't allocate memory") == nullptr) throw;
    throw std::bad_alloc();
  }
}

class Agents final : public AgentsApi {
 public:
  Agents() { set_up_platform(); }

  TrainResult train(const TrainRequest& request, const TrainHooks& hooks) override {
    return translated([&] { return start_run(request, hooks); });
  }
  TrainResult resume(const ResumeRequest& request, const TrainHooks& hooks) override {
    return translated([&] { return resume_run(request, hooks); });
  }
  EvalResult evaluate(const EvalRequest& request) override {
    return translated([&] { return evaluate_run(request); });
  }
  std::unique_ptr<Policy> load_policy(const std::string& run) override {
    return translated([&] { return load_run(find_checkpoint(run)).policy; });
  }
  BenchTrainResult bench_train(const RunConfig& config) override {
    return translated([&] { return bench_run(config); });
  }
  NetworkPlatform platform() override { return network_platform(); }
};

}  // namespace

AgentsApi* tern_agents_api() {
  static Agents instance;
  return &instance;
}

}  // namespace tern
