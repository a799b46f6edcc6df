#pragma once
// Prioritised sampling of transitions, by their last error. Std only.

#include <cstdint>
#include <vector>

#include "core/rng.h"
#include "core/state_io.h"
#include "replay/replay_buffer.h"
#include "replay/sum_tree.h"

namespace tern {

/// Proportional prioritisation (Schaul et al. 2016, section 3.3, algorithm 1):
///   P(i) = p_i^alpha / sum_k p_k^alpha,   p_i = |delta_i| + epsilon
///   w_i = (size P(i))^-beta / max_j w_j,  over the batch
/// Transitions that were never drawn have the largest priority so far, 1 at first. The batch is drawn
/// from B ranges of equal mass, one transition each. Of the paper's max over all weights the batch's
/// is taken, as most implementations do.
struct PriorityOptions {
  double alpha = 0.6;
  double epsilon = 1e-6;
};

class PrioritizedSampler {
 public:
  explicit PrioritizedSampler(const ReplayBuffer& buffer, const PriorityOptions& options = {},
                              const NStep& n_step = {});

  /// Fills all of `rows`, rows.weight among them; allocates nothing. beta: in [0, 1]. Throws
  /// Error::failure while nothing is stored, and where all priorities are 0 (a TD error or epsilon
  /// above 0 is needed).
  void sample(const ReplayBuffer& buffer, double beta, Rng& rng, const ReplayRows& rows);
  /// After the loss: the TD errors of the transitions that were sampled. slots: rows.index of the
  /// sample. Of equal slots the last one counts. Throws Error::failure for one that is not finite.
  void update(Row<const std::int64_t> slots, Row<const float> td_errors);

  /// p^alpha of a slot.
  double priority(std::size_t slot) const { return tree_.value(slot); }
  double largest() const { return largest_; }

  void save(StateWriter& out) const;
  void load(StateReader& in);

 private:
  void take_new(const ReplayBuffer::Reader& reader);

  PriorityOptions options_;
  NStep n_step_;
  SumTree tree_;                     // p^alpha by slot
  double largest_ = 1;               // p, of all so far
  std::vector<std::int64_t> known_;  // [N] steps of each env that have a priority
};

}  // namespace tern
