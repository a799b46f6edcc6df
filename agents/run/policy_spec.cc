#include "agents/run/policy_spec.h"

#include <algorithm>
#include <string>

#include "agents/run/checkpoint.h"
#include "core/error.h"
#include "envs/registry/configured_spec.h"

namespace tern {

PolicySpec policy_spec(const EnvSpec& spec, const RunConfig& config) {
  PolicySpec known;
  known.env = spec.id;
  known.env_name = config.env_id;
  known.env_params = config.env;
  known.obs = spec.obs;
  known.action = spec.action;
  known.has_masks = spec.has_masks;
  known.max_episode_steps = spec.max_episode_steps;
  known.frames_per_second = spec.frames_per_second;
  return known;
}

EnvSpec trained_spec(const RunRef& run, const Manifest& manifest) {
  if (manifest.spec) return *manifest.spec;
  return configured_spec(find_run_env(run, manifest), manifest.config.env);
}

RunEnv open_run_env(const std::string& run, const RunEnvWords& words) {
  const RunRef ref = find_checkpoint(run);
  const Manifest manifest = Checkpoint(ref.run, *ref.step).manifest();
  return {&find_run_env(ref, manifest, words), manifest.config.env};
}

void check_policy_bytes(const EnvSpec& spec, std::size_t bytes, const std::string& run) {
  std::size_t features = 0;
  for (const Field& field : spec.obs.fields()) {
    features += field.size() * static_cast<std::size_t>(std::max(field.categories, 1));
  }
  if (features <= bytes / sizeof(float)) return;
  throw Error::failure(run + " is damaged: its manifest speaks of " + std::to_string(features) +
                       " inputs, and its policy has " + std::to_string(bytes) + " bytes");
}

}  // namespace tern
