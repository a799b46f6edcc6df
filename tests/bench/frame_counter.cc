// Preloaded by viewer_cost.sh: counts how often a window is drawn, and once a second writes the
// number on a line of the file that FRAME_COUNTER names.

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

using Clock = std::chrono::steady_clock;

void count() {
  static Clock::time_point began = Clock::now();
  static int frames = 0;
  ++frames;
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  if (seconds < 1) return;
  if (std::FILE* const file = std::fopen(std::getenv("FRAME_COUNTER"), "a")) {
    std::fprintf(file, "%.1f\n", frames / seconds);
    std::fclose(file);
  }
  began = Clock::now();
  frames = 0;
}

}  // namespace

// sf::Window::display()
extern "C" void _ZN2sf6Window7displayEv(void* window) {
  static void* const library = dlopen("libsfml-window.so.2.5", RTLD_LAZY | RTLD_NOLOAD);
  static const auto display =
      reinterpret_cast<void (*)(void*)>(dlsym(library, "_ZN2sf6Window7displayEv"));
  count();
  display(window);
}
