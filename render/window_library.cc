#include "render/window_library.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "core/error.h"
#include "core/run_in_child.h"

namespace tern {
namespace {

using OpenWindow = decltype(&tern_open_window);

/// libtern_window lies beside this library.
std::string library_path() {
  Dl_info here = {};
  dladdr(reinterpret_cast<void*>(&open_window), &here);
  const std::string own = here.dli_fname == nullptr ? "" : here.dli_fname;
  return own.substr(0, own.rfind('/') + 1) + "libtern_window.so";
}

OpenWindow load_library() {
  void* library = dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error::failure(std::string("this build has no window (") + dlerror() +
                         "). Install libsfml-dev and build again.");
  }
  void* symbol = dlsym(library, "tern_open_window");
  if (symbol == nullptr)
    throw Error::failure(std::string("the window library is damaged: ") + dlerror());
  return reinterpret_cast<OpenWindow>(symbol);
}

/// A connection to the display, by Xlib without its headers. Held until the window has its own: a
/// display server may start over when its last client leaves, and the trial is a client that does.
class DisplayConnection {
 public:
  /// Throws Error::failure if no display answers or it has no OpenGL.
  DisplayConnection() {
    const char* const name = std::getenv("DISPLAY");
    const char* const wayland = std::getenv("WAYLAND_DISPLAY");
    const auto is_given = [](const char* text) { return text != nullptr && *text != '\0'; };
    if (!is_given(name)) {
      throw Error::failure(is_given(wayland)
                               ? "a window needs XWayland, which this Wayland session does not "
                                 "offer (DISPLAY is not "
                                 "set). Install the package xwayland and log in again."
                               : "there is no display for a window (DISPLAY is not set).");
    }
    void* xlib = dlopen("libX11.so.6", RTLD_NOW | RTLD_LOCAL);
    if (xlib == nullptr) throw Error::failure("a window needs libX11, which is not installed.");
    const auto open = reinterpret_cast<void* (*)(const char*)>(dlsym(xlib, "XOpenDisplay"));
    const auto query = reinterpret_cast<int (*)(void*, const char*, int*, int*, int*)>(
        dlsym(xlib, "XQueryExtension"));
    close_ = reinterpret_cast<int (*)(void*)>(dlsym(xlib, "XCloseDisplay"));
    display_ = open == nullptr ? nullptr : open(nullptr);
    if (display_ == nullptr) {
      throw Error::failure(std::string("the display '") + name + "' does not answer.");
    }
    int opcode = 0, event = 0, error = 0;
    if (query == nullptr || query(display_, "GLX", &opcode, &event, &error) == 0) {
      close();
      throw Error::failure(std::string("the display '") + name + "' has no OpenGL (GLX).");
    }
  }
  ~DisplayConnection() { close(); }
  DisplayConnection(const DisplayConnection&) = delete;
  DisplayConnection& operator=(const DisplayConnection&) = delete;

 private:
  void close() {
    if (display_ != nullptr && close_ != nullptr) close_(display_);
    display_ = nullptr;
  }
  void* display_ = nullptr;
  int (*close_)(void*) = nullptr;
};

std::atomic<bool> has_had_window{false};

/// Mesa without a graphics card draws with threads of its own, which the share that a training run
/// grants its window could not count; in our thread it is as fast for one textured rectangle.
void prefer_own_thread() {
  setenv("LP_NUM_THREADS", "0", /*overwrite=*/0);
}

/// Opens and closes a small window in a child process. Once this process has had a window of its
/// own there is nothing left to find out, and a child would share its connection to the display.
void try_window() {
  if (has_had_window) return;
  constexpr std::chrono::seconds kLimit{20};
  const ChildReport report = run_in_child(
      [](const ChildStage& stage) {
        stage("opening a window");
        delete load_library()("tern", 8, 8, KeyUse::kViewer, /*is_trial=*/true);
      },
      kLimit);
  if (report.end == ChildReport::End::kReturned) return;
  if (report.end == ChildReport::End::kThrew) throw Error::failure(report.error);
  const std::string printed = report.output.empty() ? "" : ": " + report.output;
  throw Error::failure("no window can be opened: " + report.stage + " " + describe_end(report) +
                       printed + ".");
}

}  // namespace

std::unique_ptr<Window> open_window(const std::string& title, int width, int height,
                                    const std::string& instead, KeyUse use) {
  prefer_own_thread();
  try {
    const DisplayConnection connection;
    try_window();
    std::unique_ptr<Window> window(
        load_library()(title.c_str(), width, height, use, /*is_trial=*/false));
    has_had_window = true;
    return window;
  } catch (const Error& error) {
    throw Error::failure(std::string(error.what()) + " " + instead);
  }
}

}  // namespace tern
