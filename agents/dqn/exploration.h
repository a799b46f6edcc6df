#pragma once
// Epsilon-greedy, one stream for each env, plain or kept up over time.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/rng.h"
#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// With probability epsilon an env explores: it takes a uniformly drawn allowed action and keeps it
/// up for n steps, P(n) proportional to n^-2 for n = 1 .. longest. longest 1 is the plain rule and
/// draws no duration. What is kept up is dropped where an episode ends or the action is forbidden.
/// Source: Dabney, Ostrovski and Barreto 2021, "Temporally-extended epsilon-greedy exploration"
/// (zeta distribution, mu = 2); differs by the cap and by stopping at the end of an episode.
class Exploration {
 public:
  /// longest >= 1.
  Exploration(std::uint64_t seed, std::size_t num_envs, int longest);

  /// The action to explore with in env i, or nothing where the greedy one is due. mask: [M]. Throws
  /// Error::failure if nothing is allowed.
  std::optional<std::int32_t> choose(std::size_t i, double epsilon, MaskRow mask);
  void end_episode(std::size_t i) { envs_[i].steps_left = 0; }

  /// The state with longest 1 is the streams alone.
  void save(StateWriter& out) const;
  void load(StateReader& in);
  /// Throws Error::failure unless what load() read can be gone on with. num_actions: of each env.
  void check_loaded(std::size_t num_actions) const;

 private:
  struct EnvExploration {
    Rng rng;
    std::int32_t action = 0, steps_left = 0;  // what is kept up
  };

  std::int32_t draw_duration(Rng& rng) const;

  std::vector<EnvExploration> envs_;
  std::vector<double> duration_cdf_;  // [longest], of n = index + 1
};

}  // namespace tern
