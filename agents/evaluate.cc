#include "agents/evaluate.h"

#include <cmath>
#include <numeric>

#include "envs/vec_env.h"

namespace tern {

EvalResult evaluate(Policy& policy, const EnvEntry& entry, const ParamValues& env_params,
                    const EvaluationPlan& plan) {
  EvalResult result;
  result.env = entry.spec.id;
  result.step = policy.step();
  for (int episode = 0; episode < plan.episodes; ++episode) {
    VecEnvOptions options;
    options.seed = plan.seed;
    options.stream = plan.stream;
    options.first_index = static_cast<std::uint64_t>(episode);
    options.level_begin = plan.level_begin;
    options.level_end = plan.level_end;
    VecEnv env(entry, env_params, options);
    StepBuffers buffers(env.spec().obs, env.spec().action, env.spec().metrics.size(), 1);
    const StepBatch& batch = buffers.batch;
    Rng action_rng(plan.seed, plan.stream + " actions", static_cast<std::uint64_t>(episode));
    env.reset(batch.obs, batch.mask);
    do {
      policy.act(batch.obs[0], batch.mask[0], /*deterministic=*/!plan.stochastic, action_rng,
                 buffers.actions[0]);
      env.step(buffers.actions, batch);
    } while (!batch.terminated[0] && !batch.truncated[0]);
    result.returns.push_back(batch.episode_return[0]);
    result.lengths.push_back(batch.episode_length[0]);
  }
  const auto count = static_cast<double>(result.returns.size());
  if (count == 0) return result;
  result.mean = std::accumulate(result.returns.begin(), result.returns.end(), 0.0) / count;
  double squares = 0;
  for (const double value : result.returns) squares += (value - result.mean) * (value - result.mean);
  result.std = std::sqrt(squares / count);
  return result;
}

}  // namespace tern
