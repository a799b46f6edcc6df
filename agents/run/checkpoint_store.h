#pragma once
// All checkpoints of a run: which there are, which is last and best, which may go.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agents/run/checkpoint.h"

namespace tern {

/// Reading is safe at any time, also while another process trains the run. Functions that change
/// something need the run's lock (RunLock).
class CheckpointStore {
 public:
  explicit CheckpointStore(std::string run);  // the run's folder

  /// Steps of the checkpoints that stand under their name, ascending.
  std::vector<std::int64_t> steps() const;

  /// What the pointer file says. None if the run has no checkpoint yet, or no best one. A missing
  /// `last` beside checkpoints (killed between the two) is the newest of them. A damaged pointer
  /// throws Error::failure naming the file and the newest good checkpoint.
  std::optional<std::int64_t> last() const;
  std::optional<std::int64_t> best() const;

  /// Points `best` at a checkpoint that stands.
  void mark_best(std::int64_t step);

  /// Keeps the newest `keep` checkpoints, `last` and `best`, removes the others, and drops parts
  /// written as kNewestOnly from all but `last`. Call it after commit() and mark_best(). A crash
  /// within leaves nothing half there: a folder loses its name before its files.
  void retain(int keep);

  /// Called once when training starts, with the run's lock held: removes what killed processes
  /// left, and makes `step` the last checkpoint: newer ones, whose future is about to be trained
  /// again, are removed, and `best` is brought up to date: an evaluated checkpoint that was saved
  /// but not yet marked, or, if the best one is removed, the best one left (by Manifest::eval_mean,
  /// the newest of equals). step none: removes all checkpoints.
  void start_at(std::optional<std::int64_t> step);

 private:
  std::string run_, folder_;
};

}  // namespace tern
