// Proof: worked examples of what another process may do to a file between two looks.

#include "core/files/line_tail.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "tests/temporary_folder.h"

namespace tern {
namespace {

using Lines = std::vector<std::string>;

class LineTailTest : public testing::Test {
 protected:
  void append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }
  void replace(const std::string& text) { std::ofstream(path_) << text; }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "lines";
  LineTail tail_{path_};
};

TEST_F(LineTailTest, EachWholeLineIsGivenOnce) {
  EXPECT_TRUE(tail_.read().lines.empty());  // no file yet
  append("one\ntwo\nthr");
  EXPECT_EQ(tail_.read().lines, (Lines{"one", "two"}));
  EXPECT_TRUE(tail_.read().lines.empty());
  append("ee\n\nfive\n");
  const LineTail::News news = tail_.read();
  EXPECT_EQ(news.lines, (Lines{"three", "", "five"}));
  EXPECT_FALSE(news.has_restarted);
}

TEST_F(LineTailTest, AFileThatWasCutIsReadAnew) {
  append("one\ntwo\nthree\n");
  tail_.read();
  replace("one\n");
  const LineTail::News news = tail_.read();
  EXPECT_TRUE(news.has_restarted);
  EXPECT_EQ(news.lines, Lines{"one"});
  append("2\n");
  EXPECT_EQ(tail_.read().lines, Lines{"2"});
}

TEST_F(LineTailTest, AFileThatWasCutAndGrewAgainIsReadAnew) {
  append("one\ntwo\nthree\n");
  tail_.read();
  replace("one\n2\nand much more than there was before\n");
  const LineTail::News news = tail_.read();
  EXPECT_TRUE(news.has_restarted);
  EXPECT_EQ(news.lines, (Lines{"one", "2", "and much more than there was before"}));
}

TEST_F(LineTailTest, AFileThatIsGoneHasNoLines) {
  append("one\n");
  tail_.read();
  std::filesystem::remove(path_);
  const LineTail::News news = tail_.read();
  EXPECT_TRUE(news.has_restarted);
  EXPECT_TRUE(news.lines.empty());
  EXPECT_FALSE(tail_.read().has_restarted);
  append("anew\n");
  EXPECT_EQ(tail_.read().lines, Lines{"anew"});
}

TEST_F(LineTailTest, AFolderInItsPlaceHasNoLines) {
  std::filesystem::create_directory(path_);
  EXPECT_TRUE(tail_.read().lines.empty());
}

}  // namespace
}  // namespace tern
