#pragma once
// Uniform sampling of sequences of steps, for policies with memory. Std only.

#include <cstdint>

#include "core/rng.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Draws sequences of `length` consecutive steps, each stored start alike. Sequences may run over
/// ends of episodes: `begins` says where the memory has to be forgotten. Of the first steps a learner
/// may use the outcome only to get the memory going (burn-in: Kapturowski et al. 2019, section 3).
class SequenceSampler {
 public:
  /// gamma: what rows.discount is filled with.
  SequenceSampler(std::size_t length, double gamma) : length_(length), gamma_(gamma) {}

  std::size_t length() const { return length_; }
  /// rows: [S * length], row s * length + t is step t of sequence s. begins: as many, whether an
  /// episode begins with the row. rows.state is filled where the buffer keeps states. Throws
  /// Error::failure while an env has stored fewer steps than a sequence is long.
  void sample(const ReplayBuffer& buffer, Rng& rng, const ReplayRows& rows,
              Row<std::uint8_t> begins) const;

 private:
  std::size_t length_;
  double gamma_;
};

}  // namespace tern
