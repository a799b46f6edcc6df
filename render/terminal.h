#pragma once
// A terminal as the viewer's window: over SSH, or where there is no display.

#include <termios.h>

#include <memory>
#include <string>
#include <vector>

#include "render/terminal_screen.h"
#include "render/viewer_loop.h"

namespace tern {

/// What a terminal can show, by what it says of itself in the environment variables COLORTERM, TERM,
/// NO_COLOR, LC_ALL, LC_CTYPE and LANG.
TerminalKind kind_of_terminal();

/// Takes a terminal over: no echo, no cursor, a screen of its own. All is as before when it goes.
/// Not thread-safe.
class Terminal {
 public:
  /// Throws Error::failure unless both are the ends of a terminal.
  Terminal(int input, int output);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// What was pressed since the last call. Ctrl-C quits, and so does a terminal that is gone.
  std::vector<ViewerKey> poll();
  /// Whose keys they are from now on.
  void set_key_use(KeyUse use);
  /// What a person who steers did up to the last poll(). A terminal does not say when a key goes
  /// up: the last one counts as held for 0.2 seconds. now: seconds.
  PlayerInput player_input(double now);
  /// Characters, now; 20 to 500 and 6 to 300.
  int columns() const;
  int rows() const;
  void show(std::unique_ptr<TerminalScreen> screen);
  const TerminalKind& kind() const { return kind_; }

 private:
  void write(const std::string& bytes) const;

  int input_, output_;
  TerminalKind kind_;
  termios before_ = {};
  std::unique_ptr<TerminalScreen> shown_;
  KeyUse use_ = KeyUse::kViewer;
  std::vector<Keys> presses_;
  Keys held_;
  double last_press_ = 0;  // seconds
};

/// Shows the viewer in the terminal until someone quits or `should_close` says so.
void run_viewer(Terminal& terminal, Viewer& viewer, const ViewerLoopOptions& options);

}  // namespace tern
