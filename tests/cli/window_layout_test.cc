// Proof: what was kept is read again; hostile files.

#include "cli/viewing/window_layout.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace tern::cli {
namespace {

class WindowLayoutTest : public ::testing::Test {
 protected:
  WindowLayoutTest() { setenv("XDG_STATE_HOME", folder_.path().c_str(), 1); }
  ~WindowLayoutTest() override { unsetenv("XDG_STATE_HOME"); }

  static std::string str(const WindowLayout& layout) {
    return std::to_string(layout.size.width) + "x" + std::to_string(layout.size.height) + " " +
           layout.folded.to_string();
  }
  static std::string after(const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(window_layout_file()).parent_path());
    std::ofstream(window_layout_file(), std::ios::binary) << text;
    return str(read_window_layout());
  }
  TemporaryFolder folder_;
};

TEST_F(WindowLayoutTest, WhatWasKeptIsReadAgain) {
  EXPECT_EQ(str(read_window_layout()), str(WindowLayout()));
  WindowLayout layout;
  layout.size = {640, 480};
  layout.folded.set(static_cast<std::size_t>(PanelSection::kMemory));
  layout.folded.set(static_cast<std::size_t>(PanelSection::kQuantiles));
  keep_window_layout(layout);
  EXPECT_EQ(str(read_window_layout()), str(layout));
}

TEST_F(WindowLayoutTest, WhatIsDamagedOrAbsurdIsLeftOut) {
  const std::string fresh = str(WindowLayout());
  for (const char* text :
       {"", "{", "[]", "3", "\xff\xfe", R"({"width": 640})", R"({"width": -1, "height": 480})",
        R"({"width": 1e99, "height": 480})", R"({"width": 99999, "height": 480})",
        R"({"width": "640", "height": 480})", R"({"folded": 3})",
        R"({"folded": ["x", 3, null]})"}) {
    EXPECT_EQ(after(text), fresh) << text;
  }
  EXPECT_NE(after(R"({"folded": ["x", "memory"]})"), fresh);
  EXPECT_EQ(after(std::string(1 << 20, ' ') + R"({"folded": ["memory"]})"), fresh);
}

TEST_F(WindowLayoutTest, WithoutAFolderNothingIsKept) {
  setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
  keep_window_layout(WindowLayout());
  EXPECT_EQ(str(read_window_layout()), str(WindowLayout()));
  unsetenv("XDG_STATE_HOME");
  const std::string home = getenv("HOME") == nullptr ? "" : getenv("HOME");
  unsetenv("HOME");
  EXPECT_EQ(window_layout_file(), "");
  keep_window_layout(WindowLayout());
  if (!home.empty()) setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace tern::cli
