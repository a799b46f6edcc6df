#pragma once
// Twin delayed deep deterministic policy gradients.

#include <cstdint>
#include <memory>
#include <string>

#include "agents/algorithm/agent.h"
#include "agents/kernels/optimizer.h"
#include "agents/losses/continuous_q_closed_form.h"
#include "agents/policy/continuous_policy.h"
#include "agents/td3/td3_config.h"

namespace tern {

/// The equations that TD3 is made of. A test puts a wrong one in place of a right one and sees the
/// learning tests fail. Losses are called for chunks of a batch, on several threads at once.
struct Td3Equations {
  decltype(&min_q_target_closed_form) target = min_q_target_closed_form;
  decltype(&critic_error_closed_form) critic_error = critic_error_closed_form;
  decltype(&first_q_ascent_closed_form) ascent = first_q_ascent_closed_form;
  decltype(&smooth_target_actions) smooth = smooth_target_actions;
  decltype(&polyak_average) update_target = polyak_average;
};

/// What the policy is made of. agent: "td3". Throws Error if the encoder does not fit the observations.
ContinuousPolicyOptions td3_policy_options(const std::string& agent, const Td3Config& config,
                                           const EnvSpec& spec);

/// TD3 (Fujimoto et al. 2018), for Box actions with both bounds; with one critic, no delay and no
/// target noise it is DDPG (Lillicrap et al. 2016). docs/algorithms/td3.md explains each numbered
/// detail. agent: "td3", the name of random streams and errors. seed: of the run; all streams derive
/// from it. Throws Error for other action spaces and for options that do not fit each other.
std::unique_ptr<Agent> make_td3(const std::string& agent, const Td3Config& config,
                                const EnvSpec& spec, std::size_t num_envs, std::uint64_t seed,
                                const Td3Equations& equations = {});

}  // namespace tern
