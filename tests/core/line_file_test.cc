// Law: a file keeps its longest beginning of whole lines, whatever byte it was cut at.

#include "core/files/line_file.h"

#include <gtest/gtest.h>

#include <string>

#include "core/files/file_io.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

TEST(LineFile, ATornLastLineGoesAndWholeLinesStayWhereverTheFileWasCut) {
  TemporaryFolder folder;
  const std::string path = folder / "lines";
  const std::string text = "a\nbb\n\nccc\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    write_file_durably(path, as_bytes(text.substr(0, cut)));
    keep_lines(path, [](std::string_view, std::int64_t) { return true; });
    const std::size_t newline = text.substr(0, cut).rfind('\n');
    EXPECT_EQ(read_text_file(path), newline == std::string::npos ? "" : text.substr(0, newline + 1))
        << "cut after " << cut << " bytes";
  }
}

TEST(LineFile, EndsBeforeTheFirstLineNotKept) {
  TemporaryFolder folder;
  const std::string path = folder / "lines";
  write_file_durably(path, as_bytes("keep\nkeep\ndrop\nkeep\n"));
  keep_lines(path, [](std::string_view line, std::int64_t number) {
    EXPECT_LE(number, 2);
    return line == "keep";
  });
  EXPECT_EQ(read_text_file(path), "keep\nkeep\n");
}

TEST(LineFile, AMissingFileIsNotMade) {
  TemporaryFolder folder;
  keep_lines(folder / "none", [](std::string_view, std::int64_t) { return true; });
  EXPECT_FALSE(is_file(folder / "none"));
}

}  // namespace
}  // namespace tern
