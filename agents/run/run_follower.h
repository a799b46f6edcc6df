#pragma once
// Follows a run that another process trains: its newest policy, its learning curve, how it stands.
// Std only.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agents/config/run_config.h"
#include "agents/run/manifest.h"
#include "core/files/line_tail.h"
#include "core/metrics/learning_curve.h"
#include "core/policy.h"

namespace tern {

/// What one look at a run found.
struct RunNews {
  std::optional<std::int64_t> checkpoint;            // a newer one; none: there is none
  std::shared_ptr<Policy> policy;                    // of that checkpoint; null: not loaded
  std::shared_ptr<const TrainingProgress> progress;  // never null
  std::vector<std::string> remarks;                  // sentences for a person, each of them once
  std::vector<std::string> faults;  // what is wrong with files at present; remarked on as well
};

/// Reads the run's folder and nothing else: takes no lock, writes nothing, so that any number of
/// processes may follow a run. Not thread-safe.
class RunFollower {
 public:
  /// Loads the policy of a checkpoint, "runs/x@4096"; throws Error if it cannot be read.
  using LoadPolicy = std::function<std::shared_ptr<Policy>(const std::string& checkpoint)>;

  /// Throws Error that says why a file of the run may not be read.
  using CheckFile = std::function<void(const std::string& path)>;

  /// run: the folder. config: of the run, whose env and parameters its policies must have. load:
  /// none to see only whether the policies are whole. check: asked before metrics.jsonl and
  /// run.json are read; none: both may be.
  RunFollower(std::string run, RunConfig config, LoadPolicy load, CheckFile check = nullptr);

  /// One look. Throws nothing of what may happen to files: a checkpoint that cannot be read is
  /// passed over, and a folder that is gone leaves what was known; both are remarked on. A policy
  /// that was loaded stays when its file is damaged later; without a loader an older one follows.
  RunNews look();

  /// The newest one that could be read; without a loader: at the last look. None: there is none.
  std::optional<std::int64_t> checkpoint() const { return checkpoint_; }

  /// The policy of the checkpoint at `step`, if it can be read; otherwise a remark says why.
  RunNews load(std::int64_t step);

 private:
  void look_at_metrics(RunNews& news);
  void read_metrics();
  void look_at_checkpoints(RunNews& news);
  void look_at_record(RunNews& news);
  /// True if the checkpoint is now news.checkpoint, or was by an earlier look.
  bool take(std::int64_t step, RunNews& news);
  /// status of the last session; "" with a fault: run.json does not tell.
  std::string recorded_status(RunNews& news);
  void remark(const std::string& line, RunNews& news);
  /// Remarks on a file that is not as it should be.
  void fault(const std::string& line, RunNews& news);

  std::string run_;
  RunConfig config_;
  LoadPolicy load_;
  CheckFile check_;
  LineTail metrics_;
  std::int64_t num_lines_ = 0, bad_line_ = 0;  // of metrics_; the first that is no report, 0: none
  TrainingProgress progress_;
  std::string loaded_;  // of the newest policy, Manifest::parameters_sha256; "": none
  std::optional<std::int64_t> checkpoint_;  // of that policy
  std::string read_;               // without a loader: what stamp_of() said of that policy's file
  std::set<std::string> remarks_;  // made so far
};

}  // namespace tern
