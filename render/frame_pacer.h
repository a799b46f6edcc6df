#pragma once

#include <optional>

namespace tern {

/// How long to wait between frames, so that a window keeps to a rate and to a part of a processor.
class FramePacer {
 public:
  /// most_frames_per_second > 0.
  explicit FramePacer(double most_frames_per_second) : period_(1 / most_frames_per_second) {}

  /// After a frame that took `elapsed` seconds and `work` CPU seconds: seconds to wait for the
  /// next. cpu_share: the part of one processor that may be used, in (0, 1]. The mean work of the
  /// last frames counts, so that one slow frame does not freeze the window; there are at least two
  /// frames a second, whatever they cost.
  double wait(double elapsed, double work, double cpu_share);

 private:
  double period_;
  double mean_work_ = 0;
  bool has_mean_ = false;
};

/// How many frames there are in a second.
class FrameRate {
 public:
  /// now: seconds.
  explicit FrameRate(double now) : began_(now) {}
  void count() { ++frames_; }
  /// The rate of the second that is over; none most of the time.
  std::optional<double> measured(double now);

 private:
  double began_;
  int frames_ = 0;
};

}  // namespace tern
