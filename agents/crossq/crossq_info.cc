// CrossQ as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include "agents/config/agent_checks.h"
#include "agents/crossq/crossq_config.h"
#include "core/error.h"

namespace tern {
namespace {

/// What does not go with normalisation by the moments of a batch, or with an option that is not
/// read.
void check_batch_norm(const std::vector<ParamValue>& values, const CrossqConfig& config) {
  if (config.layer_norm) {
    throw Error(
        place_of(values, {"layer_norm"}) +
        "agent.layer_norm: crossq normalises its layers over the batch, and a layer has one norm; "
        "expected false (sac and td3 take layer_norm)");
  }
  if (config.replay.batch_size < 2) {
    throw Error(
        place_of(values, {"batch_size"}) +
        "agent.batch_size: 1 has no deviation for crossq to normalise by; expected at least 2");
  }
  if (config.optimizer == "rmsprop" && config.adam_beta1 != CrossqConfig().adam_beta1) {
    throw Error(
        place_of(values, {"adam_beta1"}) +
        "agent.adam_beta1: agent.optimizer rmsprop has none; leave it out, or use adam or adamw");
  }
}

void check_crossq(const AgentDemand& demand, const CrossqConfig& config) {
  check_batch_norm(demand.agent_values, config);
  check_weight_decay(config.optimizer, config.weight_decay, demand.agent_values);
  check_encoder(demand, config.encoder);
  check_off_policy(demand, config.replay);
}

}  // namespace

AgentInfo crossq_info() {
  return off_policy_info<CrossqConfig>(
      "crossq", "SAC with batch-normalised networks and no target network, bounded Box actions",
      "Bhatt et al. 2024, arXiv:1902.05605", kBoundedBox, check_crossq);
}

}  // namespace tern
