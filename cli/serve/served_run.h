#pragma once
// One run as the page shows it: what its folder tells without running any code of it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/run/run_follower.h"
#include "core/files/json.h"
#include "core/metrics/learning_curve.h"

namespace tern::cli {

/// Not thread-safe.
class ServedRun {
 public:
  /// id: what requests call the run. folder: where it lies.
  ServedRun(std::string id, std::string folder);

  /// Looks at the folder. Throws nothing of what may happen to files: what is wrong becomes the
  /// remark.
  void look();
  /// Whether a look may find something new: another process trains the run, or its files are others
  /// than at the last look. Takes a hundredth of a look.
  bool may_have_news() const;

  const std::string& id() const { return id_; }
  const std::string& folder() const { return folder_; }
  bool is_running() const { return progress_->is_running; }
  /// The newest one whose policy is whole; none: there is none.
  std::optional<std::int64_t> checkpoint() const { return checkpoint_; }
  const std::shared_ptr<const TrainingProgress>& progress() const { return progress_; }
  /// {"id", "env", "agent", "state", "is_running", "step", "total_steps", "steps_per_second",
  /// "return", "evaluation", "checkpoint", "checkpoints", "changed", "remark", "curve": some points
  /// [step, return]}. Of what is not known: null.
  Json summary() const;
  /// What a person should know, in sentences; "": nothing.
  std::string remark() const;
  /// Why it has no checkpoint() although there may be some; "": it has one, or has saved none.
  std::string obstacle() const;

 private:
  void follow_present_run();
  void take(const RunNews& news);

  std::string id_, folder_;
  std::string basis_;  // config.yaml as the follower knows it, and whether there was a checkpoint
  std::string env_, agent_;
  std::optional<RunFollower> follower_;
  std::shared_ptr<const TrainingProgress> progress_;
  std::optional<std::int64_t> checkpoint_;
  std::string remark_;        // of the last thing that was remarked on; "": nothing
  std::string config_fault_;  // of config.yaml, which the follower does not read
  std::vector<std::string> faults_;  // of files, at the last look
  std::string problem_;       // why nothing can be shown at present; "": all is well
  std::int64_t changed_ = 0;  // seconds since 1970
  std::string stamp_;         // of the files, before the last look
};

/// {"returns": [[step, mean]], "evaluations": [[step, mean, deviation, is final]]} without what is
/// not finite.
Json curve_json(const LearningCurve& curve);

}  // namespace tern::cli
