// Proof: law. docs/writing_an_agent.md shows parts of examples/custom_agent, which CTest builds and
// runs; poisoned pages show that a difference is seen.

#include "tests/house/shown_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/source_tree.h"

namespace tern::house {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string read_source(const std::string& path) {
  std::ifstream file(source_path(path));
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ShownCode, OfTheAgentsPageIsPartOfTheExample) {
  const std::string page = read_source("docs/writing_an_agent.md");
  EXPECT_THAT(page, HasSubstr("<!-- from: examples/custom_agent/reinforce.cc -->"));
  EXPECT_THAT(shown_code_errors(page, read_source), IsEmpty());
}

TEST(ShownCode, OfTheEmbeddingPageIsPartOfTheExamples) {
  const std::string page = read_source("docs/embedding.md");
  EXPECT_THAT(page, HasSubstr("<!-- from: examples/caller_owned_loop/caller_owned_loop.cc -->"));
  EXPECT_THAT(shown_code_errors(page, read_source), IsEmpty());
}

TEST(ShownCode, ThatDiffersFromItsFileIsNamed) {
  const auto file = [](const std::string& path) -> std::string {
    return path == "a.cc" ? "int a() {\n  return 1;\n}\n" : "";
  };
  const auto errors = [&](const std::string& page) { return shown_code_errors(page, file); };
  EXPECT_THAT(errors("<!-- from: a.cc -->\n```cpp\nreturn 1;\n```\n"), IsEmpty());
  EXPECT_THAT(errors("<!-- from: a.cc -->\n```cpp\nreturn 2;\n```\n"),
              ElementsAre("line 4: the block that ends here is no part of a.cc"));
  EXPECT_THAT(errors("<!-- from: a.cc -->\n```cpp\nn 1;\n```\n"),  // only a part of a line
              ElementsAre(HasSubstr("no part of a.cc")));
  EXPECT_THAT(errors("<!-- from: b.cc -->\n```cpp\nreturn 1;\n```\n"),
              ElementsAre(HasSubstr("no part of b.cc")));
  EXPECT_THAT(errors("<!-- from: a.cc -->\n```cpp\n```\n"), ElementsAre(HasSubstr("no part")));
  EXPECT_THAT(errors("```cpp\nreturn 1;\n```\n"),
              ElementsAre("line 1: this block does not say where it is from"));
  EXPECT_THAT(errors("<!-- from: a.cc -->\nText.\n```cpp\nreturn 1;\n```\n"),
              ElementsAre(HasSubstr("between a mark and its block"), HasSubstr("line 3")));
  EXPECT_THAT(errors("```\ntern list\n```\n"), IsEmpty());
}

}  // namespace
}  // namespace tern::house
