#pragma once
// Saves and loads an agent by one list of its members, so that the two cannot differ. Std only.

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "agents/algorithm/agent.h"
#include "core/error.h"
#include "core/rng.h"
#include "core/state_io.h"
#include "envs/batch_views.h"

namespace tern {

/// Writes members into the parts of an AgentState: what has save(StateWriter&) by that, numbers,
/// rows, vectors of numbers and random streams as they are.
class AgentStateWriter {
 public:
  template <class... T>
  void policy(const T&... members) { (save(policy_, members), ...); }
  template <class... T>
  void optimizer(const T&... members) { (save(optimizer_, members), ...); }
  template <class... T>
  void training(const T&... members) { (save(training_, members), ...); }

  AgentState take() {
    return {policy_.take(), optimizer_.take(), training_.take()};
  }

 private:
  template <class T>
  static void save(StateWriter& out, const T& member) {
    if constexpr (requires { member.save(out); }) {
      member.save(out);
    } else if constexpr (std::is_same_v<T, std::vector<Rng>>) {
      for (const Rng& rng : member) out.write(rng);
    } else {
      out.write(member);
    }
  }

  StateWriter policy_, optimizer_, training_;
};

/// Reads them back. A vector keeps its size, which is checked.
class AgentStateReader {
 public:
  explicit AgentStateReader(const AgentState& state)
      : policy_(state.policy),
        optimizer_(state.optimizer),
        training_(state.training) {}

  template <class... T>
  void policy(T&&... members) { (load(policy_, members), ...); }
  template <class... T>
  void optimizer(T&&... members) { (load(optimizer_, members), ...); }
  template <class... T>
  void training(T&&... members) { (load(training_, members), ...); }

  /// Throws Error if something was left. agent: "ppo".
  void finish(const std::string& agent) const {
    check_saved(policy_.remaining() + optimizer_.remaining() + training_.remaining() == 0,
                agent + "'s is longer than this configuration's");
  }

 private:
  template <class T>
  static void load(StateReader& in, T& member) {
    if constexpr (requires { member.load(in); }) {
      member.load(in);
    } else if constexpr (std::is_same_v<T, std::vector<Rng>>) {
      for (Rng& rng : member) in.read(rng);
    } else if constexpr (requires { typename T::allocator_type; }) {  // a vector
      in.read(Row(member.data(), member.size()));
    } else {
      in.read(member);
    }
  }

  StateReader policy_, optimizer_, training_;
};

/// Observations and masks that are acted on next, as they lie in memory.
struct NextRows {
  ObsRows obs;
  MaskRows masks;

  void save(StateWriter& out) const {
    out.append(obs.data(), obs.count() * obs.row_bytes());
    out.append(masks.data(), masks.count() * masks.row_size());
  }
  void load(StateReader& in) const {
    in.take(obs.data(), obs.count() * obs.row_bytes());
    in.take(masks.data(), masks.count() * masks.row_size());
  }
};

/// An order of 0 .. size - 1.
template <class T>
struct SavedOrder {
  Row<T> order;

  void save(StateWriter& out) const { out.write(order); }
  void load(StateReader& in) const { in.read_order(order); }
};
template <class T>
SavedOrder(Row<T>) -> SavedOrder<T>;

/// What Agent::save and load are for a class with a static visit_state(self, state), which names the
/// members of each part: state.policy(self.policy_); state.training(self.step_, self.rngs_).
template <class A>
AgentState saved_state(const A& agent) {
  AgentStateWriter writer;
  A::visit_state(agent, writer);
  return writer.take();
}
template <class A>
void load_state(A& agent, const std::string& name, const AgentState& state) {
  AgentStateReader reader(state);
  A::visit_state(agent, reader);
  reader.finish(name);
  check_saved_count(agent.step(), "steps");
}

}  // namespace tern
