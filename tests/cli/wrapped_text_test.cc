// Proof: worked examples. Sentences broken into lines.

#include "cli/text/wrapped_text.h"

#include <gtest/gtest.h>

namespace tern::cli {
namespace {

TEST(WrappedText, LinesEndBeforeTheLastColumn) {
  EXPECT_EQ(wrapped("one two three four", 2, 10), "  one two\n  three\n  four\n");
  EXPECT_EQ(wrapped("one two", 2, 9), "  one two\n");  // just fits
}

TEST(WrappedText, AWordThatIsTooLongStaysWhole) {
  EXPECT_EQ(wrapped("see /a/very/long/path now", 4, 10), "    see\n    /a/very/long/path\n    now\n");
}

TEST(WrappedText, WithoutColumnsItIsOneLine) {
  EXPECT_EQ(wrapped("one two  three", 2, 0), "  one two  three\n");
}

}  // namespace
}  // namespace tern::cli
