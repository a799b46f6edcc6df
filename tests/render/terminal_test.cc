// Proof: worked examples of bytes both ways, law (what a terminal was sent shows the screen), a real
// pseudo terminal.

#include "render/terminal.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "envs/registry/registry.h"
#include "render/terminal_frame.h"
#include "render/terminal_keys.h"
#include "tests/error_of.h"
#include "tests/render/fake_window.h"
#include "tests/render/frames.h"
#include "tests/render/linear_policy.h"

namespace tern {
namespace {

/// A terminal that understands as much as Tern sends: places, colours and characters.
class Emulator {
 public:
  Emulator(int columns, int rows)
      : columns_(columns), cells_(static_cast<std::size_t>(columns * rows), {"?", ""}) {}
  void feed(const std::string& bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
      if (bytes[i] == '\x1b') {
        const std::size_t end = bytes.find_first_of("HJmhl", i);
        const std::string sequence = bytes.substr(i + 2, end - i - 2);
        if (bytes[end] == 'm') color_ = sequence;
        if (bytes[end] == 'H') {
          row_ = std::stoi(sequence) - 1;
          column_ = std::stoi(sequence.substr(sequence.find(';') + 1)) - 1;
        }
        i = end + 1;
        continue;
      }
      const auto c = static_cast<unsigned char>(bytes[i]);
      const std::size_t size = c < 0x80 ? 1 : c < 0xe0 ? 2 : 3;
      cells_.at(static_cast<std::size_t>(row_ * columns_ + column_++)) = {bytes.substr(i, size),
                                                                          color_};
      i += size;
    }
  }
  std::string line(int row) const {
    std::string text;
    for (int i = 0; i < columns_; ++i) {
      text += cells_[static_cast<std::size_t>(row * columns_ + i)].first;
    }
    return text;
  }
  std::string color(int column, int row) const {
    return cells_[static_cast<std::size_t>(row * columns_ + column)].second;
  }
  bool operator==(const Emulator& other) const { return cells_ == other.cells_; }

