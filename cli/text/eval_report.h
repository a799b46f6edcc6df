#pragma once
// The result of an evaluation, as `tern eval` and `tern train` print it.

#include <string>

#include "agents/api.h"
#include "core/files/json.h"
#include "core/params.h"

namespace tern::cli {

/// {"run", "env", "step", "episodes", "mean", "std", "returns", "lengths", "cut"}; cut: how many
/// episodes were ended by no rule but at envs/episode_limit.h. "player_returns", a list for each
/// episode, comes where several players take turns; "metrics", means over the episodes, where the
/// env reports some.
inline Json eval_json(const EvalResult& result) {
  Json document = {{"run", result.run},         {"env", result.env},
          {"step", result.step},       {"episodes", result.returns.size()},
          {"mean", result.mean},       {"std", result.std},
          {"returns", result.returns}, {"lengths", result.lengths},
          {"cut", result.cut}};
  if (!result.player_returns.empty()) document["player_returns"] = result.player_returns;
  for (const Metric& metric : result.metrics) document["metrics"][metric.name] = metric.value;
  return document;
}

/// "mean return 487.3 +- 31.2 over 100 episodes", and what is unusual about them: "; 3 of 100 were
/// cut after 100000 steps (CliffWalking-v1 has no time limit)".
std::string eval_text(const EvalResult& result);

/// "success 0.93, turns 12.5", means over the episodes; "" if the env reports none.
std::string metrics_text(const EvalResult& result);

}  // namespace tern::cli
