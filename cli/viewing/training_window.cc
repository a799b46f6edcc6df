// tern train --watch: the run trains on a thread of its own, this one shows its newest policy.

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "agents/run/checkpoint_store.h"
#include "cli/process/agents_library.h"
#include "cli/process/interrupt.h"
#include "cli/viewing/preparations.h"
#include "envs/registry/registry.h"
#include "render/training_viewer.h"
#include "render/window.h"

namespace tern::cli {
namespace {

constexpr int kWidth = 1024, kHeight = 680;  // pixels

/// Tells the window how far the training is.
class ProgressSink final : public MetricsSink {
 public:
  ProgressSink(TrainingFeed& feed, std::int64_t total_steps) : feed_(feed) {
    progress_.total_steps = total_steps;
  }
  void set_total_steps(std::int64_t steps) { progress_.total_steps = steps; }
  /// From now on the run's checkpoints are told too.
  void set_run(const std::string& run) { checkpoints_.emplace(run); }
  void write(const MetricsRecord& record) override {
    progress_.curve.add(record);
    const bool is_evaluation = !progress_.curve.evaluations().empty() &&
                               progress_.curve.evaluations().back().step == record.step;
    const Clock::time_point now = Clock::now();
    if (now - told_ < kInterval && !is_evaluation) return;  // a copy each, of the whole curve
    told_ = now;
    tell();
  }
  void flush() override { tell(); }
  void end() {
    progress_.is_running = false;
    tell();
  }

 private:
  using Clock = std::chrono::steady_clock;

  void tell() {
    if (checkpoints_) progress_.checkpoints = checkpoints_->steps();
    feed_.report(std::make_shared<const TrainingProgress>(progress_));
  }

  static constexpr std::chrono::milliseconds kInterval{100};

  TrainingFeed& feed_;
  TrainingProgress progress_;
  std::optional<CheckpointStore> checkpoints_;
  Clock::time_point told_ = {};
};

/// The run's folder, from the thread that trains to that of the window.
class RunName {
 public:
  void put(const std::string& run) {
    const std::lock_guard<std::mutex> lock(mutex_);
    run_ = run;
  }
  std::string get() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return run_;
  }

 private:
  mutable std::mutex mutex_;
  std::string run_;
};

std::unique_ptr<EpisodePlayer> make_player(const RunConfig& config) {
  EpisodeOptions options;
  options.seed = static_cast<std::uint64_t>(config.run.seed);
  options.level_begin = static_cast<std::uint64_t>(config.run.eval_level_begin);
  options.level_end = static_cast<std::uint64_t>(config.run.eval_level_end);
  return std::make_unique<EpisodePlayer>(registry().find(config.env_id), config.env, options);
}

}  // namespace

TrainingWork with_window(const RunConfig& config, const TrainingWork& work) {
  return [config, work](const TrainHooks& hooks) {
    const std::unique_ptr<Window> window = open_window(
        "tern train --watch", kWidth, kHeight, "Train without --watch, then: tern record RUN -o out.gif");
    TrainResult result;
    TrainingViewerOptions options;
    options.gamma = discount(config);
    options.should_close = InterruptGuard::is_interrupted;
    options.loop.picture_prefix = "train";
    RunName run;
    options.load_policy = [&](std::int64_t step) {
      return std::shared_ptr<Policy>(
          agents_library().load_policy(run.get() + "@" + std::to_string(step)));
    };
    const auto train = [&](TrainingFeed& feed) {
      ProgressSink progress(feed, config.run.total_steps);
      TrainHooks watched = hooks;
      watched.on_policy = [&](std::shared_ptr<Policy> policy) { feed.publish(std::move(policy)); };
      watched.sinks.push_back(&progress);
      watched.on_run = [&](const std::string& folder) {
        progress.set_run(folder);
        run.put(folder);
      };
      watched.on_start = [&](std::int64_t last_step) {
        hooks.on_start(last_step);
        progress.set_total_steps(last_step);
      };
      result = work(watched);
      progress.end();
    };
    run_training_viewer(*window, make_player(config), train, options);
    return result;
  };
}

}  // namespace tern::cli
