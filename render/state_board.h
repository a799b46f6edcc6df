#pragma once
// The board of a tabular env: which states there are, where the agent stands in each, and the
// optimum.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/policy.h"
#include "envs/batch_views.h"
#include "envs/env_entry.h"
#include "envs/value_iteration.h"
#include "render/board_values.h"
#include "render/drawings.h"
#include "render/visit_counts.h"

namespace tern {

/// An env of its own is put into each state, seen and drawn there. The agent stands where the
/// drawing has the letter '@' of a board, or else in its last push(); a cell is one scene unit. Of
/// the states with the agent in one cell (the taxi with and without its passenger) that one is
/// shown whose drawing is nearest to the present one. Not thread-safe.
class StateBoard {
 public:
  static constexpr std::size_t kMostStates = 10'000;

  /// level: of the episode. gamma: in [0, 1], that values are discounted by. Throws Error that says
  /// why the env has no board: no transition table, a state that is not observed as one number, one
  /// that cannot be set.
  StateBoard(const EnvEntry& entry, const ParamValues& params, std::uint64_t level, double gamma);

  /// obs: the present observation, whose first number is the state; the others stay what they are
  /// in all states. policy: null for the optimum alone. A policy with memory is asked at its
  /// beginning. visits: of the board's level, those of the episodes that were shown.
  BoardValues values(const std::vector<float>& obs, const std::shared_ptr<Policy>& policy,
                     const VisitCounts& visits = {});

 private:
  /// A cell by its lower left corner, and which of states_ have the agent there.
  struct Place {
    int column = 0, row = 0;
    std::vector<std::size_t> indices;
  };
  void find_states(const TransitionTable& table);
  void draw_states();
  void think(const std::vector<float>& obs, const std::shared_ptr<Policy>& policy);
  StateThought thought_of(int state, Policy& policy);
  void put_into(int state);
  /// How many calls one of the two drawings has and the other has not; of states_ by index.
  std::size_t distance(std::size_t a, std::size_t b) const;
  /// That one of a place's states whose drawing is nearest to the present one; of equals the first.
  std::size_t nearest_in(const Place& place) const;

  std::string id_;  // the entry's
  std::uint64_t level_;
  std::unique_ptr<Env> env_;
  StepBuffers buffers_;  // one row
  double gamma_;
  TabularOptimum optimum_;
  std::vector<int> states_;                             // in which a decision may be due, ascending
  std::vector<std::vector<std::uint32_t>> pictures_;    // of states_: numbers of calls, ascending
  std::vector<Place> places_;                           // where the agent can be seen
  std::vector<StateThought> thoughts_;                  // of states_, by `policy_` with `others_`
  std::shared_ptr<Policy> policy_;
  std::vector<float> others_;  // the observation without its first number
  bool has_thoughts_ = false;
  std::size_t last_ =
      0;  // the newest present one of states_: what is shown when the episode is over
};

}  // namespace tern
