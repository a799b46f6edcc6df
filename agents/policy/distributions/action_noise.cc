#include "agents/policy/distributions/action_noise.h"

#include <algorithm>

#include "core/error.h"

namespace tern {
namespace {

double share_kept(const ActionNoiseOptions& options) {
  if (options.kind == "gaussian") return 0;
  if (options.kind == "ornstein_uhlenbeck") return 1 - options.theta;
  throw Error("action noise '" + options.kind + "': expected gaussian or ornstein_uhlenbeck");
}

}  // namespace

ActionNoise::ActionNoise(const ActionNoiseOptions& options, std::uint64_t seed,
                         const std::string& stream, std::size_t num_envs, std::size_t components)
    : keep_(share_kept(options)),
      sigma_(options.sigma),
      components_(components),
      x_(num_envs * components) {
  for (std::size_t i = 0; i < num_envs; ++i) rngs_.emplace_back(seed, stream, i);
}

void ActionNoise::add(std::size_t i, Row<float> action) {
  double* x = x_.data() + i * components_;
  for (std::size_t j = 0; j < components_; ++j) {
    x[j] = keep_ * x[j] + sigma_ * rngs_[i].normal();
    action[j] = std::clamp(static_cast<float>(action[j] + x[j]), -1.0f, 1.0f);
  }
}

void ActionNoise::end_episode(std::size_t i) {
  std::fill_n(x_.data() + i * components_, components_, 0.0);
}

void ActionNoise::save(StateWriter& out) const {
  for (const Rng& rng : rngs_) out.write(rng);
  out.write(x_);
}

void ActionNoise::load(StateReader& in) {
  for (Rng& rng : rngs_) in.read(rng);
  in.read(Row<double>(x_));
}

}  // namespace tern
