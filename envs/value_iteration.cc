#include "envs/value_iteration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/number_text.h"

namespace tern {
namespace {

constexpr int kMostSweeps = 1'000'000;

void check_gamma(double gamma) {
  if (gamma >= 0 && gamma <= 1) return;
  throw Error("value iteration: gamma " + format_number(gamma) + " is out of range; expected [0, 1]");
}

void check_table(const TransitionTable& table) {
  const std::size_t n = table.outcomes.size();
  for (std::size_t s = 0; s < n; ++s) {
    const std::string state = "transition table: state " + std::to_string(s);
    if (table.outcomes[s].empty()) throw Error(state + " has no action");
    for (std::size_t a = 0; a < table.outcomes[s].size(); ++a) {
      const std::string place = state + ", action " + std::to_string(a);
      for (const Transition& outcome : table.outcomes[s][a]) {
        if (outcome.next_state < 0 || static_cast<std::size_t>(outcome.next_state) >= n) {
          throw Error(place + " leads to state " + std::to_string(outcome.next_state) +
                      ", which is none of the " + std::to_string(n));
        }
        if (!std::isfinite(outcome.reward) || !std::isfinite(outcome.probability)) {
          throw Error(place + " has a reward or a probability that is no finite number");
        }
      }
    }
  }
}

double action_value(const std::vector<Transition>& outcomes, const std::vector<double>& values,
                    double gamma) {
  double q = 0;
  for (const Transition& outcome : outcomes) {
    const double next =
        outcome.terminated ? 0 : values[static_cast<std::size_t>(outcome.next_state)];
    q += outcome.probability * (outcome.reward + gamma * next);
  }
  return q;
}

/// One sweep in place; the largest change of a value.
double sweep(const TransitionTable& table, double gamma, std::vector<double>& values) {
  double change = 0;
  for (std::size_t s = 0; s < values.size(); ++s) {
    double best = -std::numeric_limits<double>::infinity();
    for (const std::vector<Transition>& outcomes : table.outcomes[s]) {
      best = std::max(best, action_value(outcomes, values, gamma));
    }
    change = std::max(change, std::fabs(best - values[s]));
    values[s] = best;
  }
  return change;
}

/// The first of those that differ from the best by rounding alone.
int first_best(const std::vector<double>& action_values) {
  const double best = *std::max_element(action_values.begin(), action_values.end());
  const double rounding = 1e-12 * std::max(1.0, std::fabs(best));
  const auto first = std::find_if(action_values.begin(), action_values.end(),
                                  [&](double q) { return q >= best - rounding; });
  return static_cast<int>(first - action_values.begin());
}

}  // namespace

TabularOptimum solve_transitions(const TransitionTable& table, double gamma, double tolerance) {
  check_gamma(gamma);
  check_table(table);
  TabularOptimum optimum;
  std::vector<double>& values = optimum.values;
  values.assign(table.outcomes.size(), 0);
  // After a change of c no value is further than c gamma / (1 - gamma) from the optimum.
  const double factor = gamma < 1 ? gamma / (1 - gamma) : 1;
  for (double bound = HUGE_VAL; bound > tolerance; ++optimum.sweeps) {
    const double change = sweep(table, gamma, values);
    bound = change * factor;
    const auto largest = std::max_element(values.begin(), values.end(), [](double a, double b) {
      return std::fabs(a) < std::fabs(b);
    });
    const double rounding = values.empty() ? 0 : 4e-16 * std::fabs(*largest);
    if (change <= rounding) break;  // as close as doubles come
    if (optimum.sweeps == kMostSweeps) {
      throw Error("value iteration: with gamma " + format_number(gamma) +
                  " the values still change after " + std::to_string(kMostSweeps) +
                  " sweeps: there are rewards without end; expected a smaller gamma");
    }
  }
  for (std::size_t s = 0; s < values.size(); ++s) {
    std::vector<double>& all = optimum.action_values.emplace_back();
    for (const std::vector<Transition>& outcomes : table.outcomes[s]) {
      all.push_back(action_value(outcomes, values, gamma));
    }
    optimum.best_actions.push_back(first_best(all));
  }
  return optimum;
}

}  // namespace tern
