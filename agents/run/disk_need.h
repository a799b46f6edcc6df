#pragma once
// How much disk a run will need, said before it starts.

#include <cstdint>
#include <string>

namespace tern {

struct DiskNeed {
  std::int64_t checkpoint_bytes = 0;  // one checkpoint without the replay buffer
  std::int64_t replay_bytes = 0;      // the replay buffer's part; 0: on-policy
  int keep_checkpoints = 3;
  std::int64_t reports = 0;  // records of metrics over the whole run
  int metrics = 0;           // numbers in each
};

/// The most the run's folder holds at any moment: the kept checkpoints, the best, the one being
/// written; the replay buffer twice, since the older copy goes only when the newer stands; metrics.
std::int64_t peak_disk_bytes(const DiskNeed& need);

/// "up to 1.2 GB of disk in runs/x, 800 MB of it the replay buffer (40 GB free)".
/// Throws Error::failure if less is free, with what to make smaller.
std::string check_disk_need(const DiskNeed& need, const std::string& run);

}  // namespace tern
