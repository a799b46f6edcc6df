#pragma once
// What a policy thinks in the cells of a tabular env, beside what can be had at best. Plain values.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/canvas.h"

namespace tern {

/// What is drawn into the cells.
enum class BoardView : std::uint8_t { kNothing, kPolicy, kOptimum, kDifference, kVisits };

/// One state and what is thought of it. Values are discounted returns.
struct StateThought {
  int state = 0;                // index in the transition table
  double optimum = 0;           // V*(s)
  int best_action = 0;          // of the optimum
  std::optional<double> value;  // of the policy: V(s), or the best Q(s, a)
  std::optional<int> action;    // that it takes at its most likely
  bool is_action_best = false;  // no other has a higher Q*(s, a)
};

/// A cell of the board, in scene units, with the state that the agent would be in there.
struct BoardCell {
  Rectangle at;
  StateThought thought;
  std::int64_t visits = 0;  // of the cell, in whatever state
};

struct BoardValues {
  double gamma = 1;
  std::vector<BoardCell> cells;
  std::optional<StateThought> here;  // of the present state, unless the episode is over
  std::int64_t visits_here = 0;      // of that state
  std::int64_t num_visits = 0;       // of all states in which a decision was due
  // Over all states in which an episode can be:
  std::size_t num_states = 0;
  std::size_t num_best_actions = 0;          // where the policy's action is one of the best
  std::optional<double> largest_difference;  // |V(s) - V*(s)|
  int state_of_largest = 0;
};

}  // namespace tern
