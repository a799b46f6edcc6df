#pragma once
// Truncated quantile critics.

#include <cstdint>
#include <memory>

#include "agents/algorithm/agent.h"
#include "agents/sac/sac.h"
#include "agents/tqc/tqc_config.h"

namespace tern {

/// TQC (Kuznetsov et al. 2020) is SAC (agents/sac/sac.cc) with critics that give quantiles of the
/// distribution of returns, of which a target leaves out the largest: the equations of
/// agents/losses/quantile_q_closed_form.h.
SacVariant tqc_variant(const TqcConfig& config);

}  // namespace tern
