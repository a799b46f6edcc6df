// Proof: closed forms, laws (Bellman's equation holds in every state of every tabular env; no policy
// does better), error texts.

#include "envs/value_iteration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/rng.h"
#include "envs/registry/registry.h"
#include "tests/error_of.h"

namespace tern {
namespace {

/// From state 0: stay for 1, or leave for 5. With probability 1 - p leaving fails for nothing.
TransitionTable stay_or_leave(double p) {
  TransitionTable table;
  table.outcomes = {{{{1, 0, 1, false}}, {{p, 1, 5, true}, {1 - p, 0, 0, false}}},
                    {{{1, 1, 0, true}}, {{1, 1, 0, true}}}};
  table.initial = {1, 0};
  return table;
}

TEST(ValueIteration, AgreesWithTheClosedForm) {
  // Staying for ever is worth 1 / (1 - gamma), leaving 5 p / (1 - gamma (1 - p)).
  for (const double gamma : {0.0, 0.5, 0.9, 0.99, 0.999}) {
    for (const double p : {1.0, 0.5}) {
      const TabularOptimum optimum = solve_transitions(stay_or_leave(p), gamma);
      const double staying = 1 / (1 - gamma), leaving = 5 * p / (1 - gamma * (1 - p));
      EXPECT_NEAR(optimum.values[0], std::max(staying, leaving), 2e-9) << gamma << " " << p;
      EXPECT_EQ(optimum.best_actions[0], leaving > staying ? 1 : 0) << gamma << " " << p;
      EXPECT_EQ(optimum.values[1], 0);
    }
  }
}

TEST(ValueIteration, StraightWaysAreWorthAPowerOfGamma) {
  TransitionTable table;
  ASSERT_TRUE(registry()
                  .find("FrozenLake-v1")
                  .make({{"slippery", "false", "test"}})
                  ->transitions(table));
  const TabularOptimum optimum = solve_transitions(table, 0.9);
  EXPECT_NEAR(optimum.values[0], std::pow(0.9, 5), 1e-9);  // six steps from the start
  EXPECT_NEAR(optimum.values[14], 1, 1e-12);               // beside the goal
  EXPECT_EQ(optimum.best_actions[14], 2);                  // right
}

TEST(ValueIteration, BellmansEquationHoldsInEveryTabularEnv) {
  int tabular = 0;
  for (const EnvEntry* entry : registry().entries()) {
    TransitionTable table;
    if (!entry->make({})->transitions(table)) continue;
    ++tabular;
    const double gamma = 0.97;
    const TabularOptimum optimum = solve_transitions(table, gamma);
    Rng rng(1, "policy");
    for (std::size_t s = 0; s < table.outcomes.size(); ++s) {
      double best = -HUGE_VAL;
      for (std::size_t a = 0; a < table.outcomes[s].size(); ++a) {
        double q = 0;
        for (const Transition& o : table.outcomes[s][a]) {
          const double next = optimum.values[static_cast<std::size_t>(o.next_state)];
          q += o.probability * (o.reward + (o.terminated ? 0 : gamma * next));
        }
        EXPECT_NEAR(q, optimum.action_values[s][a], 1e-8);
        best = std::max(best, q);
      }
      EXPECT_NEAR(optimum.values[s], best, 1e-8) << entry->spec.id << " " << s;
      EXPECT_NEAR(optimum.action_values[s][static_cast<std::size_t>(optimum.best_actions[s])],
                  optimum.values[s], 1e-8);
    }
  }
  EXPECT_GE(tabular, 4);
}

TEST(ValueIteration, SaysWhatIsWrong) {
  const auto error_of = [](const std::function<void()>& solve) {
    return tern::error_of(solve, ExitCode::kUsage);
  };
  EXPECT_EQ(error_of([] { solve_transitions(stay_or_leave(1), 1.5); }),
            "value iteration: gamma 1.5 is out of range; expected [0, 1]");
  EXPECT_EQ(error_of([] { solve_transitions(stay_or_leave(1), std::nan("")); }),
            "value iteration: gamma nan is out of range; expected [0, 1]");
  EXPECT_NE(error_of([] { solve_transitions(stay_or_leave(1), 1); }).find("rewards without end"),
            std::string::npos);
  TransitionTable table = stay_or_leave(1);
  table.outcomes[0][1][0].next_state = 2;
  EXPECT_EQ(error_of([&] { solve_transitions(table, 0.9); }),
            "transition table: state 0, action 1 leads to state 2, which is none of the 2");
  table = stay_or_leave(1);
  table.outcomes[1][0][0].reward = HUGE_VAL;
  EXPECT_EQ(error_of([&] { solve_transitions(table, 0.9); }),
            "transition table: state 1, action 0 has a reward or a probability that is no finite "
            "number");
  table.outcomes[1].clear();
  EXPECT_EQ(error_of([&] { solve_transitions(table, 0.9); }),
            "transition table: state 1 has no action");
  EXPECT_TRUE(solve_transitions({}, 0.9).values.empty());
}

}  // namespace
}  // namespace tern
