#include "render/training_viewer.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>

namespace tern {
namespace {

/// Of the processor time of the whole machine, which a learner would otherwise have.
constexpr double kShareWhileTraining = 0.05;

double share_of_one_processor() {
  const unsigned processors = std::max(std::thread::hardware_concurrency(), 1u);
  return std::min(kShareWhileTraining * processors, 1.0);
}

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

}  // namespace

void run_training_viewer(Window& window, std::unique_ptr<EpisodePlayer> player,
                         const std::function<void(TrainingFeed&)>& train,
                         const TrainingViewerOptions& options) {
  TrainingFeed feed;
  Viewer viewer(std::move(player), [&feed] { return feed.newest(); });
  TrainingThread training(train, feed);

  ViewerLoopOptions loop = options.loop;
  loop.cpu_share = [&] { return training.is_over() ? 1.0 : share_of_one_processor(); };
  loop.should_close = [&] {
    if (!training.is_over()) return false;
    return training.has_failed() || !options.stays_open || options.should_close();
  };
  loop.before_frame = [&](Viewer& shown) {
    shown.set_training(training.is_over() ? "training finished; q closes" : feed.line());
  };
  run_viewer(window, viewer, loop);
  window.close();  // what stays on the screen while nobody looks after it seems frozen
  training.finish();
}

}  // namespace tern
