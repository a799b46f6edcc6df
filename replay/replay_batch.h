#pragma once
// Allocates a batch of transitions for a sampler to fill. Std only.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "envs/env.h"
#include "replay/replay_rows.h"
#include "replay/replay_schema.h"

namespace tern {

/// B transitions, allocated once; samplers fill it over and over. Observations are raw: whoever owns
/// the policy encodes them.
class ReplayBatch {
 public:
  /// For a buffer of the schema.
  ReplayBatch(const EnvSpec& spec, std::size_t size, const ReplaySchema& schema = {});
  ReplayBatch(const ReplayBatch&) = delete;
  ReplayBatch& operator=(const ReplayBatch&) = delete;

  std::size_t size() const { return index_.size(); }
  /// All parts, those that may be empty as well; episode, step and state only if the schema has them.
  const ReplayRows& rows() const { return rows_; }
  /// The space of rows().obs: the env's.
  const ObsSpace& obs_space() const { return obs_space_; }

 private:
  ObsSpace obs_space_;
  std::vector<std::int64_t> index_, episode_;
  std::vector<std::uint8_t> obs_, next_obs_, mask_, next_mask_, actions_, terminated_, truncated_;
  std::vector<float> reward_, discount_, weight_, state_;
  std::vector<std::int32_t> step_;
  ReplayRows rows_;
};

}  // namespace tern
