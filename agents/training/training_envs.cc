#include "agents/training/training_envs.h"

#include <cstddef>
#include <cstdint>

#include "envs/registry/registry.h"

namespace tern {

VecEnvOptions training_envs(const RunConfig& config) {
  VecEnvOptions options;
  options.watch_steps = !registry().find(config.env_id).checksum.empty();
  options.num_envs = static_cast<std::size_t>(config.run.num_envs);
  options.threads = static_cast<std::size_t>(config.run.threads);
  options.steppers = static_cast<std::size_t>(config.run.actors);
  options.seed = static_cast<std::uint64_t>(config.run.seed);
  options.level_begin = static_cast<std::uint64_t>(config.run.train_level_begin);
  options.level_end = static_cast<std::uint64_t>(config.run.train_level_end);
  return options;
}

}  // namespace tern
