#pragma once
// A trained policy as viewers, recorders and embedding programs see it: std types only, no network
// library.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/views.h"

namespace tern {

/// What an agent thinks about one observation. A field that an agent does not have stays empty.
struct Inspection {
  std::optional<double> value;         // V(s)
  std::vector<double> action_values;   // Q(s, a), one for each choice
  std::vector<double> probabilities;   // pi(a | s), one for each choice; 0 where masked
  std::vector<double> mean;            // of a Gaussian policy, one for each Box component
  std::vector<double> standard_deviation;
  std::optional<double> entropy;       // of pi(. | s), nats
  std::vector<double> recurrent_state; // what a policy with memory makes of this and all before
};

/// One of several observations to act on at once, each of an episode of its own.
struct ActRow {
  ObsRow obs;
  MaskRow mask;
  Rng* rng = nullptr;
  MutableActionRow action;
};

/// A frozen policy: parameters, normalisers and wrappers as they were when it was taken. Not
/// thread-safe; make one for each thread.
class Policy {
 public:
  virtual ~Policy() = default;
  /// Writes the action for one raw observation of the env it was trained on. mask: [M], empty for
  /// Box actions. deterministic: the mode of the policy, `rng` is then not used.
  virtual void act(ObsRow obs, MaskRow mask, bool deterministic, Rng& rng,
                   MutableActionRow action) = 0;
  /// The same for each row, to the same bits; quicker together. At most episodes_at_once() rows.
  virtual void act_on_rows(Row<const ActRow> rows, bool deterministic) {
    for (const ActRow& row : rows) act(row.obs, row.mask, deterministic, *row.rng, row.action);
  }
  /// How many episodes may be played side by side: 1 with memory, which is of one episode.
  virtual std::size_t episodes_at_once() const { return 1; }
  /// Before the first act of an episode: a policy with memory forgets the last one.
  virtual void begin_episode() {}
  /// What act would be based on; remembers nothing.
  virtual Inspection inspect(ObsRow obs, MaskRow mask) = 0;
  /// Environment steps it was trained for.
  virtual std::int64_t step() const = 0;
  /// "ppo", "dqn".
  virtual std::string agent() const = 0;
};

}  // namespace tern
