#pragma once
// Deep Q-learning.

#include <cstdint>
#include <memory>

#include "agents/algorithm/agent.h"
#include "agents/dqn/dqn_config.h"
#include "agents/kernels/optimizer.h"
#include "agents/losses/q_learning_closed_form.h"
#include "agents/losses/quantile_td_closed_form.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Stores one step as it was: ReplayBuffer::add.
inline void store_step(ReplayBuffer& replay, const ObsRows& obs, const MaskRows& mask,
                       const ActionRows& actions, const StepBatch& result) {
  replay.add(obs, mask, actions, result);
}

/// The equations that DQN is made of. A test puts a wrong one in place of a right one and sees the
/// learning tests fail. The loss is called for chunks of a batch, on several threads at once.
struct DqnEquations {
  decltype(&q_learning_target_closed_form) target = q_learning_target_closed_form;
  decltype(&double_q_target_closed_form) double_target = double_q_target_closed_form;
  decltype(&huber_td_closed_form) loss = huber_td_closed_form;
  decltype(&quantile_td_target_closed_form) quantile_target = quantile_td_target_closed_form;
  decltype(&quantile_huber_td_closed_form) quantile_loss = quantile_huber_td_closed_form;
  decltype(&polyak_average) update_target = polyak_average;
  decltype(&store_step) store = store_step;
};

/// Deep Q-learning with experience replay and a target network (Mnih et al. 2015), for Discrete
/// actions. docs/algorithms/dqn.md explains each numbered detail. seed: of the run; all streams
/// derive from it. Throws Error for other action spaces and for options that do not fit each other.
std::unique_ptr<Agent> make_dqn(const DqnConfig& config, const EnvSpec& spec, std::size_t num_envs,
                                std::uint64_t seed, const DqnEquations& equations = {});

}  // namespace tern
