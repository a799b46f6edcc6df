#pragma once
// The oracle of tabular envs: what can be had from each state.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "envs/env.h"

namespace tern {

/// Optimal values and a policy, by iterating Bellman's equation over the table until nothing
/// changes. gamma = 1 where every state can end the episode.
inline std::vector<double> optimal_values(const TransitionTable& table, double gamma,
                                          std::vector<int>& best_action) {
  std::vector<double> values(table.outcomes.size());
  best_action.assign(values.size(), 0);
  for (double change = 1; change > 1e-13;) {
    change = 0;
    for (std::size_t s = 0; s < values.size(); ++s) {
      double best = -std::numeric_limits<double>::infinity();
      for (std::size_t a = 0; a < table.outcomes[s].size(); ++a) {
        double q = 0;
        for (const Transition& o : table.outcomes[s][a]) {
          const double next = values[static_cast<std::size_t>(o.next_state)];
          q += o.probability * (o.reward + (o.terminated ? 0 : gamma * next));
        }
        if (q > best + 1e-15) {
          best = q;
          best_action[s] = static_cast<int>(a);
        }
      }
      change = std::max(change, std::fabs(best - values[s]));
      values[s] = best;
    }
  }
  return values;
}

}  // namespace tern
