#pragma once
// The border to libtern_window, the one library that links SFML. It is loaded when a window is
// wanted, so that all other commands start without the graphics libraries and run without them.

#include "render/window.h"

namespace tern {

/// The library's one function: a window, owned by the caller. is_trial: say on standard error what
/// the graphics libraries find wrong.
extern "C" __attribute__((visibility("default"))) Window* tern_open_window(const char* title,
                                                                           int width, int height,
                                                                           KeyUse use,
                                                                           bool is_trial);

}  // namespace tern
