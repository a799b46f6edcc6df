// DDPG as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/ddpg/ddpg_config.h"
#include "agents/td3/td3_checks.h"

namespace tern {

AgentInfo ddpg_info() {
  return off_policy_info<DdpgConfig>(
      "ddpg", "deep deterministic policy gradients: off-policy, bounded Box actions",
      "Lillicrap et al. 2016, arXiv:1509.02971", kBoundedBox, check_deterministic_actor);
}

}  // namespace tern
