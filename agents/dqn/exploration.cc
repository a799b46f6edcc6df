#include "agents/dqn/exploration.h"

#include <algorithm>
#include <string>

#include "agents/policy/distributions/epsilon_greedy.h"

namespace tern {

Exploration::Exploration(std::uint64_t seed, std::size_t num_envs, int longest) {
  // DQN detail 9: each env explores with a stream of its own.
  for (std::size_t i = 0; i < num_envs; ++i) lanes_.push_back({Rng(seed, "dqn actions", i)});
  double sum = 0;
  for (int n = 1; n <= longest; ++n) duration_cdf_.push_back(sum += 1.0 / (double(n) * n));
  for (double& probability : duration_cdf_) probability /= sum;
}

std::optional<std::int32_t> Exploration::choose(std::size_t i, double epsilon, MaskRow mask) {
  Lane& lane = lanes_[i];
  if (lane.steps_left > 0 && mask[static_cast<std::size_t>(lane.action)]) {
    --lane.steps_left;
    return lane.action;
  }
  lane.steps_left = 0;
  if (!lane.rng.chance(epsilon)) return std::nullopt;
  lane.action = random_action(mask, lane.rng);
  lane.steps_left = draw_duration(lane.rng) - 1;
  return lane.action;
}

std::int32_t Exploration::draw_duration(Rng& rng) const {
  if (duration_cdf_.size() == 1) return 1;
  const auto found =
      std::upper_bound(duration_cdf_.begin(), duration_cdf_.end() - 1, rng.uniform());
  return static_cast<std::int32_t>(found - duration_cdf_.begin()) + 1;
}

void Exploration::save(StateWriter& out) const {
  for (const Lane& lane : lanes_) {
    out.write(lane.rng);
    if (duration_cdf_.size() > 1) out.write(lane.action, lane.steps_left);
  }
}

void Exploration::load(StateReader& in) {
  for (Lane& lane : lanes_) {
    in.read(lane.rng);
    if (duration_cdf_.size() > 1) in.read(lane.action, lane.steps_left);
  }
}

void Exploration::check_loaded(std::size_t num_actions) const {
  for (const Lane& lane : lanes_) {
    check_saved(lane.action >= 0 && static_cast<std::size_t>(lane.action) < num_actions,
                "an env explores with action " + std::to_string(lane.action));
    const auto left = static_cast<std::size_t>(lane.steps_left);
    check_saved(lane.steps_left >= 0 && left < duration_cdf_.size(),
                "an env explores for " + std::to_string(lane.steps_left) + " more steps");
  }
}

}  // namespace tern
