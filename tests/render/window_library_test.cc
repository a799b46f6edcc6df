// Proof: error text. Nothing here needs a display; that there is none is the point.

#include <gtest/gtest.h>
#include <stdlib.h>

#include "render/window.h"
#include "tests/error_of.h"

namespace tern {
namespace {

constexpr const char* kInstead = "Record a film instead: tern record RUN -o out.gif";

std::string error_with_display(const char* display) {
  if (display == nullptr) {
    unsetenv("DISPLAY");
  } else {
    setenv("DISPLAY", display, /*overwrite=*/1);
  }
  return error_of([] { open_window("test", 64, 64, kInstead); });
}

TEST(WindowLibrary, WithoutADisplayTheErrorSaysSoAndWhatToDo) {
  EXPECT_EQ(error_with_display(nullptr),
            "there is no display for a window (DISPLAY is not set). Record a film instead: tern "
            "record RUN -o out.gif");
  EXPECT_EQ(error_with_display(""),
            "there is no display for a window (DISPLAY is not set). Record a film instead: tern "
            "record RUN -o out.gif");
}

TEST(WindowLibrary, AWaylandSessionIsToldOfXWayland) {
  setenv("WAYLAND_DISPLAY", "wayland-0", /*overwrite=*/1);
  EXPECT_EQ(error_with_display(nullptr),
            "a window needs XWayland, which this Wayland session does not offer (DISPLAY is not set). "
            "Install the package xwayland and log in again. Record a film instead: tern record RUN "
            "-o out.gif");
  unsetenv("WAYLAND_DISPLAY");
}

TEST(WindowLibrary, ADisplayThatDoesNotAnswerIsNamed) {
  const std::string message = error_with_display(":4711");
  // Where libX11 itself is missing there can be no display either.
  EXPECT_TRUE(message == std::string("the display ':4711' does not answer. ") + kInstead ||
              message == std::string("a window needs libX11, which is not installed. ") + kInstead)
      << message;
}

}  // namespace
}  // namespace tern
