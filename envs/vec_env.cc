#include "envs/vec_env.h"

namespace tern {

class WorkerPool {};

VecEnv::VecEnv(const EnvEntry& entry, const ParamValues& params, const VecEnvOptions& options)
    : options_(options), worlds_(entry.make_lanes(params, options.num_envs)) {
  spec_ = worlds_->env(0).spec();
  rules_.max_episode_steps = options.time_limit ? spec_.max_episode_steps : 0;
  for (std::size_t i = 0; i < options.num_envs; ++i) {
    lanes_.push_back({Rng(options.seed, options.stream, i),
                      Rng(options.seed, options.stream + " level", i)});
  }
}

VecEnv::~VecEnv() = default;

void VecEnv::reset(const ObsRows& obs, const MaskRows& mask) {
  worlds_->reset(0, lanes_.size(), lanes_.data(), rules_, obs, mask);
}

void VecEnv::step(const ActionRows& actions, const StepBatch& batch) {
  worlds_->step(0, lanes_.size(), lanes_.data(), rules_, actions, batch);
}

}  // namespace tern
