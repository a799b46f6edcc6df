#pragma once
// The state of a MinAtar game is a struct of whole numbers that lists them once, with their names
// and ranges; from that come its documented vector, exact save and load, and the checks of both.
//
//   struct State {
//     int paddle = 4;
//     template <class V> void visit(V& v) { v("paddle", paddle, 0, kLast); }
//     /// What does not fit together, or "".
//     std::string conflict() const;
//   };

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "envs/env.h"

namespace tern::minatar {

constexpr int kMaxTimer = 1'000'000'000;  // for numbers that have no other limit

namespace state_detail {

struct Names {
  template <class T>
  void operator()(const std::string& name, T&, int, int) {
    names.push_back(name);
  }
  std::vector<std::string> names = {};
};

struct Reading {
  template <class T>
  void operator()(const std::string&, T& value, int, int) {
    values.push_back(static_cast<double>(value));
  }
  DoubleVec& values;
};

struct Writing {
  template <class T>
  void operator()(const std::string&, T& value, int, int) {
    out.write(static_cast<std::int32_t>(value));
  }
  StateWriter& out;
};

/// Sets each number to what `next()` gives, after a look at it.
template <class Next>
struct Checking {
  template <class T>
  void operator()(const std::string& name, T& value, int low, int high) {
    const double given = next();
    if (given != std::floor(given) || !(given >= low && given <= high)) {
      throw Error(id + ": state field '" + name + "' is " + format_number(given) +
                      "; expected a whole number from " + std::to_string(low) + " to " +
                      std::to_string(high),
                  code);
    }
    value = static_cast<T>(given);
  }
  const std::string& id;
  ExitCode code;
  Next next;
};

template <class State, class Next>
State checked(const std::string& id, ExitCode code, const Next& next) {
  State state;
  Checking<Next> checking{id, code, next};
  state.visit(checking);
  const std::string conflict = state.conflict();
  if (!conflict.empty()) throw Error(id + ": no such state: " + conflict, code);
  return state;
}

}  // namespace state_detail

template <class State>
std::vector<std::string> state_names() {
  State state;
  state_detail::Names names;
  state.visit(names);
  return names.names;
}

template <class State>
void get_state(State state, DoubleVec& values) {
  values.clear();
  state_detail::Reading reading{values};
  state.visit(reading);
}

/// Throws Error naming the field and its value if the numbers are no state of the game.
template <class State>
State state_from(const std::string& id, DoubleRow values) {
  const std::size_t size = state_names<State>().size();
  if (values.size() != size) {
    throw Error(id + ": the state has " + std::to_string(values.size()) + " numbers; expected " +
                std::to_string(size));
  }
  std::size_t k = 0;
  return state_detail::checked<State>(id, ExitCode::kUsage, [&] { return values[k++]; });
}

template <class State>
void save_state(State state, StateWriter& out) {
  state_detail::Writing writing{out};
  state.visit(writing);
}

/// Throws Error as state_from does, as of a damaged file.
template <class State>
State load_state(const std::string& id, StateReader& in) {
  return state_detail::checked<State>(id, ExitCode::kFailure, [&] {
    std::int32_t value = 0;
    in.read(value);
    return static_cast<double>(value);
  });
}

}  // namespace tern::minatar
