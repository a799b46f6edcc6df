#include "agents/evaluate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "envs/vec_env.h"

namespace tern {
namespace {

constexpr int kLongestEpisode = 100'000;  // in worlds without a time limit

}  // namespace

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
    const Lane& lane = env.lane(0);
    const int longest = std::max(kLongestEpisode, env.spec().max_episode_steps);
    env.reset(batch.obs, batch.mask);
    policy.begin_episode();
    bool has_ended = false;
    while (!has_ended && lane.episode_length < longest) {
      policy.act(batch.obs[0], batch.mask[0], /*deterministic=*/!plan.stochastic, action_rng,
                 buffers.actions[0]);
      env.step(buffers.actions, batch);
      has_ended = batch.terminated[0] || batch.truncated[0];
    }
    result.returns.push_back(has_ended ? batch.episode_return[0] : lane.episode_return);
    result.lengths.push_back(has_ended ? batch.episode_length[0] : lane.episode_length);
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
