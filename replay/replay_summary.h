#pragma once
// Counts and ranges of a replay buffer's contents, for `tern describe RUN --replay`. Std only.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "envs/env.h"
#include "replay/replay_buffer.h"

namespace tern {

/// Of some numbers: how many, between what, and how many lie in each of the bins of equal width
/// that [least, most] is cut into (the last one holds `most`). Numbers that are not finite are only
/// counted.
struct Distribution {
  static constexpr std::size_t kBins = 10;

  std::int64_t count = 0, not_finite = 0;
  double least = 0, mean = 0, most = 0;  // 0 where there are none
  std::vector<std::int64_t> bins;        // [kBins]
};

/// One component of the actions: how often each option was taken, or, for Box, which numbers were.
struct ActionSummary {
  std::string name;
  std::vector<std::string> options;  // empty for Box
  std::vector<std::int64_t> counts;  // of the options
  Distribution values;               // of Box
};

struct ReplaySummary {
  std::size_t size = 0, capacity = 0, num_envs = 0;
  Distribution ages;     // steps that an env has made since, of each stored step; the newest has 0
  Distribution rewards;  // as learned from
  Distribution returns;  // of the episodes that are stored whole, undiscounted
  Distribution lengths;  // of the same
  std::int64_t terminated = 0, truncated = 0;  // stored steps with which an episode ended
  std::vector<ActionSummary> actions;
};

/// spec: of the buffer's env. Nothing is added to the buffer meanwhile.
ReplaySummary summarize(const EnvSpec& spec, const ReplayBuffer& replay);

}  // namespace tern
