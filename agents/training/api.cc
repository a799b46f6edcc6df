// libtern_agents as its callers see it.

#include "agents/api.h"

#include <c10/util/Exception.h>

#include <cstring>
#include <new>

#include "agents/run/changed_env.h"
#include "agents/run/checkpoint.h"
#include "agents/run/policy_spec.h"
#include "agents/run/run_env.h"
#include "agents/run/run_ref.h"
#include "agents/training/evaluate.h"
#include "agents/training/factory.h"
#include "agents/training/learn_online.h"
#include "agents/training/platform.h"
#include "agents/training/run.h"
#include "core/checked_policy.h"
#include "envs/registry/configured_spec.h"

namespace tern {
namespace {

std::unique_ptr<Policy> load_trained(const Checkpoint& checkpoint, const EnvSpec& spec) {
  const Bytes state = checkpoint.read_part("policy.bin");
  check_policy_bytes(spec, state.size(), checkpoint.folder());
  return load_policy(checkpoint.manifest().config, spec, ByteRow(state));
}

/// The policy, which checks what it is asked; no env is made for it.
std::unique_ptr<Policy> load_run_policy(const std::string& run) {
  const RunRef ref = find_checkpoint(run);
  const Checkpoint checkpoint(ref.run, *ref.step);
  const Manifest& manifest = checkpoint.manifest();
  const EnvSpec spec = trained_spec(ref, manifest);
  return checked_policy(load_trained(checkpoint, spec), policy_spec(spec, manifest.config));
}

EvalResult evaluate_run(const EvalRequest& request) {
  const RunRef ref = find_checkpoint(request.run);
  const Checkpoint checkpoint(ref.run, *ref.step);
  const RunConfig& config = checkpoint.manifest().config;
  const EnvEntry& env = find_run_env(ref, checkpoint.manifest());
  const auto policy = load_trained(checkpoint, configured_spec(env, config.env));
  EvaluationPlan plan;
  plan.episodes = request.episodes;
  plan.seed = request.seed;
  plan.stochastic = request.stochastic;
  plan.level_begin = static_cast<std::uint64_t>(config.run.eval_level_begin);
  plan.level_end = static_cast<std::uint64_t>(config.run.eval_level_end);
  const ParamValues params =
      change_run_env(ref.run, checkpoint.manifest(), env, request.env).params;
  EvalResult result = tern::evaluate(*policy, env, params, plan);
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
    return translated([&] { return load_run_policy(run); });
  }
  BenchTrainResult bench_train(const RunConfig& config) override {
    return translated([&] { return bench_run(config); });
  }
  NetworkPlatform platform() override { return network_platform(); }
  std::unique_ptr<OnlineLearner> learn_online(const OnlineRequest& request) override {
    return translated([&] { return make_online_learner(request); });
  }
};

}  // namespace

AgentsApi* tern_agents_api() {
  static Agents instance;
  return &instance;
}

}  // namespace tern
