#pragma once
// The loop that joins a viewer and a window.

#include <functional>
#include <string>

#include "render/viewer.h"
#include "render/window.h"

namespace tern {

/// How the loop treats time. Tests give their own.
struct ViewerClock {
  std::function<double()> now;        // seconds
  std::function<double()> work;       // CPU seconds of this thread
  std::function<void(double)> sleep;  // seconds
  static ViewerClock real();
};

struct ViewerLoopOptions {
  double most_frames_per_second = 60;
  /// The part of one processor that the window may take. 1: as much as its frames need.
  std::function<double()> cpu_share = [] { return 1.0; };
  /// Asked before every frame; true ends the loop.
  std::function<bool()> should_close = [] { return false; };
  /// Called before every frame, to set what the viewer shows of the training.
  std::function<void(Viewer&)> before_frame = [](Viewer&) {};
  std::string picture_prefix = "tern";  // pictures are saved as PREFIX-1.png, PREFIX-2.png, ..
  ViewerClock clock = ViewerClock::real();
};

/// Shows the viewer in the window until someone quits or `should_close` says so.
void run_viewer(Window& window, Viewer& viewer, const ViewerLoopOptions& options);

}  // namespace tern
