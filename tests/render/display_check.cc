// Proof: a real window on a virtual display shows the pixels it was given, hears its keys and its
// mouse and goes when it is closed; so does that of `tern watch`. Needs Xvfb; exits with 77, which
// CTest counts as skipped, where there is none.

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "render/window.h"

namespace tern {
namespace {

constexpr int kSkipped = 77;

/// A virtual display of 400 x 300 pixels, ended when it goes.
class VirtualDisplay {
 public:
  VirtualDisplay() {
    int ends[2];
    if (pipe(ends) != 0) return;
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      const std::string fd = std::to_string(ends[1]);
      execlp("Xvfb", "Xvfb", "-displayfd", fd.c_str(), "-screen", "0", "400x300x24", "-nolisten",
             "tcp", static_cast<char*>(nullptr));
      _exit(kSkipped);
    }
    close(ends[1]);
    char c = 0;
    while (read(ends[0], &c, 1) == 1 && c != '\n') name_ += c;  // ends with Xvfb or its number
    close(ends[0]);
  }
  ~VirtualDisplay() {
    if (child_ <= 0) return;
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
  }
  bool is_up() const { return !name_.empty(); }
  std::string name() const { return ":" + name_; }

 private:
  pid_t child_ = -1;
  std::string name_;
};

template <class Function>
Function symbol(void* library, const char* name) {
  return library == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(library, name));
}

/// Looks at the screen and presses keys, through Xlib without its headers.
class Person {
 public:
  Person() : x11_(dlopen("libX11.so.6", RTLD_NOW)), xtst_(dlopen("libXtst.so.6", RTLD_NOW)) {
    display_ = symbol<void* (*)(const char*)>(x11_, "XOpenDisplay")(nullptr);
    root_ = symbol<unsigned long (*)(void*)>(x11_, "XDefaultRootWindow")(display_);
  }
  bool has_hands() const { return xtst_ != nullptr; }

  /// 0xRRGGBB at a place of the screen.
  unsigned long color_at(int x, int y) const {
    constexpr int kZPixmap = 2;
    void* image =
        symbol<void* (*)(void*, unsigned long, int, int, unsigned, unsigned, unsigned long, int)>(
            x11_, "XGetImage")(display_, root_, x, y, 1, 1, ~0ul, kZPixmap);
    const auto pixel = symbol<unsigned long (*)(void*, int, int)>(x11_, "XGetPixel");
    const unsigned long color = pixel(image, 0, 0) & 0xffffff;
    symbol<int (*)(void*)>(x11_, "XDestroyImage")(image);
    return color;
  }
  /// Without a window manager keys go where the pointer is.
  void point_at(int x, int y) const {
    symbol<int (*)(void*, int, int, int, unsigned long)>(xtst_, "XTestFakeMotionEvent")(display_, 0,
                                                                                        x, y, 0);
    flush();
  }
  void press(const char* key_name) const {
    hold(key_name);
    release(key_name);
  }
  void hold(const char* key_name) const { send(key_name, 1); }
  void release(const char* key_name) const { send(key_name, 0); }
  void click() const {
    const auto fake =
        symbol<int (*)(void*, unsigned, int, unsigned long)>(xtst_, "XTestFakeButtonEvent");
    fake(display_, 1, 1, 0);
    fake(display_, 1, 0, 0);
    flush();
  }

 private:
  void send(const char* key_name, int is_down) const {
    const auto to_symbol = symbol<unsigned long (*)(const char*)>(x11_, "XStringToKeysym");
    const auto to_code = symbol<unsigned char (*)(void*, unsigned long)>(x11_, "XKeysymToKeycode");
    const auto fake =
        symbol<int (*)(void*, unsigned, int, unsigned long)>(xtst_, "XTestFakeKeyEvent");
    fake(display_, to_code(display_, to_symbol(key_name)), is_down, 0);
    flush();
  }
  void flush() const { symbol<int (*)(void*, int)>(x11_, "XSync")(display_, 0); }
  void *x11_, *xtst_, *display_ = nullptr;
  unsigned long root_ = 0;
};

