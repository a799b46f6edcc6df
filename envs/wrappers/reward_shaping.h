#pragma once
// Scales, clips and adds noise to the rewards that an agent learns from.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/state_io.h"
#include "core/views.h"
#include "envs/wrappers/wrap.h"

namespace tern {

/// The reward_noise, reward_scale and reward_clip keys: r' = clip(scale (r + noise), -c, c), noise
/// normal with mean 0. Each env has a stream of its own for it, so that the envs go the same way
/// with and without noise.
class RewardShaping {
 public:
  RewardShaping(const WrapperParams& params, std::size_t num_envs, std::uint64_t seed,
                const std::string& stream, std::uint64_t first_index);

  /// Changes the rewards of envs [begin, end) in place. Ranges may run on several threads.
  void apply(std::size_t begin, std::size_t end, FloatRow rewards);

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  double noise_, scale_, clip_;
  std::vector<Rng> rngs_;  // one for each env; empty without noise
};

}  // namespace tern
