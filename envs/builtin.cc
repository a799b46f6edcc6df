// The table of built-in worlds. Each world's file defines the function named here.

#include "envs/registry.h"

namespace tern {

void add_acrobot(EnvRegistry& registry);
void add_cartpole(EnvRegistry& registry);
void add_mountain_car(EnvRegistry& registry);
void add_mountain_car_continuous(EnvRegistry& registry);
void add_pendulum(EnvRegistry& registry);
void add_catch(EnvRegistry& registry);
void add_frozen_lake(EnvRegistry& registry);
void add_probe_action(EnvRegistry& registry);
void add_probe_continuous(EnvRegistry& registry);
void add_probe_discount(EnvRegistry& registry);
void add_probe_mask(EnvRegistry& registry);
void add_probe_observation(EnvRegistry& registry);
void add_probe_observation_action(EnvRegistry& registry);
void add_probe_one_step(EnvRegistry& registry);
void add_probe_truncation(EnvRegistry& registry);

void add_builtin_envs(EnvRegistry& registry) {
  // Control
  add_acrobot(registry);
  add_cartpole(registry);
  add_mountain_car(registry);
  add_mountain_car_continuous(registry);
  add_pendulum(registry);
  // Grid
  add_catch(registry);
  add_frozen_lake(registry);
  // Probes: problems whose answer is known, to test agents with
  add_probe_action(registry);
  add_probe_continuous(registry);
  add_probe_discount(registry);
  add_probe_mask(registry);
  add_probe_observation(registry);
  add_probe_observation_action(registry);
  add_probe_one_step(registry);
  add_probe_truncation(registry);
}

}  // namespace tern
