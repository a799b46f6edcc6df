#include "replay/sequence_sampler.h"

#include <string>

#include "core/error.h"

namespace tern {

void SequenceSampler::sample(const ReplayBuffer& buffer, Rng& rng, const ReplayRows& rows,
                             const SequenceRows& to) const {
  const ReplayBuffer::Reader reader = buffer.read();
  const auto length = static_cast<std::int64_t>(length_);
  for (std::size_t first = 0; first < rows.index.size(); first += length_) {
    const std::size_t n = rng.below(static_cast<std::uint32_t>(buffer.num_envs()));
    const std::int64_t starts = reader.stored(n) - length + 1;
    if (starts < 1) {
      throw Error::failure("the replay buffer holds " + std::to_string(reader.stored(n)) +
                           " steps of an env, too few for a sequence of " + std::to_string(length) +
                           "; learn later (agent.learning_starts) or from shorter sequences");
    }
    const std::int64_t start =
        reader.written(n) - reader.stored(n) + rng.below(static_cast<std::uint32_t>(starts));
    for (std::int64_t t = 0; t < length; ++t) {
      const std::size_t row = first + static_cast<std::size_t>(t);
      rows.index[row] = reader.slot_of(n, start + t);
      to.begins[row] = reader.begins(rows.index[row]);
    }
  }
  reader.gather(rows, {1, n_step_.gamma});
  for (std::size_t first = 0; first < rows.index.size(); first += length_) {
    take_together(first, first + length_, rows, to);
  }
}

void SequenceSampler::take_together(std::size_t begin, std::size_t end, const ReplayRows& rows,
                                    const SequenceRows& to) const {
  for (std::size_t row = begin; row < end; ++row) {  // those behind it are of one step still
    std::size_t last = row;
    double reward = rows.reward[row], discount = n_step_.gamma;
    for (int j = 1; j < n_step_.steps && last + 1 < end && !to.begins[last + 1]; ++j) {
      reward += discount * rows.reward[++last];
      discount *= n_step_.gamma;
    }
    rows.reward[row] = static_cast<float>(reward);
    rows.terminated[row] = rows.terminated[last];
    if (rows.discount.size() > 0) rows.discount[row] = static_cast<float>(discount);
    if (rows.truncated.size() > 0) rows.truncated[row] = rows.truncated[last];
    to.last[row] = static_cast<std::int32_t>(last);
  }
}

}  // namespace tern
