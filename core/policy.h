#pragma once
// A trained policy as viewers, recorders and embedding programs see it: std types only, no network
// library.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/attribution.h"
#include "core/const_views.h"
#include "core/error.h"
#include "core/policy_spec.h"
#include "core/rng.h"
#include "core/views.h"

namespace tern {

/// What an agent thinks about one observation. A field that an agent does not have stays empty.
struct Inspection {
  std::optional<double> value;         // V(s)
  std::vector<double> action_values;   // Q(s, a), one for each choice
  std::vector<double> quantiles;       // of the return after each choice, [M, N], choice by choice
  std::vector<double> probabilities;   // pi(a | s), one for each choice; 0 where masked
  std::vector<double> mean;            // of a Gaussian policy, one for each Box component
  std::vector<double> standard_deviation;
  std::optional<double> entropy;       // of pi(. | s), nats
  std::vector<double> recurrent_state; // the next state of a policy with memory
};

/// One episode's part of a call of Policy::act, in memory of the caller.
struct ActRow {
  ConstObsRow obs;          // raw, of the env that the policy was trained on
  ConstMaskRow mask;        // [M]; empty for Box actions, and if all are allowed
  Rng* rng = nullptr;       // what actions are drawn from; may be null if deterministic
  MutableActionRow action;  // written
  Row<float> state;         // [Policy::state_size()], what is remembered of this episode so far
};

/// A frozen policy: parameters, normalisers and wrappers as they were when it was taken. What it
/// remembers of an episode lies in the caller's rows, so that any number of episodes may be played
/// side by side. Not thread-safe; make one for each thread. One that was loaded from a run or handed
/// out by a training checks what it is asked: see core/checked_policy.h.
class Policy {
 public:
  virtual ~Policy() = default;
  /// What it acts on: observations, actions, the env. spec().env is empty for one that no run holds.
  virtual const PolicySpec& spec() const;
  /// Numbers that a policy with memory keeps of an episode; 0: it acts by the observation alone.
  virtual std::size_t state_size() const { return 0; }
  /// Writes an action for each row and overwrites each row's state with the next one; at the start
  /// of an episode the state is all zeros. deterministic: the mode of the policy, no draw is taken.
  /// What a row gets does not depend on the others, to the bit; many are quicker together.
  virtual void act(Row<const ActRow> rows, bool deterministic) = 0;
  /// The same for one row.
  void act(const ActRow& row, bool deterministic) { act(Row<const ActRow>(&row, 1), deterministic); }
  /// What act would be based on; changes nothing. state: [state_size()], empty: the start of an
  /// episode.
  virtual Inspection inspect(ConstObsRow obs, ConstMaskRow mask,
                             Row<const float> state = {}) = 0;
  /// Environment steps it was trained for.
  virtual std::int64_t step() const = 0;
  /// "ppo", "dqn".
  virtual std::string agent() const = 0;
  /// What attribute() explains, that of the action first: "log pi(a | s)", "Q(s, a)", "V(s)", "mean
  /// of torque". Empty: a policy that does not explain itself.
  virtual std::vector<std::string> attributable_outputs() const { return {}; }
  /// What one of them rests on; changes nothing. Takes from one pass to thousands through the
  /// networks. Throws Error for an output that there is not, and where features or the output are
  /// not finite.
  virtual Attribution attribute(const AttributionQuestion& /*question*/) {
    throw Error(agent() + " does not explain itself");
  }
};

}  // namespace tern
