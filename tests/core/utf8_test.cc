// Worked examples of RFC 3629.

#include "core/utf8.h"

#include <gtest/gtest.h>

namespace tern {
namespace {

TEST(Utf8, TakesWhatTheStandardTakes) {
  for (const char* text : {"", "run", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\xA6",
                           "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(Utf8, RefusesEverythingElse) {
  for (const char* text : {"caf\xE9", "\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF0\x9F\x90", "\xFF", "\xC3(", "a\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Utf8, ShowsOneMarkForEachByteThatIsNone) {
  EXPECT_EQ(shown("caf\xE9.so"), "caf?.so");
  EXPECT_EQ(shown("caf\xC3\xA9"), "caf\xC3\xA9");
}

TEST(Utf8, ShowsControlCharactersWithoutTheirEffect) {
  EXPECT_EQ(shown("\x1B[2Jgone\r\x7F"), "\\x1b[2Jgone\\x0d\\x7f");
  EXPECT_EQ(shown("\xC2\x9B"
                  "31m\xC2\xA0"),
            "\\x9b31m\xC2\xA0");
  EXPECT_EQ(shown("two\nlines\tand a tab"), "two\nlines\tand a tab");
}

}  // namespace
}  // namespace tern
