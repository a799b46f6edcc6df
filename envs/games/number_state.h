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
// What no range can say (two numbers that do not fit together) says NumberStateEnv::conflict, or a
// function given to the checks: it returns what is wrong with a State, or "".

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
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

template <class T>
std::string text(double value) {
  return std::is_integral<T>::value ? std::to_string(static_cast<std::int64_t>(value))
                                    : format_number(value);
}

struct Reading {
  template <class T>
  void operator()(const std::string&, T& value, double, double) {
    values.push_back(static_cast<double>(value));
  }
  DoubleVec& values;
};

/// Whole numbers take 4 bytes, others 8.
template <class T>
using Stored = std::conditional_t<std::is_integral<T>::value, std::int32_t, double>;

struct Writing {
  template <class T>
  void operator()(const std::string&, T& value, double, double) {
    out.write(static_cast<Stored<T>>(value));
  }
  StateWriter& out;
};

/// Sets each number to what `next(Stored<T>())` gives, after a look at it.
template <class Next>
struct Checking {
  template <class T>
  void operator()(const std::string& name, T& value, double low, double high) {
    constexpr bool kIsWhole = std::is_integral<T>::value;
    const auto given = static_cast<double>(next(Stored<T>()));
    if (!(given >= low && given <= high) || (kIsWhole && given != std::floor(given))) {
      throw Error(id + ": state field '" + name + "' is " + format_number(given) + "; expected a " +
                      (kIsWhole ? "whole " : "") + "number from " + text<T>(low) + " to " +
                      text<T>(high),
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
State from(const std::string& id, ConstDoubleRow values, const Conflict& conflict) {
  const std::size_t size = names<State>().size();
  if (values.size() != size) {
    throw Error(id + ": the state has " + std::to_string(values.size()) + " numbers; expected " +
                std::to_string(size));
  }
  std::size_t k = 0;
  return detail::checked<State>(
      id, ExitCode::kUsage, [&](auto) { return values[k++]; }, conflict);
}

template <class State>
void save(State state, StateWriter& out) {
  detail::Writing writing{out};
  state.visit(writing);
}

/// Throws Error as `from` does, as of a damaged file.
template <class State, class Conflict>
State load(const std::string& id, StateReader& in, const Conflict& conflict) {
  const auto next = [&](auto value) {
    in.read(value);
    return value;
  };
  return detail::checked<State>(id, ExitCode::kFailure, next, conflict);
}

/// An env whose whole state is such a struct (and, where it says so, a stream of its own).
template <class State>
class NumberStateEnv : public Env {
 public:
  /// With state_fields, which are then names<State>(), the state is documented.
  explicit NumberStateEnv(EnvSpec spec) : spec_(std::move(spec)) {}

  const EnvSpec& spec() const final { return spec_; }
  bool get_state(DoubleVec& values) const final {
    if (spec_.state_fields.empty()) return false;
    get(state_, values);
    return true;
  }
  bool set_state(ConstDoubleRow values) final {
    if (spec_.state_fields.empty()) return false;
    state_ = from<State>(spec_.id, values, [this](const State& s) { return conflict(s); });
    on_restored();
    return true;
  }
  void save(StateWriter& out) const override { number_state::save(state_, out); }
  bool load(StateReader& in) override {
    state_ = number_state::load<State>(spec_.id, in, [this](const State& s) { return conflict(s); });
    on_restored();
    return true;
  }

 protected:
  /// What does not fit together in a state, or "". By default what the State says itself.
  virtual std::string conflict([[maybe_unused]] const State& state) const {
    if constexpr (requires { state.conflict(); }) return state.conflict();
    return "";
  }
  /// After a state was set or loaded.
  virtual void on_restored() {}

  EnvSpec spec_;
  State state_;
};

}  // namespace tern::number_state
