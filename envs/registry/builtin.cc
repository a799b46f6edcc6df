// The table of built-in envs. Each env's file defines the function named here.

#include "envs/registry/registry.h"

namespace tern {

void add_acrobot(EnvRegistry& registry);
void add_cartpole(EnvRegistry& registry);
void add_mountain_car(EnvRegistry& registry);
void add_mountain_car_continuous(EnvRegistry& registry);
void add_pendulum(EnvRegistry& registry);
void add_catch(EnvRegistry& registry);
void add_deep_sea(EnvRegistry& registry);
void add_memory_chain(EnvRegistry& registry);
void add_bit_flip(EnvRegistry& registry);
void add_bandit(EnvRegistry& registry);
void add_frozen_lake(EnvRegistry& registry);
void add_cliff_walking(EnvRegistry& registry);
void add_taxi(EnvRegistry& registry);
void add_blackjack(EnvRegistry& registry);
void add_minigrid_empty(EnvRegistry& registry);
void add_minigrid_door_key(EnvRegistry& registry);
void add_minigrid_four_rooms(EnvRegistry& registry);
void add_minigrid_multi_room(EnvRegistry& registry);
void add_minigrid_key_corridor(EnvRegistry& registry);
void add_minigrid_crossing(EnvRegistry& registry);
void add_minigrid_dynamic_obstacles(EnvRegistry& registry);
void add_minigrid_memory(EnvRegistry& registry);
void add_lunar_lander(EnvRegistry& registry);
void add_bipedal_walker(EnvRegistry& registry);
void add_car_racing(EnvRegistry& registry);
void add_minatar_asterix(EnvRegistry& registry);
void add_minatar_breakout(EnvRegistry& registry);
void add_minatar_freeway(EnvRegistry& registry);
void add_minatar_seaquest(EnvRegistry& registry);
void add_minatar_space_invaders(EnvRegistry& registry);
void add_snake(EnvRegistry& registry);
void add_game_2048(EnvRegistry& registry);
void add_tetris(EnvRegistry& registry);
void add_connect_four(EnvRegistry& registry);
void add_flappy_bird(EnvRegistry& registry);
void add_pong(EnvRegistry& registry);
void add_probe_action(EnvRegistry& registry);
void add_probe_continuous(EnvRegistry& registry);
void add_probe_continuous_two_step(EnvRegistry& registry);
void add_probe_discount(EnvRegistry& registry);
void add_probe_entropy(EnvRegistry& registry);
void add_probe_mask(EnvRegistry& registry);
void add_probe_noisy_reward(EnvRegistry& registry);
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
  add_deep_sea(registry);
  add_memory_chain(registry);
  add_bit_flip(registry);
  add_bandit(registry);
  add_frozen_lake(registry);
  add_cliff_walking(registry);
  add_taxi(registry);
  add_blackjack(registry);
  add_minigrid_empty(registry);
  add_minigrid_door_key(registry);
  add_minigrid_four_rooms(registry);
  add_minigrid_multi_room(registry);
  add_minigrid_key_corridor(registry);
  add_minigrid_crossing(registry);
  add_minigrid_dynamic_obstacles(registry);
  add_minigrid_memory(registry);
  // Physics
  add_lunar_lander(registry);
  add_bipedal_walker(registry);
  add_car_racing(registry);
  // Games: MinAtar's five
  add_minatar_asterix(registry);
  add_minatar_breakout(registry);
  add_minatar_freeway(registry);
  add_minatar_seaquest(registry);
  add_minatar_space_invaders(registry);
  // Games
  add_snake(registry);
  add_game_2048(registry);
  add_tetris(registry);
  add_connect_four(registry);
  add_flappy_bird(registry);
  add_pong(registry);
  // Probes: problems whose answer is known, to test agents with
  add_probe_action(registry);
  add_probe_continuous(registry);
  add_probe_continuous_two_step(registry);
  add_probe_discount(registry);
  add_probe_entropy(registry);
  add_probe_mask(registry);
  add_probe_noisy_reward(registry);
  add_probe_observation(registry);
  add_probe_observation_action(registry);
  add_probe_one_step(registry);
  add_probe_truncation(registry);
}

}  // namespace tern
