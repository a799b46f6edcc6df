#pragma once
// Uniform sampling of sequences of steps, for policies with memory. Std only.

#include <cstdint>

#include "core/rng.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Where the rows of sampled sequences belong: [S * length] each, row s * length + t is step t of
/// sequence s.
struct SequenceRows {
  Row<std::uint8_t> begins;  // whether an episode begins with the row: the memory is 0 there
  Row<std::int32_t> last;  // the row whose s' is where the steps taken together from this one lead
};

/// Draws sequences of `length` consecutive steps, each stored start alike. Sequences may run over
/// ends of episodes: `begins` says where the memory has to be forgotten. Of the first steps a
/// learner may use the outcome only to get the memory going (burn-in: Kapturowski et al. 2019,
/// section 3).
///
/// Several steps taken together never leave their sequence, since nobody knows what is remembered
/// beyond it: there, as at the end of an episode, they are fewer.
class SequenceSampler {
 public:
  SequenceSampler(std::size_t length, const NStep& n_step) : length_(length), n_step_(n_step) {}

  std::size_t length() const { return length_; }
  /// Fills all of `rows`, rows.state where the buffer keeps states. Rewards, discounts, terminated
  /// and truncated are of the steps taken together; next_obs and next_mask of each row are of one
  /// step, so that s' of row k is row to.last[k]'s. Throws Error::failure while an env has stored
  /// fewer steps than a sequence is long.
  void sample(const ReplayBuffer& buffer, Rng& rng, const ReplayRows& rows,
              const SequenceRows& to) const;

 private:
  /// Of the rows [begin, end) of one sequence.
  void take_together(std::size_t begin, std::size_t end, const ReplayRows& rows,
                     const SequenceRows& to) const;

  std::size_t length_;
  NStep n_step_;
};

}  // namespace tern
