#include "render/viewer_loop.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "core/drawing/raster_canvas.h"
#include "core/error.h"
#include "core/files/file_io.h"
#include "render/frame_layout.h"
#include "render/frame_pacer.h"
#include "render/png.h"

namespace tern {
namespace {

double thread_cpu_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// "watch-1.png", or the next number that is free.
std::string free_name(const std::string& prefix) {
  for (int i = 1;; ++i) {
    const std::string name = prefix + "-" + std::to_string(i) + ".png";
    if (!is_file(name)) return name;
  }
}

void save_picture(Viewer& viewer, const RasterCanvas& picture, const std::string& prefix) {
  try {
    const std::string name = free_name(prefix);
    write_png(name, picture);
    viewer.show_notice("saved " + name);
  } catch (const Error& error) {
    viewer.show_notice(error.what());  // a full disk does not end the show
  }
}

}  // namespace

ViewerClock ViewerClock::real() {
  return {steady_seconds, thread_cpu_seconds, [](double seconds) {
            std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
          }};
}

void run_viewer(Window& window, Viewer& viewer, const ViewerLoopOptions& options) {
  const ViewerClock& clock = options.clock;
  FramePacer pacer(options.most_frames_per_second);
  std::unique_ptr<RasterCanvas> picture;
  FrameRate rate(clock.now());
  double last = clock.now();
  while (true) {
    const double began = clock.now(), work_began = clock.work();
    window.set_key_use(viewer.key_use());
    for (const ViewerKey key : window.poll()) viewer.press(key);
    viewer.play(window.player_input());
    viewer.use_mouse(window.mouse_input(), window.width(), window.height());
    if (viewer.wants_to_quit() || options.should_close()) return;
    viewer.advance(began - last);
    last = began;
    options.before_frame(viewer);

    const int width = std::clamp(window.width(), 1, 8192),
              height = std::clamp(window.height(), 1, 8192);
    const bool is_resized =
        picture == nullptr || picture->width() != width || picture->height() != height;
    if (is_resized) picture = std::make_unique<RasterCanvas>(width, height);
    const bool takes_picture = viewer.takes_picture();
    if (viewer.has_changed() || is_resized || takes_picture) {
      viewer.set_panel(draw_viewer_frame(*picture, width, height, viewer.frame()));
      if (takes_picture) {
        save_picture(viewer, *picture, options.picture_prefix);
        draw_viewer_frame(*picture, width, height, viewer.frame());
      }
      window.show(*picture);
      rate.count();
    }
    if (const auto per_second = rate.measured(clock.now())) viewer.set_frame_rate(*per_second);
    clock.sleep(pacer.wait(clock.now() - began, clock.work() - work_began, options.cpu_share()));
  }
}

}  // namespace tern
