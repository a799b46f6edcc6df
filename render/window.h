#pragma once
// A window as the viewer sees it: pixels go in, keys come out. No SFML in sight.

#include <memory>
#include <string>
#include <vector>

#include "core/drawing/raster_canvas.h"
#include "render/player_keys.h"

namespace tern {

/// What a key of the window means.
enum class ViewerKey : std::uint8_t {
  kPause,
  kStep,
  kBack,
  kFaster,
  kSlower,
  kBegin,            // of the episode
  kEnd,              // of what was shown, where it goes on live
  kPreviousEpisode,  // of those that were shown
  kFollowingEpisode,
  kNextEpisode,  // a new one
  kHelp,
  kPicture,
  kNewestPolicy,  // of the run that is followed, from now on
  kOlderPolicy,   // that of the checkpoint before the one that plays
  kNewerPolicy,
  kValues,     // over the cells of a tabular env: of the policy, the optimum, both, none
  kWhy,        // what the policy's output rests on: by which method, or not at all
  kWhyOutput,  // which output: what it does, the value
  kGrid,       // more envs at once: 4, 9, 16, one
  kNextTile,   // of those the next one in the panel
  kPreviousTile,
  kOtherSide,  // of two episodes side by side, in the panel
  // From the moment that is shown on, beside what is done: the first to the tenth other action.
  kBranch1,
  kBranch2,
  kBranch3,
  kBranch4,
  kBranch5,
  kBranch6,
  kBranch7,
  kBranch8,
  kBranch9,
  kBranch10,
  kTakeOver,  // a person steers from now on, or the policy again; in a player's window, too
  kQuit,
};

/// Who has the arrows, letters, digits and space: the viewer, or a person who plays. A player's
/// window leaves the function keys, tab and escape to the viewer.
enum class KeyUse : std::uint8_t { kViewer, kPlayer };

/// What the mouse did since the last look.
struct MouseInput {
  Point at;               // now; pixels, the origin in the lower left corner
  bool is_held = false;   // the left button, now
  bool went_down = false; // it did
  float wheel = 0;        // notches turned since the last look, towards the person below zero
};

class Window {
 public:
  virtual ~Window() = default;
  /// Whose keys they are from now on. What is held down while that changes does nothing more.
  virtual void set_key_use(KeyUse use) = 0;
  /// What was pressed since the last call, in order; closing the window is kQuit.
  virtual std::vector<ViewerKey> poll() = 0;
  /// What a player did up to the last poll(); nothing while the keys are the viewer's.
  virtual PlayerInput player_input() = 0;
  /// What the mouse did up to the last poll().
  virtual MouseInput mouse_input() = 0;
  /// The present size in pixels, at least 1; it changes when a person drags the window's edge.
  virtual int width() const = 0;
  virtual int height() const = 0;
  /// It fills the screen, which F11 begins and ends.
  virtual bool is_full_screen() const { return false; }
  /// Shows the picture, stretched if the window's size changed meanwhile.
  virtual void show(const RasterCanvas& picture) = 0;
  /// Takes the window off the screen at once; nothing of it is called afterwards.
  virtual void close() = 0;
};

/// Opens a window of width x height pixels on the display. Tries that in a child process first,
/// since the graphics libraries end the process when there is no display. Throws Error::failure
/// saying what is missing (no display, no OpenGL, a build without window) and `instead`, a sentence
/// that says what to do then. Call it from the thread that will use the window, and from no other.
std::unique_ptr<Window> open_window(const std::string& title, int width, int height,
                                    const std::string& instead,
                                    KeyUse use = KeyUse::kViewer);

}  // namespace tern
