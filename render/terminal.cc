#include "render/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "core/error.h"
#include "render/frame_pacer.h"
#include "render/terminal_frame.h"
#include "render/terminal_keys.h"

namespace tern {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool has_word(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

winsize size_of(int terminal) {
  winsize size = {};
  ioctl(terminal, TIOCGWINSZ, &size);
  return size;
}

}  // namespace

TerminalKind kind_of_terminal() {
  TerminalKind kind;
  const std::string term = variable("TERM"), colors = variable("COLORTERM");
  kind.colors = has_word(colors, "truecolor") || has_word(colors, "24bit") ? TerminalColors::kTrue
                : has_word(term, "256color")                               ? TerminalColors::k256
                                                                           : TerminalColors::k16;
  if (!variable("NO_COLOR").empty() || term.empty() || term == "dumb") {
    kind.colors = TerminalColors::kNone;
  }
  std::string locale;  // the first that is set says what the characters are
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (locale.empty()) locale = variable(name);
  }
  for (char& c : locale) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  kind.has_blocks = has_word(locale, "UTF-8") || has_word(locale, "UTF8");
  return kind;
}

Terminal::Terminal(int input, int output)
    : input_(input), output_(output), kind_(kind_of_terminal()) {
  if (isatty(output) != 1 || tcgetattr(input, &before_) != 0) {
    throw Error::failure("standard input and output are no terminal.");
  }
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  tcsetattr(input, TCSANOW, &raw);
  write("\x1b[?1049h\x1b[?25l");  // the other screen, no cursor
}

Terminal::~Terminal() {
  write("\x1b[0m\x1b[?25h\x1b[?1049l");
  tcsetattr(input_, TCSANOW, &before_);
}

std::vector<ViewerKey> Terminal::poll() {
  std::string bytes;
  char block[256];
  while (true) {
    const ssize_t size = read(input_, block, sizeof block);
    if (size > 0) bytes.append(block, static_cast<std::size_t>(size));
    if (size < 0 && errno != EINTR && errno != EAGAIN) return {ViewerKey::kQuit};
    if (size < static_cast<ssize_t>(sizeof block)) break;
  }
  if (use_ == KeyUse::kViewer) return keys_in(bytes);
  SteeringKeys found = steering_keys_in(bytes);
  presses_.insert(presses_.end(), found.presses.begin(), found.presses.end());
  return found.keys;
}

void Terminal::set_key_use(KeyUse use) {
  if (use == use_) return;
  use_ = use;
  presses_.clear();
  held_ = Keys();
}

PlayerInput Terminal::player_input(double now) {
  constexpr double kHeldSeconds = 0.2;  // longer than a keyboard takes to repeat a key
  if (!presses_.empty()) {
    held_ = presses_.back();
    last_press_ = now;
  } else if (now - last_press_ > kHeldSeconds) {
    held_ = Keys();
  }
  return {held_, std::exchange(presses_, {})};
}

int Terminal::columns() const {
  const int columns = size_of(output_).ws_col;
  return columns == 0 ? 80 : std::clamp(columns, 20, 500);
}

int Terminal::rows() const {
  const int rows = size_of(output_).ws_row;
  return rows == 0 ? 24 : std::clamp(rows, 6, 300);
}

void Terminal::show(std::unique_ptr<TerminalScreen> screen) {
  write(screen->update(shown_.get(), kind_));
  shown_ = std::move(screen);
}

void Terminal::write(const std::string& bytes) const {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t size = ::write(output_, bytes.data() + done, bytes.size() - done);
    if (size < 0 && errno != EINTR) return;  // poll() sees that it is gone
    if (size > 0) done += static_cast<std::size_t>(size);
  }
}

void run_viewer(Terminal& terminal, Viewer& viewer, const ViewerLoopOptions& options) {
  constexpr double kFramesPerSecond = 20;  // a connection has to carry them
  const ViewerClock& clock = options.clock;
  FramePacer pacer(kFramesPerSecond);
  int columns = 0, rows = 0;
  double last = clock.now();
  while (true) {
    const double began = clock.now(), work_began = clock.work();
    terminal.set_key_use(viewer.key_use());
    for (const ViewerKey key : terminal.poll()) viewer.press(key);
    viewer.play(terminal.player_input(began));
    if (viewer.wants_to_quit() || options.should_close()) return;
    viewer.advance(began - last);
    last = began;
    options.before_frame(viewer);
    if (viewer.takes_picture()) viewer.show_notice("pictures: tern watch without --terminal");
    const bool is_resized = columns != terminal.columns() || rows != terminal.rows();
    columns = terminal.columns();
    rows = terminal.rows();
    if (viewer.has_changed() || is_resized) {
      auto screen = std::make_unique<TerminalScreen>(columns, rows);
      draw_terminal_frame(*screen, viewer.frame(), terminal.kind());
      terminal.show(std::move(screen));
    }
    clock.sleep(pacer.wait(clock.now() - began, clock.work() - work_began, options.cpu_share()));
  }
}

}  // namespace tern
