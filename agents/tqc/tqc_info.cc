// TQC as the catalogue knows it: hyper-parameters, defaults and what it demands of a run.

#include <string>

#include "agents/config/agent_checks.h"
#include "agents/sac/sac_checks.h"
#include "agents/tqc/tqc_config.h"
#include "core/error.h"

namespace tern {
namespace {

void check_tqc(const AgentDemand& demand, const TqcConfig& config) {
  if (config.dropped_quantiles >= config.quantiles) {
    throw Error(place_of(demand.agent_values, {"dropped_quantiles", "quantiles"}) +
                "agent.dropped_quantiles: " + std::to_string(config.dropped_quantiles) +
                " leaves none of agent.quantiles: " + std::to_string(config.quantiles) +
                "; expected less than that");
  }
  check_soft_actor(demand, config);
}

}  // namespace

AgentInfo tqc_info() {
  return off_policy_info<TqcConfig>(
      "tqc", "truncated quantile critics: SAC that learns distributions, bounded Box actions",
      "Kuznetsov et al. 2020, arXiv:2005.04269", kBoundedBox, check_tqc);
}

}  // namespace tern