 private:
  int columns_, row_ = 0, column_ = 0;
  std::string color_;
  std::vector<std::pair<std::string, std::string>> cells_;
};

TEST(Terminal, KeysOfAllKindsAreUnderstood) {
  EXPECT_EQ(keys_in(" n\x1b[C\x1b[D\x1bOAb-"),
            (std::vector<ViewerKey>{ViewerKey::kPause, ViewerKey::kStep, ViewerKey::kStep,
                                    ViewerKey::kBack, ViewerKey::kFaster, ViewerKey::kBack,
                                    ViewerKey::kSlower}));
  EXPECT_EQ(keys_in("\x1b[H\x1b[4~\x1b[5~"),
            (std::vector<ViewerKey>{ViewerKey::kBegin, ViewerKey::kEnd,
                                    ViewerKey::kPreviousEpisode}));
  EXPECT_EQ(keys_in("\x1b"), std::vector<ViewerKey>{ViewerKey::kQuit});
  EXPECT_EQ(keys_in("\x03"), std::vector<ViewerKey>{ViewerKey::kQuit});
  EXPECT_EQ(keys_in("\x1b[1;5Cx\xc3\xa4\x1b[200~"), std::vector<ViewerKey>{});  // others' keys
  EXPECT_EQ(keys_in("\x1b["), std::vector<ViewerKey>{});                         // cut in half
}

Keys only(Key key) {
  Keys keys;
  keys.press(key);
  return keys;
}

TEST(Terminal, KeysOfAPersonWhoSteersAreUnderstood) {
  const SteeringKeys found = steering_keys_in("a\x1b[C\x1bOA 7\rQ\t\x1bOP\x1b[15~");
  EXPECT_EQ(found.keys,
            (std::vector<ViewerKey>{ViewerKey::kTakeOver, ViewerKey::kHelp, ViewerKey::kSlower}));
  std::vector<std::uint64_t> bits, expected;
  for (const Keys& press : found.presses) bits.push_back(press.bits());
  for (const Key key :
       {Key::kA, Key::kRight, Key::kUp, Key::kSpace, Key::k7, Key::kEnter, Key::kQ}) {
    expected.push_back(only(key).bits());
  }
  EXPECT_EQ(bits, expected);
  EXPECT_EQ(steering_keys_in("\x03").keys, std::vector<ViewerKey>{ViewerKey::kQuit});
  EXPECT_EQ(steering_keys_in("\x1b").keys, std::vector<ViewerKey>{ViewerKey::kQuit});
  EXPECT_TRUE(steering_keys_in("\x1b[1;5C\xc3\xa4\x1b[").presses.empty());
  EXPECT_TRUE(steering_keys_in("").keys.empty());
}

TEST(TerminalScreen, WhatChangedIsSentAndTheRestIsNot) {
  TerminalScreen before(20, 4), after(20, 4);
  before.text(2, 1, 10, "step 1", {1, 2, 3});
  after.text(2, 1, 10, "step 2", {1, 2, 3});
  const TerminalKind kind;
  const std::string change = after.update(&before, kind);
  EXPECT_EQ(change, "\x1b[2;8H\x1b[0;38;2;1;2;3;48;2;16;20;22m2");
  EXPECT_EQ(after.update(&after, kind), "");
  Emulator changed(20, 4), anew(20, 4);
  changed.feed(before.update(nullptr, kind));
  changed.feed(change);
  anew.feed(after.update(nullptr, kind));
  EXPECT_TRUE(changed == anew);
  EXPECT_EQ(anew.line(1), "  step 2            ");
}

TEST(TerminalScreen, LongTextEndsInDotsAndNothingLeavesTheGrid) {
  TerminalScreen screen(10, 2);
  screen.text(0, 0, 6, "pole angle", {});
  screen.text(8, 1, 10, "abcdef", {});
  screen.text(0, 7, 10, "below", {});
  Emulator terminal(10, 2);
  terminal.feed(screen.update(nullptr, {}));
  EXPECT_EQ(terminal.line(0), "pole..    ");
  EXPECT_EQ(terminal.line(1), "        ab");
}

TEST(TerminalScreen, BarsAreExactToAnEighth) {
  TerminalScreen screen(4, 3);
  screen.bar(0, 0, 4, 0, 0.625f, {9, 9, 9}, /*has_blocks=*/true);
  screen.bar(0, 1, 4, 0.5f, 1, {9, 9, 9}, /*has_blocks=*/true);
  screen.bar(0, 2, 4, 0, 0.5f, {9, 9, 9}, /*has_blocks=*/false);
  Emulator terminal(4, 3);
  terminal.feed(screen.update(nullptr, {}));
  EXPECT_EQ(terminal.line(0), "  \u258c ");
  EXPECT_NE(terminal.color(1, 0).find("48;2;9;9;9"), std::string::npos);
  EXPECT_EQ(terminal.color(0, 1).find("48;2;9;9;9"), std::string::npos);
  EXPECT_NE(terminal.color(2, 1).find("48;2;9;9;9"), std::string::npos);
  EXPECT_EQ(terminal.line(2), "##--");
}

TEST(TerminalScreen, FewerColorsAreTheNearest) {
  TerminalScreen screen(1, 1);
  screen.put(0, 0, {U'\u2580', {255, 10, 0}, {10, 10, 10}});
  const auto sent = [&](TerminalColors colors, bool has_blocks) {
    return screen.update(&screen, {colors, has_blocks}).empty()
               ? screen.update(nullptr, {colors, has_blocks})
               : "";
  };
  EXPECT_NE(sent(TerminalColors::k256, true).find("\x1b[0;38;5;196;48;5;232m\u2580"),
            std::string::npos);
  EXPECT_NE(sent(TerminalColors::k16, true).find("\x1b[0;31;40m"), std::string::npos);
  EXPECT_NE(sent(TerminalColors::kNone, false).find("\x1b[0m#"), std::string::npos);
}

/// Lines of a moment in a terminal of that size.
std::vector<std::string> lines_of(const FrameData& frame, int columns, int rows,
                                  const TerminalKind& kind = {}) {
  TerminalScreen screen(columns, rows);
  draw_terminal_frame(screen, frame, kind);
  Emulator terminal(columns, rows);
  terminal.feed(screen.update(nullptr, kind));
  std::vector<std::string> lines;
  for (int row = 0; row < rows; ++row) lines.push_back(terminal.line(row));
  return lines;
}

bool some_line_has(const std::vector<std::string>& lines, const std::string& text) {
  for (const std::string& line : lines) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(TerminalFrame, SaysWhatAWindowSays) {
  for (const int columns : {60, 80, 200}) {
    const std::vector<std::string> lines = lines_of(balancing_frame(), columns, 40);
    for (const char* text : {"Pole-v0", "ppo, 51 k steps", "return 123", "episode 4",
                             "step 123 of 500", "87.25", "left", "0.75", "1.2 m", "q quit"}) {
      EXPECT_TRUE(some_line_has(lines, text)) << text << " at " << columns;
    }
  }
}

TEST(TerminalFrame, WithoutBlocksAllIsAscii) {
  TerminalKind kind;
  kind.has_blocks = false;
  for (const std::string& line : lines_of(balancing_frame(), 80, 24, kind)) {
    EXPECT_EQ(line.size(), 80u);
    for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
  }
}

TEST(TerminalFrame, EveryEnvFitsEverySize) {
  for (const std::string& id : registry().ids()) {
    EpisodePlayer player(registry().find(id), {}, {});
    player.start(nullptr);
    for (const auto& [columns, rows] : {std::pair{20, 6}, {80, 24}, {60, 50}, {300, 20}}) {
      for (const bool has_blocks : {true, false}) {
        TerminalKind kind;
        kind.has_blocks = has_blocks;
        EXPECT_EQ(lines_of(player.frame(), columns, rows, kind).size(),
                  static_cast<std::size_t>(rows));
      }
    }
  }
}

class Variables {
 public:
  explicit Variables(const std::map<std::string, std::string>& values) {
    for (const char* name : {"COLORTERM", "TERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"}) {
      const char* const old = getenv(name);
      before_[name] = old == nullptr ? std::optional<std::string>() : std::string(old);
      const auto value = values.find(name);
      value == values.end() ? unsetenv(name) : setenv(name, value->second.c_str(), 1);
    }
  }
  ~Variables() {
    for (const auto& [name, value] : before_) {
      value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
    }
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST(Terminal, SaysWhatItCanShow) {
  const auto kind = [](const std::map<std::string, std::string>& values) {
    const Variables variables(values);
    const TerminalKind found = kind_of_terminal();
    return std::pair(found.colors, found.has_blocks);
  };
  EXPECT_EQ(kind({{"COLORTERM", "truecolor"}, {"TERM", "xterm"}, {"LANG", "en_GB.UTF-8"}}),
            std::pair(TerminalColors::kTrue, true));
  EXPECT_EQ(kind({{"TERM", "screen-256color"}, {"LC_ALL", "C"}, {"LANG", "en_GB.UTF-8"}}),
            std::pair(TerminalColors::k256, false));
  EXPECT_EQ(kind({{"TERM", "xterm"}, {"LC_CTYPE", "C.utf8"}}), std::pair(TerminalColors::k16, true));
  EXPECT_EQ(kind({{"TERM", "dumb"}}), std::pair(TerminalColors::kNone, false));
  EXPECT_EQ(kind({{"TERM", "xterm"}, {"NO_COLOR", "1"}}), std::pair(TerminalColors::kNone, false));
}

/// Reads all that a terminal is sent, on a thread of its own, until the program's end is closed.
class Reader {
 public:
  explicit Reader(int terminal) : thread_([this, terminal] {
      char block[4096];
      for (ssize_t size; (size = read(terminal, block, sizeof block)) > 0;) {
        sent_.append(block, static_cast<std::size_t>(size));
      }
    }) {}
  std::string all() {
    thread_.join();
    return sent_;
  }

 private:
  std::string sent_;
  std::thread thread_;
};

TEST(Terminal, IsTakenOverAndGivenBack) {
  int person = -1, program = -1;
  ASSERT_EQ(openpty(&person, &program, nullptr, nullptr, nullptr), 0);
  const winsize size = {20, 70, 0, 0};
  ioctl(person, TIOCSWINSZ, &size);
  termios before = {}, after = {};
  tcgetattr(program, &before);
  Reader reader(person);
  const auto policy = std::make_shared<LinearPolicy>();
  Viewer viewer(std::make_unique<EpisodePlayer>(registry().find("CartPole-v1"), ParamValues(),
                                                EpisodeOptions()),
                [&] { return policy; });
  FakeTime time;
  ViewerLoopOptions options;
  options.clock = time.clock();
  int frames = 0;
  options.before_frame = [&](Viewer&) {
    ++frames;
    if (frames == 10) { EXPECT_EQ(::write(person, " \x1b[D", 4), 4); }
    if (frames == 20) { EXPECT_EQ(::write(person, "q", 1), 1); }
  };
  {
    Terminal terminal(program, program);
    EXPECT_EQ(terminal.columns(), 70);
    EXPECT_EQ(terminal.rows(), 20);
    run_viewer(terminal, viewer, options);
  }
  EXPECT_GE(frames, 20);
  EXPECT_TRUE(viewer.frame().is_paused);
  EXPECT_TRUE(viewer.frame().is_replay);
  tcgetattr(program, &after);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  close(program);
  const std::string sent = reader.all();
  EXPECT_NE(sent.find("CartPole-v1"), std::string::npos);
  EXPECT_EQ(sent.rfind("\x1b[?1049l"), sent.size() - 8);  // the other screen is left last
  close(person);
}

TEST(Terminal, APersonSteersInIt) {
  int person = -1, program = -1;
  ASSERT_EQ(openpty(&person, &program, nullptr, nullptr, nullptr), 0);
  Reader reader(person);
  Viewer viewer(std::make_unique<EpisodePlayer>(registry().find("FrozenLake-v1"), ParamValues(),
                                                EpisodeOptions()),
                [] { return nullptr; });
  viewer.press(ViewerKey::kPause);
  FakeTime time;
  ViewerLoopOptions options;
  options.clock = time.clock();
  int frames = 0;
  options.before_frame = [&](Viewer&) {
    ++frames;
    const auto type = [&](const char* text) {
      EXPECT_EQ(::write(person, text, strlen(text)), static_cast<ssize_t>(strlen(text)));
    };
    if (frames == 5) type("\t");
    if (frames == 10) type("\x1b[B");  // down
    if (frames == 15) type("\t");
    if (frames == 20) type(" q");
  };
  {
    Terminal terminal(program, program);
    run_viewer(terminal, viewer, options);
  }
  EXPECT_GE(frames, 20);
  ASSERT_EQ(viewer.frame().steered.size(), 1u);
  EXPECT_EQ(viewer.frame().steered[0], (StepRange{0, 1}));
  EXPECT_FALSE(viewer.frame().is_taken_over);
  close(program);
  EXPECT_NE(reader.all().find("you steer"), std::string::npos);
  close(person);
}

TEST(Terminal, AFileIsNone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(error_of([&] { Terminal(ends[0], ends[1]); }),
            "standard input and output are no terminal.");
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tern
