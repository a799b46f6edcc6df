#pragma once
// Envs whose step is arithmetic on a handful of numbers. Such an env writes its physics once, as
// a function of one lane; Env::step calls it for itself, and a batch (envs/vector/block_lanes.h) for many
// lanes side by side, in the widest vectors of the machine and with the same bits.
// Header-only and C++17.

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "envs/env.h"

namespace tern {

/// What a step of one lane gave. The flag is held as a double, for the sake of the compiler: a loop
/// whose values all have one size becomes vectors.
class LaneStep {
 public:
  LaneStep(double reward, bool terminated) : reward_(reward), ended_(terminated ? 1.0 : 0.0) {}
  double reward() const { return reward_; }
  bool terminated() const { return ended_ != 0; }
  double ended() const { return ended_; }  // 1 where terminated, else 0

 private:
  double reward_, ended_;
};

/// Base of an env `Derived` with the state `State_`: a struct of doubles and nothing else, which
/// lists them in the order of their declaration, the documented ones (EnvSpec::state_fields) first:
///
///   struct ToyState {
///     double x = 0, speed = 0;
///     template <class V> void visit(V&& v) { v(x); v(speed); }
///   };
///   class Toy final : public LaneEnv<Toy, ToyState, ToyParams> {
///    public:
///     using LaneEnv::LaneEnv;
///     using Action = std::int32_t;                 // Discrete; float: a Box of one number
///     static constexpr std::size_t kObsSize = 2;   // float32 values in an observation
///     static ToyState start(const ToyParams&, Rng&);
///     static LaneStep advance(const ToyParams&, Action, ToyState&);
///     static void observe(const ToyState&, float* obs);
///     ... spec, draw and what else it brings
///   };
///
/// `advance` and `observe` are the bodies of a loop that the compiler turns into vectors: choose
/// between doubles with ?:, don't branch, loop or keep flags; no library calls but sincos of
/// core/trig.h; no random numbers. (Whether it did: -fopt-info-vec, or `tern bench envs` with
/// TERN_SIMD=baseline and without.) Step, reset, the documented state and exact save and load come
/// from here.
template <class Derived, class State_, class Params_>
class LaneEnv : public Env {
 public:
  using State = State_;
  using Params = Params_;
  static constexpr std::size_t kStateSize = sizeof(State) / sizeof(double);
  static_assert(std::is_trivially_copyable<State>::value && sizeof(State) % sizeof(double) == 0,
                "the state of a lane is made of doubles");
  static_assert(std::is_trivially_copyable<Params>::value,
                "parameters of a lane kernel are plain numbers: texts become flags first");

  explicit LaneEnv(const Params& params) : params_(params) {}
  LaneEnv(const LaneEnv&) = delete;
  LaneEnv& operator=(const LaneEnv&) = delete;

  const Params& params() const { return params_; }

  /// From now on value k of the state lives at first[k * stride], in memory of the caller that
  /// outlives this env.
  void live_in(double* first, std::size_t stride) {
    const State kept = state();
    first_ = first;
    stride_ = stride;
    put(kept);
  }

  void reset(ResetContext& ctx, ObsRow obs) final {
    const State fresh = Derived::start(params_, ctx.rng);
    put(fresh);
    Derived::observe(fresh, obs.floats().data());
  }
  StepResult step(ActionRow action, Rng&, ObsRow obs) final {
    State next = state();
    const LaneStep result = Derived::advance(params_, first_value(action), next);
    put(next);
    Derived::observe(next, obs.floats().data());
    return {static_cast<float>(result.reward()), result.terminated(), /*truncated=*/false};
  }

  bool get_state(DoubleVec& values) const final {
    values.clear();
    const std::size_t documented = spec().state_fields.size();
    state().visit([&](double value) {
      if (values.size() < documented) values.push_back(value);
    });
    return true;
  }
  /// What is not documented (parts of the last reward) becomes 0.
  bool set_state(ConstDoubleRow values) final {
    State next;
    std::size_t k = 0;
    next.visit([&](double& value) {
      value = k < values.size() ? values[k] : 0;
      ++k;
    });
    put(next);
    return true;
  }
  void save(StateWriter& out) const final {
    state().visit([&](double value) { out.write(value); });
  }
  bool load(StateReader& in) final {
    State next;
    next.visit([&](double& value) { in.read(value); });
    put(next);
    return true;
  }

 protected:
  State state() const {
    State values;
    std::size_t k = 0;
    values.visit([&](double& value) { value = first_[stride_ * k++]; });
    return values;
  }

 private:
  void put(State values) {
    std::size_t k = 0;
    values.visit([&](double value) { first_[stride_ * k++] = value; });
  }
  static auto first_value(ActionRow action) {
    if constexpr (std::is_same<typename Derived::Action, float>::value) {
      return action[0];
    } else {
      return action.discrete();
    }
  }

  Params params_;
  double own_[kStateSize] = {};  // an env that stands alone keeps its state itself
  double* first_ = own_;
  std::size_t stride_ = 1;
};

/// Whether the env E is made this way.
template <class E, class = void>
struct HasLaneKernel : std::false_type {};
template <class E>
struct HasLaneKernel<E, std::void_t<decltype(&E::live_in), decltype(&E::advance)>>
    : std::true_type {};

}  // namespace tern
