#pragma once
// Hindsight experience replay: transitions with another goal, one that was reached. Std only.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "envs/env.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Which achieved goal of the transition's episode takes the place of the desired one.
enum class HindsightStrategy {
  kFuture,   // of this step or a later one, each alike
  kFinal,    // of the newest step
  kEpisode,  // of any step, each alike
};

/// "future", "final" or "episode".
HindsightStrategy hindsight_strategy(const std::string& name);

/// Hindsight experience replay (Andrychowicz et al. 2017, section 3 and 4.5): draws transitions
/// alike and gives a share of them another goal, with the reward that Env::relabel says. Whether a
/// transition terminated stays as it was stored. Goals are of the episode as far as it is stored.
class HindsightSampler {
 public:
  using Reward = std::function<float(const GoalView& achieved, const GoalView& desired)>;

  /// reward: Env::relabel of such an env. ratio: share of transitions with another goal. gamma: what
  /// rows.discount is filled with. Throws Error unless the observation is float32, no stack of frames, and
  /// has the fields "achieved goal" and "desired goal" of one size.
  HindsightSampler(const EnvSpec& spec, Reward reward, HindsightStrategy strategy, double ratio,
                   double gamma);

  /// Fills all of `rows`. Throws Error::failure while nothing is stored, and Error, the first time,
  /// where a step was paid something else than relabel says of its goals.
  void sample(const ReplayBuffer& buffer, Rng& rng, const ReplayRows& rows);

 private:
  void check_rewards(const ReplayRows& rows) const;
  std::int64_t step_of_goal(const ReplayBuffer::Reader& reader, std::int64_t slot, Rng& rng) const;

  Reward reward_;
  HindsightStrategy strategy_;
  double ratio_, gamma_;
  std::size_t achieved_ = 0, desired_ = 0, size_ = 0;  // offsets in a row, and numbers of a goal
  std::vector<float> row_;                             // an observation
  std::string env_;
  bool is_checked_ = false;
};

}  // namespace tern
