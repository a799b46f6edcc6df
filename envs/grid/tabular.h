#pragma once
// The one model of a tabular env, which its step() samples and its transitions() lists.

#include <array>
#include <cstddef>
#include <vector>

#include "envs/env.h"

namespace tern {

/// What an action may lead to: one outcome, or three where the ground is slippery.
struct Outcomes {
  std::array<Transition, 3> items;
  int count = 0;
};

/// One of the outcomes, as often as its probability says; draws only where there are several.
inline const Transition& sample(const Outcomes& outcomes, Rng& rng) {
  int chosen = 0;
  if (outcomes.count > 1) {
    double rest = rng.uniform();
    while (chosen + 1 < outcomes.count &&
           rest >= outcomes.items[static_cast<std::size_t>(chosen)].probability) {
      rest -= outcomes.items[static_cast<std::size_t>(chosen)].probability;
      ++chosen;
    }
  }
  return outcomes.items[static_cast<std::size_t>(chosen)];
}

/// Fills in `table.outcomes` from `outcomes_of(state, action)`; all start probabilities are 0.
template <class OutcomesOf>
void list_outcomes(int num_states, int num_actions, const OutcomesOf& outcomes_of,
                   TransitionTable& table) {
  const auto n = static_cast<std::size_t>(num_states), m = static_cast<std::size_t>(num_actions);
  table.outcomes.assign(n, std::vector<std::vector<Transition>>(m));
  table.initial.assign(n, 0);
  for (int state = 0; state < num_states; ++state) {
    for (int action = 0; action < num_actions; ++action) {
      const Outcomes outcomes = outcomes_of(state, action);
      table.outcomes[static_cast<std::size_t>(state)][static_cast<std::size_t>(action)].assign(
          outcomes.items.begin(), outcomes.items.begin() + outcomes.count);
    }
  }
}

}  // namespace tern
