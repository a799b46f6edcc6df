#pragma once
// How a person left the window of `tern watch`: the next one opens like that.

#include <bitset>
#include <string>

#include "cli/text/run_or_env.h"
#include "render/frame_data.h"

namespace tern::cli {

struct WindowLayout {
  PictureSize size{1024, 680};
  std::bitset<kPanelSections> folded;  // by PanelSection
};

/// $XDG_STATE_HOME/tern/watch.json, or the same below ~/.local/state; "": there is no home folder.
std::string window_layout_file();

/// What the file says; the rest, and all of what is damaged or absurd, as it is without a file.
WindowLayout read_window_layout();

/// Writes the file. Where that cannot be done, nothing is kept.
void keep_window_layout(const WindowLayout& layout);

}  // namespace tern::cli
