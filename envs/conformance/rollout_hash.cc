#include "envs/conformance/rollout_hash.h"

#include "core/hash.h"
#include "envs/random_action.h"

namespace tern {
namespace {

void add_row(Hash64& hash, const ObsRows& rows, std::size_t i) {
  hash.add(rows.data() + i * rows.row_bytes(), rows.row_bytes());
}

}  // namespace

std::uint64_t rollout_hash(VecEnv& envs, StepBuffers& buffers, std::vector<Rng>& action_rngs,
                           int steps) {
  const std::size_t n = envs.num_envs();
  const std::size_t num_metrics = envs.spec().metrics.size();
  const StepBatch& batch = buffers.batch;
  Hash64 hash;
  for (std::size_t i = 0; i < n; ++i) {
    add_row(hash, batch.obs, i);
    hash.add(batch.mask[i]);
  }
  for (int t = 0; t < steps; ++t) {
    for (std::size_t i = 0; i < n; ++i) {
      random_action(envs.spec().action, batch.mask[i], action_rngs[i], buffers.actions[i]);
    }
    envs.step(buffers.actions, batch);
    for (std::size_t i = 0; i < n; ++i) {
      add_row(hash, batch.obs, i);
      hash.add(batch.mask[i]);
      hash.add(batch.reward[i]);
      hash.add(batch.terminated[i]);
      hash.add(batch.truncated[i]);
      if (!batch.terminated[i] && !batch.truncated[i]) continue;
      add_row(hash, batch.final_obs, i);
      hash.add(batch.final_mask[i]);
      hash.add(batch.episode_return[i]);
      hash.add(batch.episode_length[i]);
      if (num_metrics > 0) hash.add(batch.episode_metrics.subrow(i * num_metrics, num_metrics));
    }
  }
  return hash.value();
}

std::uint64_t rollout_hash(const EnvEntry& entry, const ParamValues& params,
                           const VecEnvOptions& options, int steps) {
  VecEnv envs(entry, params, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), envs.num_envs());
  envs.reset(buffers.batch.obs, buffers.batch.mask);
  std::vector<Rng> action_rngs;
  for (std::size_t i = 0; i < envs.num_envs(); ++i) {
    action_rngs.emplace_back(options.seed, "random action", i);
  }
  return rollout_hash(envs, buffers, action_rngs, steps);
}

}  // namespace tern
