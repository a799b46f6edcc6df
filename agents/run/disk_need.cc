#include "agents/run/disk_need.h"

#include "core/error.h"
#include "core/files/file_io.h"

namespace tern {
namespace {

/// A number in metrics.csv, metrics.jsonl (with its name) and the event file together, measured on
/// the reports of both agents and rounded up.
constexpr std::int64_t kBytesPerMetric = 150;

}  // namespace

std::int64_t peak_disk_bytes(const DiskNeed& need) {
  const std::int64_t checkpoints = need.keep_checkpoints + 2;  // the best and the one being written
  return checkpoints * need.checkpoint_bytes + 2 * need.replay_bytes +
         need.reports * need.metrics * kBytesPerMetric;
}

std::string check_disk_need(const DiskNeed& need, const std::string& run) {
  const std::int64_t peak = peak_disk_bytes(need);
  const std::int64_t free = free_disk_bytes(run);
  const std::string replay = need.replay_bytes > 0 ? ", " + size_text(2 * need.replay_bytes) +
                                                         " of it for the replay buffer"
                                                   : "";
  if (peak > free) {
    throw Error::failure(
        "the run may need up to " + size_text(peak) + " of disk in " + run + replay + "; " +
        size_text(free) + " are free. Make room, use --out on another disk, or lower " +
        (need.replay_bytes > 0 ? "agent.buffer_size or " : "") + "run.keep_checkpoints");
  }
  return "up to " + size_text(peak) + " of disk in " + run + replay + " (" + size_text(free) +
         " free)";
}

}  // namespace tern
