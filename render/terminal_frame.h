#pragma once
// How a moment looks in a terminal.

#include "render/frame_data.h"
#include "render/terminal_screen.h"

namespace tern {

/// The env in half blocks (in ASCII where a terminal has no more), beside or above it what the side
/// panel of a window says, below it the time line. Of any size from 20 x 6 characters.
void draw_terminal_frame(TerminalScreen& screen, const FrameData& frame, const TerminalKind& kind);

}  // namespace tern
