// tern train --watch: the run trains on a thread of its own, this one shows its newest policy.

#include <algorithm>
#include <memory>
#include <utility>

#include "cli/process/interrupt.h"
#include "cli/training/training.h"
#include "envs/registry/registry.h"
#include "render/training_viewer.h"
#include "render/window.h"

namespace tern::cli {
namespace {

constexpr int kWidth = 1024, kHeight = 680;  // pixels

/// Tells the window how far the training is.
class ProgressLine final : public MetricsSink {
 public:
  ProgressLine(TrainingFeed& feed, std::int64_t total_steps)
      : feed_(feed), total_steps_(total_steps) {}
  void set_total_steps(std::int64_t steps) { total_steps_ = std::max<std::int64_t>(1, steps); }
  void write(const MetricsRecord& record) override {
    const std::int64_t percent = 100 * record.step / total_steps_;
    feed_.report("training: step " + std::to_string(record.step) + " of " +
                 std::to_string(total_steps_) + ", " + std::to_string(percent) + " %");
  }

 private:
  TrainingFeed& feed_;
  std::int64_t total_steps_;
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
    options.should_close = InterruptGuard::is_interrupted;
    options.loop.picture_prefix = "train";
    const auto train = [&](TrainingFeed& feed) {
      ProgressLine progress(feed, config.run.total_steps);
      TrainHooks watched = hooks;
      watched.on_policy = [&](std::shared_ptr<Policy> policy) { feed.publish(std::move(policy)); };
      watched.sinks.push_back(&progress);
      watched.on_start = [&](std::int64_t last_step) {
        hooks.on_start(last_step);
        progress.set_total_steps(last_step);
      };
      result = work(watched);
    };
    run_training_viewer(*window, make_player(config), train, options);
    return result;
  };
}

}  // namespace tern::cli
