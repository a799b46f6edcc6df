#pragma once
// Uniform sampling of transitions. Std only.

#include "core/error.h"
#include "core/rng.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Draws every stored transition with the same probability, with replacement; one draw of `rng` for
/// each row (rarely more). Has no state. Allocates nothing.
class UniformSampler {
 public:
  explicit UniformSampler(const NStep& n_step = {}) : n_step_(n_step) {}

  /// Fills all of `rows`. Throws Error::failure while nothing is stored.
  void sample(const ReplayBuffer& buffer, Rng& rng, const ReplayRows& rows) const {
    const ReplayBuffer::Reader reader = buffer.read();
    const auto size = static_cast<std::uint32_t>(reader.size());
    if (size == 0) throw Error::failure("the replay buffer is empty: nothing to sample");
    for (std::int64_t& slot : rows.index) slot = rng.below(size);
    reader.gather(rows, n_step_);
  }

 private:
  NStep n_step_;
};

}  // namespace tern
