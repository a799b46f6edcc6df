// The table of built-in envs. Each env's file is a namespace with the function named here.

#include "envs/registry/registry.h"

namespace tern {

// clang-format off
namespace acrobot { void add(EnvRegistry& registry); }
namespace cartpole { void add(EnvRegistry& registry); }
namespace mountain_car { void add(EnvRegistry& registry); }
namespace mountain_car_continuous { void add(EnvRegistry& registry); }
namespace pendulum { void add(EnvRegistry& registry); }
namespace catch_game { void add(EnvRegistry& registry); }
namespace deep_sea { void add(EnvRegistry& registry); }
namespace memory_chain { void add(EnvRegistry& registry); }
namespace bit_flip { void add(EnvRegistry& registry); }
namespace bandit { void add(EnvRegistry& registry); }
namespace frozen_lake { void add(EnvRegistry& registry); }
namespace cliff_walking { void add(EnvRegistry& registry); }
namespace taxi { void add(EnvRegistry& registry); }
namespace blackjack { void add(EnvRegistry& registry); }
namespace minigrid::empty_room { void add(EnvRegistry& registry); }
namespace minigrid::door_key { void add(EnvRegistry& registry); }
namespace minigrid::four_rooms { void add(EnvRegistry& registry); }
namespace minigrid::multi_room { void add(EnvRegistry& registry); }
namespace minigrid::key_corridor { void add(EnvRegistry& registry); }
namespace minigrid::crossing { void add(EnvRegistry& registry); }
namespace minigrid::dynamic_obstacles { void add(EnvRegistry& registry); }
namespace minigrid::memory { void add(EnvRegistry& registry); }
namespace lunar_lander { void add(EnvRegistry& registry); }
namespace bipedal_walker { void add(EnvRegistry& registry); }
namespace car_racing { void add(EnvRegistry& registry); }
namespace minatar::asterix { void add(EnvRegistry& registry); }
namespace minatar::breakout { void add(EnvRegistry& registry); }
namespace minatar::freeway { void add(EnvRegistry& registry); }
namespace minatar::seaquest { void add(EnvRegistry& registry); }
namespace minatar::space_invaders { void add(EnvRegistry& registry); }
namespace snake { void add(EnvRegistry& registry); }
namespace game_2048 { void add(EnvRegistry& registry); }
namespace tetris { void add(EnvRegistry& registry); }
namespace connect_four { void add(EnvRegistry& registry); }
namespace flappy_bird { void add(EnvRegistry& registry); }
namespace pong { void add(EnvRegistry& registry); }
namespace probe_action { void add(EnvRegistry& registry); }
namespace probe_continuous { void add(EnvRegistry& registry); }
namespace probe_continuous_two_step { void add(EnvRegistry& registry); }
namespace probe_discount { void add(EnvRegistry& registry); }
namespace probe_entropy { void add(EnvRegistry& registry); }
namespace probe_mask { void add(EnvRegistry& registry); }
namespace probe_noisy_reward { void add(EnvRegistry& registry); }
namespace probe_observation { void add(EnvRegistry& registry); }
namespace probe_observation_action { void add(EnvRegistry& registry); }
namespace probe_one_step { void add(EnvRegistry& registry); }
namespace probe_truncation { void add(EnvRegistry& registry); }
// clang-format on

void add_builtin_envs(EnvRegistry& registry) {
  // Control
  acrobot::add(registry);
  cartpole::add(registry);
  mountain_car::add(registry);
  mountain_car_continuous::add(registry);
  pendulum::add(registry);
  // Grid
  catch_game::add(registry);
  deep_sea::add(registry);
  memory_chain::add(registry);
  bit_flip::add(registry);
  bandit::add(registry);
  frozen_lake::add(registry);
  cliff_walking::add(registry);
  taxi::add(registry);
  blackjack::add(registry);
  minigrid::empty_room::add(registry);
  minigrid::door_key::add(registry);
  minigrid::four_rooms::add(registry);
  minigrid::multi_room::add(registry);
  minigrid::key_corridor::add(registry);
  minigrid::crossing::add(registry);
  minigrid::dynamic_obstacles::add(registry);
  minigrid::memory::add(registry);
  // Physics
  lunar_lander::add(registry);
  bipedal_walker::add(registry);
  car_racing::add(registry);
  // Games: MinAtar's five
  minatar::asterix::add(registry);
  minatar::breakout::add(registry);
  minatar::freeway::add(registry);
  minatar::seaquest::add(registry);
  minatar::space_invaders::add(registry);
  // Games
  snake::add(registry);
  game_2048::add(registry);
  tetris::add(registry);
  connect_four::add(registry);
  flappy_bird::add(registry);
  pong::add(registry);
  // Probes: problems whose answer is known, to test agents with
  probe_action::add(registry);
  probe_continuous::add(registry);
  probe_continuous_two_step::add(registry);
  probe_discount::add(registry);
  probe_entropy::add(registry);
  probe_mask::add(registry);
  probe_noisy_reward::add(registry);
  probe_observation::add(registry);
  probe_observation_action::add(registry);
  probe_one_step::add(registry);
  probe_truncation::add(registry);
}

}  // namespace tern
