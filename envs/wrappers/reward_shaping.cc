#include "envs/wrappers/reward_shaping.h"

#include <algorithm>

namespace tern {

RewardShaping::RewardShaping(const WrapperParams& params, std::size_t num_envs, std::uint64_t seed,
                             const std::string& stream, std::uint64_t first_index)
    : noise_(params.reward_noise), scale_(params.reward_scale), clip_(params.reward_clip) {
  if (noise_ == 0) return;
  for (std::size_t i = 0; i < num_envs; ++i) {
    rngs_.emplace_back(seed, stream + " reward noise", first_index + i);
  }
}

void RewardShaping::apply(std::size_t begin, std::size_t end, FloatRow rewards) {
  for (std::size_t i = begin; i < end; ++i) {
    double reward = static_cast<double>(rewards[i]);
    if (noise_ > 0) reward += noise_ * rngs_[i].normal();
    reward *= scale_;
    if (clip_ > 0) reward = std::clamp(reward, -clip_, clip_);
    rewards[i] = static_cast<float>(reward);
  }
}

void RewardShaping::save(StateWriter& out) const {
  for (const Rng& rng : rngs_) out.write(rng);
}

void RewardShaping::load(StateReader& in) {
  for (Rng& rng : rngs_) in.read(rng);
}

}  // namespace tern
