// Envs in batches, in memory of a C program.

#include <memory>
#include <utility>

#include "c_api/guard.h"
#include "c_api/spec.h"
#include "c_api/structs.h"
#include "c_api/words.h"
#include "envs/registry/configured_spec.h"
#include "envs/registry/registry.h"
#include "envs/vector/vec_env.h"

using namespace tern;
using namespace tern::c_api;

struct ternc_envs {
  ternc_envs(const EnvEntry& kind, ParamValues values, const VecEnvOptions& how_many)
      : entry(kind),
        params(std::move(values)),
        options(how_many),
        envs(std::make_unique<VecEnv>(entry, params, options)),
        spec(named(envs->spec(), kind.spec.id)),
        unwanted(spec.obs, spec.action, spec.metrics.size(), options.num_envs) {}

  static EnvSpec named(EnvSpec spec, const std::string& id) {
    spec.id = id;
    return spec;
  }

  const EnvEntry& entry;
  ParamValues params;
  VecEnvOptions options;
  std::unique_ptr<VecEnv> envs;
  ternc_spec spec;
  StepBuffers unwanted;  // for rows that the program does not want
};

namespace {

constexpr std::size_t kMostEnvs = std::size_t{1} << 20, kMostThreads = 1024;

void check_range(const char* name, std::size_t value, std::size_t most) {
  if (value >= 1 && value <= most) return;
  throw Error("ternc_envs_options::" + std::string(name) + " is " + std::to_string(value) +
              "; expected 1 to " + std::to_string(most));
}

ObsRows obs_rows(const ternc_envs& envs, void* wanted, const ObsRows& otherwise) {
  return wanted == nullptr ? otherwise : ObsRows(wanted, envs.spec.obs, envs.options.num_envs);
}
MaskRows mask_rows(const ternc_envs& envs, std::uint8_t* wanted, const MaskRows& otherwise) {
  return wanted == nullptr ? otherwise
                           : MaskRows(wanted, envs.spec.action.mask_size(), envs.options.num_envs);
}
template <class T>
void use(T* wanted, Row<T>& row) {
  if (wanted != nullptr) row = Row<T>(wanted, row.size());
}

StepBatch batch_of(const ternc_envs& envs, const ternc_step& step) {
  StepBatch batch = envs.unwanted.batch;
  batch.obs = obs_rows(envs, step.obs, batch.obs);
  batch.final_obs = obs_rows(envs, step.final_obs, batch.final_obs);
  batch.mask = mask_rows(envs, step.mask, batch.mask);
  batch.final_mask = mask_rows(envs, step.final_mask, batch.final_mask);
  use(step.reward, batch.reward);
  use(step.terminated, batch.terminated);
  use(step.truncated, batch.truncated);
  use(step.episode_return, batch.episode_return);
  use(step.episode_length, batch.episode_length);
  use(step.episode_metrics, batch.episode_metrics);
  return batch;
}

}  // namespace

const char* ternc_env_id(size_t i) {
  const char* id = nullptr;
  guarded([&] {
    const std::vector<const EnvEntry*> all = registry().entries();
    if (i < all.size()) id = all[i]->spec.id.c_str();
  });
  return id;
}

ternc_status ternc_envs_make(const char* env, const char* const* params, size_t num_params,
                             const ternc_envs_options* options, ternc_envs** envs) {
  return guarded([&] {
    require(envs, "ternc_envs_make: envs");
    *envs = nullptr;
    require(env, "ternc_envs_make: env");
    const ternc_envs_options unset = TERNC_ENVS_OPTIONS_INIT;
    const ternc_envs_options given =
        options == nullptr ? unset : read_struct(options, "ternc_envs_options");
    check_range("num_envs", given.num_envs, kMostEnvs);
    check_range("threads", given.threads, kMostThreads);
    VecEnvOptions how_many;
    how_many.num_envs = given.num_envs;
    how_many.threads = given.threads;
    how_many.seed = given.seed;
    ParamValues values = read_words(params, num_params, "ternc_envs_make: params");
    for (ParamValue& value : values) {
      if (value.key.rfind("env.", 0) == 0) value.key.erase(0, 4);
    }
    *envs = new ternc_envs(registry().find(env), std::move(values), how_many);
  });
}

void ternc_envs_free(ternc_envs* envs) {
  delete envs;
}

const ternc_spec* ternc_envs_spec(const ternc_envs* envs) {
  return envs == nullptr ? nullptr : &envs->spec;
}

ternc_status ternc_envs_seed(ternc_envs* envs, uint64_t seed) {
  return guarded([&] {
    require(envs, "ternc_envs_seed: envs");
    VecEnvOptions options = envs->options;
    options.seed = seed;
    envs->envs = std::make_unique<VecEnv>(envs->entry, envs->params, options);
    envs->options = options;
  });
}

ternc_status ternc_envs_reset(ternc_envs* envs, void* obs, uint8_t* mask) {
  return guarded([&] {
    require(envs, "ternc_envs_reset: envs");
    require_rows(obs, "ternc_envs_reset: obs");
    const StepBatch& otherwise = envs->unwanted.batch;
    envs->envs->reset(obs_rows(*envs, obs, otherwise.obs), mask_rows(*envs, mask, otherwise.mask));
  });
}

ternc_status ternc_envs_step(ternc_envs* envs, const void* actions, const ternc_step* result) {
  return guarded([&] {
    require(envs, "ternc_envs_step: envs");
    require_rows(actions, "ternc_envs_step: actions");
    require(result, "ternc_envs_step: result");
    const ternc_step step = read_struct(result, "ternc_step");
    if (step.obs != nullptr) require_rows(step.obs, "ternc_step::obs");
    if (step.final_obs != nullptr) require_rows(step.final_obs, "ternc_step::final_obs");
    const ActionRows rows(const_cast<void*>(actions), envs->spec.action, envs->options.num_envs);
    envs->envs->step(rows, batch_of(*envs, step));
  });
}
