#pragma once
// A window on a training run: the run trains on a thread of its own, this thread shows its newest
// policy in an env of its own.

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "core/policy.h"
#include "render/episode_player.h"
#include "render/policy_slot.h"
#include "render/viewer_loop.h"
#include "render/window.h"

namespace tern {

/// What the training thread hands over. Its functions may be called from any thread.
class TrainingFeed {
 public:
  /// The newest policy; the caller never uses it again.
  void publish(std::shared_ptr<Policy> policy) { policies_.put(std::move(policy)); }
  /// How far the run is.
  void report(std::shared_ptr<const TrainingProgress> progress) {
    const std::lock_guard<std::mutex> lock(mutex_);
    progress_ = std::move(progress);
  }

  std::shared_ptr<Policy> newest() const { return policies_.get(); }
  /// Null before the first report().
  std::shared_ptr<const TrainingProgress> progress() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return progress_;
  }

 private:
  PolicySlot policies_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TrainingProgress> progress_;
};

/// The part of one processor that a window may take beside a training run on the same machine.
double share_while_training();

struct TrainingViewerOptions {
  /// True ends the show once the training is over (Ctrl-C). While it trains the run itself is
  /// asked.
  std::function<bool()> should_close = [] { return false; };
  /// Keep showing the last policy when the training is over, until someone quits.
  bool stays_open = true;
  double gamma = 0.99;  // that values of cells are discounted by
  /// Loads the policy of the checkpoint at a step, which someone chose in the learning curve. What
  /// it throws of Error is shown. Called on the window's thread.
  std::function<std::shared_ptr<Policy>(std::int64_t step)> load_policy;
  ViewerLoopOptions loop;  // cpu_share, should_close and before_frame are set here
};

/// Calls `train` on a new thread and shows its policies in `window` until both the training is over
/// and the show is: someone quits, options say so, or stays_open is false. Quitting the window
/// while it trains only ends the show: the window is closed at once, and the call returns when
/// `train` does. What `train` throws is
/// thrown here. While it trains, the window takes at most a twentieth of the machine's processor
/// time.
///
/// Call it from the thread that opened the window. Before the first publish() random actions are
/// shown.
void run_training_viewer(Window& window, std::unique_ptr<EpisodePlayer> player,
                         const std::function<void(TrainingFeed&)>& train,
                         const TrainingViewerOptions& options);

}  // namespace tern
