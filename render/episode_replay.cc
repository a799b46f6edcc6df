#include "render/episode_replay.h"

#include "core/error.h"
#include "core/hash.h"

namespace tern {

std::uint64_t state_hash(const Env& env, ObsRow obs, MaskRow mask, const Rng& rng) {
  Hash64 hash;
  StateWriter saved;
  env.save(saved);
  hash.add(saved.bytes().data(), saved.bytes().size());
  DoubleVec state;
  if (env.get_state(state)) hash.add(state.data(), state.size() * sizeof(double));
  hash.add(obs.floats());
  hash.add(obs.bytes());
  hash.add(mask);
  hash.add(&rng.state(), sizeof(tern_rng));
  return hash.value();
}

void set_action(const ActionSpace& space, const std::vector<float>& values,
                MutableActionRow action) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (space.is_box()) {
      action[i] = values[i];
    } else {
      action.discrete(i) = static_cast<std::int32_t>(values[i]);
    }
  }
}

EpisodeReplay::EpisodeReplay(const EnvEntry& entry, const ParamValues& params,
                             const Episode& episode)
    : entry_(entry),
      params_(params),
      episode_(episode),
      env_(entry.make(params)),
      rng_(episode.rng),
      buffers_(env_->spec().obs, env_->spec().action, env_->spec().metrics.size(), 1) {
  if (episode.first_step > 0) throw Error("the beginning of this episode was not kept");
  restart();
}

void EpisodeReplay::restart() {
  env_ = entry_.make(params_);
  rng_ = episode_.rng;
  now_ = 0;
  ResetContext context{rng_, episode_.level};
  env_->reset(context, buffers_.batch.obs[0]);
  const MaskRow mask = buffers_.batch.mask[0];
  if (!mask.empty()) env_->action_mask(mask);
}

void EpisodeReplay::step() {
  set_action(env_->spec().action, episode_.moments[now_].action, buffers_.actions[0]);
  env_->step(buffers_.actions[0], rng_, buffers_.batch.obs[0]);
  const MaskRow mask = buffers_.batch.mask[0];
  if (!mask.empty()) env_->action_mask(mask);
  ++now_;
}

void EpisodeReplay::go_to(std::size_t t) {
  if (t >= episode_.moments.size()) {
    throw Error("moment " + std::to_string(t) + " of an episode of " +
                std::to_string(episode_.steps()) + " steps was asked for");
  }
  if (t < now_) restart();
  while (now_ < t) step();
}

std::uint64_t EpisodeReplay::state_hash() const {
  return tern::state_hash(*env_, buffers_.batch.obs[0], buffers_.batch.mask[0], rng_);
}

}  // namespace tern
