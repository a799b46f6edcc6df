#pragma once
// Checks of hyper-parameters that agents share, and the words of their errors. Std only.

#include <cstdint>
#include <string>
#include <vector>

#include "agents/config/agent_info.h"
#include "agents/config/encoder_config.h"

namespace tern {

/// "configs/a.yaml:7: " of the last value for the first of `keys` that was given, or "".
std::string place_of(const std::vector<ParamValue>& values, const std::vector<std::string>& keys);

/// The place of one of the agent's keys if any was given, else of one of the run's.
std::string place_of(const AgentDemand& demand, const std::vector<std::string>& agent_keys,
                     const std::vector<std::string>& run_keys);

/// "128 or 256": the divisors of `total` next to `wanted`, from 2 up.
std::string divisors_near(std::int64_t total, std::int64_t wanted);

/// "Discrete", "MultiDiscrete", "Box".
std::string kind_name(const ActionSpace& space);

/// Weights decay only with adamw: an option that nobody reads is an error.
void check_weight_decay(const std::string& optimizer, double weight_decay,
                        const std::vector<ParamValue>& values);

/// Refuses `recurrent` for an agent that has no recurrent networks. agent: "dqn". reason: "has none".
void check_not_recurrent(const AgentDemand& demand, const std::string& agent,
                         const std::string& reason);

/// Convolutions fit the images of the env, if they are asked for.
void check_encoder(const AgentDemand& demand, const EncoderConfig& config);

}  // namespace tern
