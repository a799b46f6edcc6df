#pragma once
// Two registry entries that should be the same env, run and compared.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/hash.h"
#include "core/rng.h"
#include "envs/vector/vec_env.h"

namespace tern {

/// The path of a plugin that was built for these tests.
inline std::string test_plugin(const std::string& name) {
  return std::string(TERN_TEST_PLUGINS) + "/lib" + name + ".so";
}

/// Writes random actions, of the allowed ones.
inline void random_actions(const ActionSpace& space, const MaskRows& mask,
                           const ActionRows& actions, Rng& rng) {
  for (std::size_t i = 0; i < actions.count(); ++i) {
    std::size_t flag = 0;
    for (std::size_t k = 0; k < space.size(); ++k) {
      if (space.is_box()) {
        const ActionComponent& part = space.components()[k];
        actions[i][k] = static_cast<float>(rng.uniform(part.low, part.high));
        continue;
      }
      std::uint32_t choice = rng.below(static_cast<std::uint32_t>(space.options(k)));
      while (mask[i][flag + choice] == 0) choice = (choice + 1) % space.options(k);
      actions[i].discrete(k) = static_cast<std::int32_t>(choice);
      flag += space.options(k);
    }
  }
}

/// Fingerprint of everything that VecEnv returns in `steps` steps of `count` envs with random
/// actions, and of the saved state at the end.
inline std::uint64_t trajectory_hash(const EnvEntry& entry, const ParamValues& params,
                                     std::size_t count, int steps, std::size_t threads = 1) {
  VecEnvOptions options;
  options.num_envs = count;
  options.threads = threads;
  options.seed = 17;
  VecEnv envs(entry, params, options);
  const EnvSpec& spec = envs.spec();
  StepBuffers buffers(spec.obs, spec.action, spec.metrics.size(), count);
  const StepBatch& batch = buffers.batch;
  Rng rng(3, "actions");
  Hash64 hash;
  envs.reset(batch.obs, batch.mask);
  for (int t = 0; t < steps; ++t) {
    hash.add(batch.obs.data(), count * batch.obs.row_bytes());
    hash.add(batch.mask.data(), count * batch.mask.row_size());
    random_actions(spec.action, batch.mask, buffers.actions, rng);
    envs.step(buffers.actions, batch);
    hash.add(batch.reward);
    hash.add(batch.terminated);
    hash.add(batch.truncated);
    for (std::size_t i = 0; i < count; ++i) {
      if (batch.terminated[i] == 0 && batch.truncated[i] == 0) continue;
      const std::size_t bytes = batch.final_obs.row_bytes();
      hash.add(batch.final_obs.data() + i * bytes, bytes);
      hash.add(batch.final_mask[i]);
      hash.add(batch.episode_return[i]);
      hash.add(batch.episode_length[i]);
      hash.add(batch.episode_metrics.subrow(i * spec.metrics.size(), spec.metrics.size()));
    }
  }
  StateWriter state;
  envs.save(state);
  hash.add(state.bytes().data(), state.bytes().size());
  return hash.value();
}

}  // namespace tern
