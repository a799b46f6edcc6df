// Words of commands, by example and as the shell itself reads them.

#include <gtest/gtest.h>

#include <cstdio>

#include "core/shell_word.h"

namespace tern {
namespace {

TEST(ShellWord, PlainWordsStayAsTheyAre) {
  for (const std::string word : {"runs/ppo_CartPole-v1-s0@2048", "./lib.so:Maze-v0", "lr=3e-4,5%"}) {
    EXPECT_EQ(shell_word(word), word);
  }
}

TEST(ShellWord, OthersAreQuoted) {
  EXPECT_EQ(shell_word("my runs/x"), "'my runs/x'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(ShellWord, AShellReadsTheSameWord) {
  for (const std::string word : {"a b", "it's", "$HOME", "`id`", "a\\b", "*", "x;y", "~", "#", "ä", "''"}) {
    FILE* const shell = popen(("printf %s " + shell_word(word)).c_str(), "r");
    ASSERT_NE(shell, nullptr);
    char text[64] = "";
    const std::size_t size = std::fread(text, 1, sizeof text - 1, shell);
    EXPECT_EQ(pclose(shell), 0);
    EXPECT_EQ(std::string(text, size), word);
  }
}

}  // namespace
}  // namespace tern
