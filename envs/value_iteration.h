#pragma once
// Value iteration: what can be had at best from each state of a tabular env.

#include <cstddef>
#include <vector>

#include "envs/env.h"

namespace tern {

/// The optimum of a transition table.
struct TabularOptimum {
  std::vector<double> values;                      // V*(s), [S]
  std::vector<std::vector<double>> action_values;  // Q*(s, a), [S][A]
  std::vector<int> best_actions;                   // [S]; of equals the first
  int sweeps = 0;                                  // that it took
};

/// Value iteration, in place, until no value is further than `tolerance` from the optimum:
///   Q*(s, a) = sum over outcomes of p (r + gamma (1 - terminated) V*(s')),  V*(s) = max_a Q*(s, a)
/// gamma: in [0, 1]; with 1 the sweeps end when no value changes by more than `tolerance`, which they
/// do where every policy worth having ends the episode. tolerance: > 0, in units of reward.
/// Throws Error for a gamma out of range, for a table that names a state that is none, has no action or
/// a reward that is no finite number (with its state and action), and where the values do not settle.
/// Source: Sutton and Barto 2018, section 4.4; the stopping rule, Puterman 1994, section 6.3.
TabularOptimum solve_transitions(const TransitionTable& table, double gamma,
                                 double tolerance = 1e-9);

}  // namespace tern
