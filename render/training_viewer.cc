#include "render/training_viewer.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>

#include "core/error.h"
#include "render/learning_curve_panel.h"

namespace tern {
namespace {

/// Of the processor time of the whole machine, which a learner would otherwise have.
constexpr double kShareWhileTraining = 0.05;

/// Runs the training; joined when it goes.
class TrainingThread {
 public:
  TrainingThread(const std::function<void(TrainingFeed&)>& train, TrainingFeed& feed)
      : thread_([this, &train, &feed] {
          try {
            train(feed);
          } catch (...) {
            error_ = std::current_exception();
          }
          is_over_ = true;
        }) {}
  ~TrainingThread() {
    if (thread_.joinable()) thread_.join();
  }

  bool is_over() const { return is_over_; }
  /// Waits for the end and throws what the training threw.
  void finish() {
    thread_.join();
    if (error_) std::rethrow_exception(error_);
  }
  bool has_failed() const { return is_over_ && error_ != nullptr; }

 private:
  std::exception_ptr error_;  // written before is_over_
  std::atomic<bool> is_over_{false};
  std::thread thread_;
};

/// Makes the choice the policy that plays; null for the newest.
void choose(const PolicyChoice& choice,
            const std::function<std::shared_ptr<Policy>(std::int64_t)>& load_policy, Viewer& viewer,
            std::shared_ptr<Policy>& chosen) {
  if (!choice.step) {
    chosen = nullptr;
    return;
  }
  if (!load_policy) return;
  try {
    chosen = load_policy(*choice.step);
  } catch (const Error& error) {
    viewer.show_notice(error.what());
  }
}

}  // namespace

double share_while_training() {
  const unsigned processors = std::max(std::thread::hardware_concurrency(), 1u);
  return std::min(kShareWhileTraining * processors, 1.0);
}

void run_training_viewer(Window& window, std::unique_ptr<EpisodePlayer> player,
                         const std::function<void(TrainingFeed&)>& train,
                         const TrainingViewerOptions& options) {
  TrainingFeed feed;
  std::shared_ptr<Policy> chosen;  // null: the newest plays
  Viewer viewer(std::move(player), [&] { return chosen != nullptr ? chosen : feed.newest(); });
  viewer.set_discount(options.gamma);
  TrainingThread training(train, feed);

  ViewerLoopOptions loop = options.loop;
  loop.cpu_share = [&] { return training.is_over() ? 1.0 : share_while_training(); };
  loop.should_close = [&] {
    if (!training.is_over()) return false;
    return training.has_failed() || !options.stays_open || options.should_close();
  };
  loop.before_frame = [&](Viewer& shown) {
    const std::shared_ptr<const TrainingProgress> progress = feed.progress();
    shown.set_progress(progress);
    if (const auto choice = shown.takes_policy_choice()) {
      choose(*choice, options.load_policy, shown, chosen);
    }
    const std::string hint = chosen != nullptr ? "; f: the newest policy" : "";
    if (training.is_over()) return shown.set_training("training finished; q closes" + hint);
    if (progress != nullptr) shown.set_training(progress_text(*progress) + hint);
  };
  run_viewer(window, viewer, loop);
  window.close();  // what stays on the screen while nobody looks after it seems frozen
  training.finish();
}

}  // namespace tern
