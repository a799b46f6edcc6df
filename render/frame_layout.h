#pragma once
// How a moment looks as a whole: in the window, and in recordings.

#include <string>
#include <vector>

#include "core/canvas.h"
#include "render/frame_data.h"
#include "render/side_panel.h"

namespace tern {

/// The env alone, fitted into low-high; what it draws beyond its view is not cut off.
void draw_env_in(Canvas& canvas, Point low, Point high, const FrameData& frame);
/// The same of a drawing. env_id: for what is thrown.
void draw_env_in(Canvas& canvas, Point low, Point high, const RecordingCanvas& env,
                 const std::string& env_id);

/// The window: the env, beside it the side panel (below 420 pixels of width there is none; in tall
/// windows it is below), over it notices, the end of the episode, the help. Returns what a mouse may
/// point at. Throws Error naming the env if it cannot be drawn.
PanelMap draw_viewer_frame(Canvas& canvas, int width, int height, const FrameData& frame);

/// Whether a window of that size has a side panel.
bool has_room_for_panel(int width, int height);

/// Where a window of that size has its time line, in pixels from the lower left corner; empty in
/// small ones.
Rectangle time_line_track(int width, int height);

/// A frame of a film: the env, below it a strip with env, policy, step, return and the action
/// probabilities (or Q, or values). Pictures less than 160 pixels wide or high show the env
/// alone.
void draw_recorded_frame(Canvas& canvas, int width, int height, const FrameData& frame);

/// Keys of the window, as the help shows them: a viewer's, and those left to the viewer while a
/// person plays.
struct KeyHelp {
  const char* keys;
  const char* meaning;
  bool is_for_runs = false;  // means something only where a run is followed
};
constexpr KeyHelp kKeyHelp[] = {
    {"space", "pause, go on"},
    {"right, n", "a step forth"},
    {"left, b", "a step back"},
    {"up, +", "faster"},
    {"down, -", "slower"},
    {"home, end", "first step, live"},
    {"page up, down", "other episodes"},
    {"r", "new episode"},
    {"1 .. 9, 0", "what if: branch"},
    {"o", "the other of two"},
    {"g", "4, 9, 16 envs, one"},
    {"t, T", "the next of them"},
    {"tab", "take over by hand"},
    {"v", "values of cells"},
    {"w", "why: four ways"},
    {"e", "why: of what"},
    {"f", "the newest policy", true},
    {"[, ]", "older, newer one", true},
    {"s", "save a picture"},
    {"F11", "full screen"},
    {"h, ?", "this help"},
    {"q, esc", "quit"},
};
constexpr KeyHelp kPlayerKeyHelp[] = {
    {"F1", "this help"},      {"F2", "new episode"},        {"F3", "pause, go on"},
    {"F4", "save a picture"}, {"F5, F6", "slower, faster"}, {"F11", "full screen"},
    {"esc", "quit"},
};

/// The lines of the help: of a person who plays or steers, what the env's keys mean first.
std::vector<KeyMeaning> help_lines(const FrameData& frame);

}  // namespace tern
