#pragma once
// What a deterministic policy explores with: noise added to its actions. Std only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/state_io.h"
#include "core/views.h"

namespace tern {

/// In the policy's units, in which actions are in [-1, 1].
struct ActionNoiseOptions {
  std::string kind = "gaussian";  // gaussian, ornstein_uhlenbeck
  double sigma = 0.1;             // deviation; of a step of an Ornstein-Uhlenbeck process
  double theta = 0.15;            // ornstein_uhlenbeck: share of x that is lost in a step
};

/// Noise x_t for each component of each env, added to its action:
///   gaussian:            x_t = sigma N(0, 1)                          Fujimoto et al. 2018 (TD3)
///   ornstein_uhlenbeck:  x_t = (1 - theta) x_{t-1} + sigma N(0, 1),   Lillicrap et al. 2016 (DDPG)
///                        x_{-1} = 0 at the start of an episode
/// Each env has a stream and a process of its own; one draw for each component.
class ActionNoise {
 public:
  /// Streams are named `stream` and the env's number. Throws Error for an unknown kind.
  ActionNoise(const ActionNoiseOptions& options, std::uint64_t seed, const std::string& stream,
              std::size_t num_envs, std::size_t components);

  /// action_j = clamp(action_j + x_j, -1, 1). action: [components], of env i.
  void add(std::size_t i, Row<float> action);
  void end_episode(std::size_t i);

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  double keep_, sigma_;  // keep_: share of x that stays, 0 for Gaussian noise
  std::size_t components_;
  std::vector<Rng> rngs_;  // one for each env
  std::vector<double> x_;  // [envs, components]
};

}  // namespace tern