/// Asks until it is true, for at most ten seconds: the display is another process.
bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    usleep(10'000);
  }
  return false;
}

// ---- What is looked at. Each returns what is wrong, or "".

/// A window of 200 x 100 lies in the middle of 400 x 300.
bool shows(Window& window, const Person& person, const RasterCanvas& picture, unsigned long left,
           unsigned long right) {
  return comes_true([&] {
    window.poll();
    window.show(picture);
    return person.color_at(150, 150) == left && person.color_at(250, 150) == right;
  });
}

std::string check_viewer(const Person& person) {
  const std::unique_ptr<Window> window = open_window("display check", 200, 100, "");
  if (window->width() != 200 || window->height() != 100) return "the window's size is wrong";
  RasterCanvas picture(200, 100);
  picture.rectangle({0, 0}, {100, 100}, {200, 30, 60});
  picture.rectangle({100, 0}, {200, 100}, {10, 120, 240});
  if (!shows(*window, person, picture, 0xc81e3c, 0x0a78f0)) return "the picture was not shown";
  if (person.color_at(5, 5) != 0) return "something was drawn outside of the window";

  if (!person.has_hands()) return "";  // no libXtst: the picture is all that can be checked
  person.point_at(200, 150);
  std::vector<ViewerKey> heard;
  for (const char* key : {"space", "Right", "n", "Up", "Down", "minus", "r", "h", "s", "q"}) {
    person.press(key);
  }
  const std::vector<ViewerKey> expected = {
      ViewerKey::kPause,   ViewerKey::kStep,   ViewerKey::kStep,        ViewerKey::kFaster,
      ViewerKey::kSlower,  ViewerKey::kSlower, ViewerKey::kNextEpisode, ViewerKey::kHelp,
      ViewerKey::kPicture, ViewerKey::kQuit};
  const bool is_heard = comes_true([&] {
    for (const ViewerKey key : window->poll()) heard.push_back(key);
    return heard.size() >= expected.size();
  });
  if (!is_heard || heard != expected) return "the keys were not heard as pressed";

  person.point_at(150, 180);
  person.click();
  const bool is_clicked = comes_true([&] {
    window->poll();
    const MouseInput mouse = window->mouse_input();
    return mouse.went_down && mouse.at.x == 50 && mouse.at.y == 20;
  });
  if (!is_clicked) return "the mouse was not seen where it clicked";

  window->close();
  const bool is_gone = comes_true([&] { return person.color_at(150, 150) == 0; });
  return is_gone ? "" : "a closed window stays on the screen";
}

/// What a window hears of a person.
struct Heard {
  std::vector<ViewerKey> keys;
  std::vector<Keys> pressed;
  Keys held;

  void listen(Window& window) {
    for (const ViewerKey key : window.poll()) keys.push_back(key);
    const PlayerInput input = window.player_input();
    pressed.insert(pressed.end(), input.presses.begin(), input.presses.end());
    held = input.held;
  }
};

std::string check_player(const Person& person) {
  if (!person.has_hands()) return "";
  const std::unique_ptr<Window> window = open_window("play", 200, 100, "", KeyUse::kPlayer);
  RasterCanvas picture(200, 100);
  picture.rectangle({0, 0}, {200, 100}, {200, 30, 60});
  if (!shows(*window, person, picture, 0xc81e3c, 0xc81e3c))
    return "a player's picture was not shown";
  person.point_at(200, 150);
  person.hold("Left");
  person.press("z");
  Heard now;
  auto& [heard, pressed, held] = now;
  const auto listen = [&] { now.listen(*window); };
  const bool is_held = comes_true([&] {
    listen();
    return pressed.size() == 2 && held[Key::kLeft] && !held[Key::kZ];
  });
  if (!is_held || !pressed[0][Key::kLeft] || !pressed[1][Key::kZ]) {
    return "a player's keys were not heard as pressed and held";
  }
  person.release("Left");
  person.press("F1");
  person.press("q");  // is the env's here
  person.press("Escape");
  const bool is_released = comes_true([&] {
    listen();
    return heard.size() >= 2 && !held[Key::kLeft];
  });
  if (!is_released || heard != std::vector<ViewerKey>{ViewerKey::kHelp, ViewerKey::kQuit}) {
    return "a player's window did not leave the viewer its keys";
  }
  return "";
}

