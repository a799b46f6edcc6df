#include "agents/dqn/exploration.h"

#include <algorithm>
#include <string>

#include "agents/policy/distributions/epsilon_greedy.h"

namespace tern {

Exploration::Exploration(std::uint64_t seed, std::size_t num_envs, int longest) {
  // DQN detail 9: each env explores with a stream of its own.
  for (std::size_t i = 0; i < num_envs; ++i) envs_.push_back({Rng(seed, "dqn actions", i)});
  double sum = 0;
  for (int n = 1; n <= longest; ++n) duration_cdf_.push_back(sum += 1.0 / (double(n) * n));
  for (double& probability : duration_cdf_) probability /= sum;
}

std::optional<std::int32_t> Exploration::choose(std::size_t i, double epsilon, MaskRow mask) {
  EnvExploration& env = envs_[i];
  if (env.steps_left > 0 && mask[static_cast<std::size_t>(env.action)]) {
    --env.steps_left;
    return env.action;
  }
  env.steps_left = 0;
  if (!env.rng.chance(epsilon)) return std::nullopt;
  env.action = random_action(mask, env.rng);
  env.steps_left = draw_duration(env.rng) - 1;
  return env.action;
}

std::int32_t Exploration::draw_duration(Rng& rng) const {
  if (duration_cdf_.size() == 1) return 1;
  const auto found =
      std::upper_bound(duration_cdf_.begin(), duration_cdf_.end() - 1, rng.uniform());
  return static_cast<std::int32_t>(found - duration_cdf_.begin()) + 1;
}

void Exploration::save(StateWriter& out) const {
  for (const EnvExploration& env : envs_) {
    out.write(env.rng);
    if (duration_cdf_.size() > 1) out.write(env.action, env.steps_left);
  }
}

void Exploration::load(StateReader& in) {
  for (EnvExploration& env : envs_) {
    in.read(env.rng);
    if (duration_cdf_.size() > 1) in.read(env.action, env.steps_left);
  }
}

void Exploration::check_loaded(std::size_t num_actions) const {
  for (const EnvExploration& env : envs_) {
    check_saved(env.action >= 0 && static_cast<std::size_t>(env.action) < num_actions,
                "an env explores with action " + std::to_string(env.action));
    const auto left = static_cast<std::size_t>(env.steps_left);
    check_saved(env.steps_left >= 0 && left < duration_cdf_.size(),
                "an env explores for " + std::to_string(env.steps_left) + " more steps");
  }
}

}  // namespace tern
