#pragma once
// The state of a game as a struct of numbers, whole or real, that lists them once with their names
// and ranges; from that come its documented vector, exact save and load, and the checks of both.
//
//   struct State {
//     int height = 200;
//     double speed = 0;
//     template <class V> void visit(V& v) {
//       v("height", height, 12, 392);
//       v("speed", speed, -9, 9);
//     }
//   };
//
// What no range can say (two numbers that do not fit together) says a function given to the checks:
// it returns what is wrong with a State, or "".

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "envs/env.h"

namespace tern::number_state {

namespace detail {

struct Names {
  template <class T>
  void operator()(const std::string& name, T&, double, double) {
    names.push_back(name);
  }
  std::vector<std::string> names = {};
};

struct Reading {
  template <class T>
  void operator()(const std::string&, T& value, double, double) {
    values.push_back(static_cast<double>(value));
  }
  DoubleVec& values;
};

/// Sets each number to what `next()` gives, after a look at it.
template <class Next>
struct Checking {
  template <class T>
  void operator()(const std::string& name, T& value, double low, double high) {
    constexpr bool kIsWhole = std::is_integral<T>::value;
    const double given = next();
    if (!(given >= low && given <= high) || (kIsWhole && given != std::floor(given))) {
      throw Error(id + ": state field '" + name + "' is " + format_number(given) + "; expected a " +
                      (kIsWhole ? "whole " : "") + "number from " + format_number(low) + " to " +
                      format_number(high),
                  code);
    }
    value = static_cast<T>(given);
  }
  const std::string& id;
  ExitCode code;
  Next next;
};

template <class State, class Next, class Conflict>
State checked(const std::string& id, ExitCode code, const Next& next, const Conflict& conflict) {
  State state;
  Checking<Next> checking{id, code, next};
  state.visit(checking);
  const std::string wrong = conflict(state);
  if (!wrong.empty()) throw Error(id + ": no such state: " + wrong, code);
  return state;
}

}  // namespace detail

template <class State>
std::vector<std::string> names() {
  State state;
  detail::Names names;
  state.visit(names);
  return names.names;
}

template <class State>
void get(State state, DoubleVec& values) {
  values.clear();
  detail::Reading reading{values};
  state.visit(reading);
}

/// Throws Error naming the field and its value if the numbers are no state of the game.
template <class State, class Conflict>
State from(const std::string& id, DoubleRow values, const Conflict& conflict) {
  const std::size_t size = names<State>().size();
  if (values.size() != size) {
    throw Error(id + ": the state has " + std::to_string(values.size()) + " numbers; expected " +
                std::to_string(size));
  }
  std::size_t k = 0;
  return detail::checked<State>(
      id, ExitCode::kUsage, [&] { return values[k++]; }, conflict);
}

template <class State>
void save(const State& state, StateWriter& out) {
  DoubleVec values;
  get(state, values);
  for (const double value : values) out.write(value);
}

/// Throws Error as `from` does, as of a damaged file.
template <class State, class Conflict>
State load(const std::string& id, StateReader& in, const Conflict& conflict) {
  const auto next = [&] {
    double value = 0;
    in.read(value);
    return value;
  };
  return detail::checked<State>(id, ExitCode::kFailure, next, conflict);
}

}  // namespace tern::number_state
