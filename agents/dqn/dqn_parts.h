#pragma once
// The equations that DQN is put together from, so that a test can break one of them and see that
// its checks notice. Not a setting: everybody else takes them as they are.

#include <memory>

#include "agents/agent.h"
#include "agents/dqn/dqn_config.h"
#include "agents/losses/q_learning.h"
#include "agents/nn/adam.h"
#include "replay/replay_buffer.h"

namespace tern {

struct DqnParts {
  decltype(&tern::q_learning_target) q_learning_target = &tern::q_learning_target;
  decltype(&tern::double_q_target) double_q_target = &tern::double_q_target;
  decltype(&tern::huber_td_loss) huber_td_loss = &tern::huber_td_loss;
  decltype(&tern::polyak_update) polyak_update = &tern::polyak_update;
  void (*store)(ReplayBuffer&, const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
                const StepBatch& result) =
      [](ReplayBuffer& replay, const ObsRows& obs, const MaskRows& mask, const ActionRows& actions,
         const StepBatch& result) { replay.add(obs, mask, actions, result); };
};

std::unique_ptr<Agent> make_dqn_from(const DqnParts& parts, const DqnConfig& config,
                                     const EnvSpec& spec, std::size_t num_envs,
                                     std::uint64_t seed);

}  // namespace tern
