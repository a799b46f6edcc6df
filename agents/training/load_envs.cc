#include "agents/training/load_envs.h"

#include <cstddef>
#include <vector>

namespace tern {

std::string load_envs(VecEnv& envs, Agent& agent, StateReader& in, bool has_changed) {
  if (!has_changed) {
    envs.load(in);
    return "";
  }
  const std::vector<RefusedState> refused = envs.load_into_changed(in);
  if (refused.empty()) return "";
  std::vector<std::size_t> which;
  for (const RefusedState& state : refused) which.push_back(state.env);
  agent.restart_episodes(envs, which);
  return envs.spec().id + " refuses what it saved at step " + std::to_string(agent.step()) + " (" +
         refused[0].reason + "): the episodes of " + std::to_string(which.size()) + " of " +
         std::to_string(envs.num_envs()) + " envs begin anew";
}

}  // namespace tern
