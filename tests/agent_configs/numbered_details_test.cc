// Law: the numbered details of an algorithm's page are those that its code names, no more, no fewer.

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "core/file_io.h"

namespace tern {
namespace {

const std::string kRoot = std::string(TERN_TEST_DATA) + "/../..";

std::set<int> numbers(const std::string& text, const std::regex& pattern) {
  std::set<int> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    found.insert(std::stoi((*match)[1]));
  }
  return found;
}

std::set<int> named_in_code(const std::string& folder, const std::string& name) {
  std::string code;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot + "/agents/" + folder)) {
    code += read_text_file(entry.path().string()) + "\n";
  }
  return numbers(code, std::regex(name + " detail ([0-9]+)"));
}

/// The items "N. ..." under the page's heading on details.
std::set<int> numbered_in_page(const std::string& page) {
  const std::string text = "\n" + read_text_file(kRoot + "/docs/algorithms/" + page);
  const std::size_t begin = text.find("\n## Details");
  if (begin == std::string::npos) return {};
  const std::size_t end = text.find("\n## ", begin + 1);
  return numbers(text.substr(begin, end - begin), std::regex("\n([0-9]+)\\. "));
}

TEST(PpoPage, NumbersTheDetailsThatTheCodeNames) {
  const std::set<int> in_code = named_in_code("ppo", "PPO");
  EXPECT_FALSE(in_code.empty());
  EXPECT_EQ(numbered_in_page("ppo.md"), in_code);
}

}  // namespace
}  // namespace tern
