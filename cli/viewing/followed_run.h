#pragma once
// tern watch --follow: a thread looks at a run that another process trains, the viewer is told.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agents/run/run_follower.h"
#include "core/policy.h"
#include "render/viewer.h"

namespace tern::cli {

/// What a run's follower found last, for the thread of the viewer.
class FollowedRun {
 public:
  /// Looks once, in the caller's thread; then each `interval` seconds in a thread of its own, until
  /// destroyed.
  explicit FollowedRun(RunFollower follower, double interval = 0.5);
  ~FollowedRun();
  FollowedRun(const FollowedRun&) = delete;
  FollowedRun& operator=(const FollowedRun&) = delete;

  /// The policy to play now: the chosen one, or else the newest; null before the first checkpoint.
  std::shared_ptr<Policy> policy() const;
  /// Call it before each frame: the viewer shows how the run stands, what was remarked, and what
  /// was chosen in it is loaded.
  void update(Viewer& viewer);
  /// Whether another process still trains the run.
  bool is_running() const;

 private:
  void follow(double interval);
  void take(RunNews news);
  std::string state_line() const;

  RunFollower follower_;  // of the thread, once that runs
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Below: guarded by the mutex.
  std::shared_ptr<Policy> newest_, chosen_;
  std::shared_ptr<const TrainingProgress> progress_;
  std::vector<std::string> remarks_;         // not yet shown
  std::string last_failure_;                 // remarked once
  std::optional<std::int64_t> wanted_step_;  // chosen, not yet loaded
  bool is_ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tern::cli
