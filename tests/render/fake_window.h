#pragma once
// A window without a screen and a clock without time, for the viewer's tests.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "render/viewer_loop.h"
#include "tests/core/canvas_scene.h"

namespace tern {

/// Presses the keys planned for each call of poll() and counts what is shown.
class FakeWindow final : public Window {
 public:
  std::map<int, std::vector<ViewerKey>> plan;  // by the number of the call, from 0
  PlayerInput input;  // presses are seen once
  MouseInput mouse;
  std::function<void(int)> on_poll = [](int) {};
  int polls = 0, shown = 0;
  KeyUse key_use = KeyUse::kViewer;
  std::atomic<bool> is_closed{false};
  int width_now = 640, height_now = 400;
  std::uint64_t last_hash = 0;

  void set_key_use(KeyUse use) override { key_use = use; }
  std::vector<ViewerKey> poll() override {
    on_poll(polls);
    const auto planned = plan.find(polls++);
    return planned == plan.end() ? std::vector<ViewerKey>() : planned->second;
  }
  PlayerInput player_input() override { return std::exchange(input, {input.held, {}}); }
  MouseInput mouse_input() override {
    const MouseInput now = mouse;
    mouse.went_down = false;
    mouse.wheel = 0;
    return now;
  }
  int width() const override { return width_now; }
  int height() const override { return height_now; }
  void show(const RasterCanvas& picture) override {
    ++shown;
    last_hash = picture_hash(picture.rgb());
  }
  void close() override { is_closed = true; }
};

/// Time passes only in sleep(), and by the work that each frame is said to cost.
struct FakeTime {
  double now = 0;
  double work_per_frame = 0;
  double work = 0;
  std::vector<double> sleeps;

  ViewerClock clock() {
    return {[this] { return now; },
            [this] {
              work += work_per_frame;  // asked where a frame begins and where it ends
              return work;
            },
            [this](double seconds) {
              sleeps.push_back(seconds);
              now += seconds;
            }};
  }
};

}  // namespace tern