/// The keys change hands while some are held down, and repeated by the keyboard.
std::string check_take_over(const Person& person) {
  if (!person.has_hands()) return "";
  const std::unique_ptr<Window> window = open_window("take over", 200, 100, "");
  RasterCanvas picture(200, 100);
  picture.rectangle({0, 0}, {200, 100}, {200, 30, 60});
  if (!shows(*window, person, picture, 0xc81e3c, 0xc81e3c)) return "the picture was not shown";
  person.point_at(200, 150);
  Heard now;
  auto& [heard, pressed, held] = now;
  const auto listen = [&] { now.listen(*window); };
  person.hold("Tab");
  usleep(900'000);  // long enough to be repeated
  person.release("Tab");
  person.hold("Left");
  comes_true([&] {
    listen();
    return heard.size() >= 2;
  });
  if (std::count(heard.begin(), heard.end(), ViewerKey::kTakeOver) != 1) {
    return "tab was not heard once";
  }
  window->set_key_use(KeyUse::kPlayer);
  usleep(900'000);
  listen();
  if (!pressed.empty() || held[Key::kLeft])
    return "a key went over to the player while it was down";
  person.release("Left");
  usleep(50'000);  // else it looks like a key that is repeated
  person.press("Left");
  person.press("Tab");
  heard.clear();
  const bool is_steered = comes_true([&] {
    listen();
    return !heard.empty();
  });
  if (!is_steered || pressed.size() != 1 || heard[0] != ViewerKey::kTakeOver) {
    return "a person who has taken over is not heard";
  }
  return "";
}

std::string check_large(const Person&) {
  const std::unique_ptr<Window> window = open_window("large", 4000, 3000, "");
  return window->width() == 400 && window->height() == 300 ? ""
                                                           : "a window is larger than its screen";
}

/// What a person starts, whole.
std::string check_watch(const Person& person) {
  if (!person.has_hands()) return "";
  const pid_t child = fork();
  if (child == 0) {
    execl(TERN_PROGRAM, "tern", "watch", "CartPole-v1", "--size", "300x200",
          static_cast<char*>(nullptr));
    _exit(127);
  }
  // 300 x 200 in the middle: from (50, 50) on.
  const bool is_shown =
      comes_true([&] { return person.color_at(52, 52) != 0 && person.color_at(347, 247) != 0; });
  const bool is_clear = person.color_at(47, 150) == 0 && person.color_at(352, 150) == 0 &&
                        person.color_at(200, 47) == 0 && person.color_at(200, 252) == 0;
  person.point_at(200, 150);
  int status = -1;
  const bool has_ended = comes_true([&] {
    person.press("q");
    return waitpid(child, &status, WNOHANG) == child;
  });
  if (!has_ended) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    return "tern watch does not hear q";
  }
  if (!is_shown || !is_clear) return "tern watch --size 300x200 is not shown in that size";
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : "tern watch failed";
}

int run() {
  const VirtualDisplay display;
  if (!display.is_up()) {
    std::fprintf(stderr, "display_check: skipped, there is no Xvfb\n");
    return kSkipped;
  }
  setenv("DISPLAY", display.name().c_str(), /*overwrite=*/1);
  setenv("XDG_STATE_HOME", "/nonexistent", /*overwrite=*/1);  // `tern watch` keeps its size there
  const Person person;
  for (const auto& check :
       {check_viewer, check_player, check_take_over, check_large, check_watch}) {
    const std::string wrong = check(person);
    if (wrong.empty()) continue;
    std::fprintf(stderr, "display_check: %s\n", wrong.c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace tern

int main() {
  const int code = tern::run();
  std::fflush(nullptr);
  _exit(code);  // the graphics libraries would take leave of a display that is gone
}
