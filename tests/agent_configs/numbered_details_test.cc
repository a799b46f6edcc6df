// Law: the numbered details of an algorithm's page are those that its code names, no more, no fewer.

#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "core/files/file_io.h"
#include "tests/source_tree.h"

namespace tern {
namespace {

namespace fs = std::filesystem;

const std::string kRoot = source_path("");

std::set<int> numbers(const std::string& text, const std::regex& pattern) {
  std::set<int> found;
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) {
    found.insert(std::stoi((*match)[1]));
  }
  return found;
}

/// N of every "<ALGORITHM> detail N" in the algorithm's folder, in capitals or not.
std::set<int> named_in_code(const std::string& algorithm) {
  std::string code;
  for (const auto& entry : fs::directory_iterator(kRoot + "/agents/" + algorithm)) {
    code += read_text_file(entry.path().string()) + "\n";
  }
  return numbers(code, std::regex(algorithm + " detail ([0-9]+)", std::regex::icase));
}

/// N of the items "N. .." under a page's heading "## Details ..".
std::set<int> numbered_in_page(const fs::path& page) {
  const std::string text = "\n" + read_text_file(page.string());
  const std::size_t begin = text.find("\n## Details");
  if (begin == std::string::npos) return {};
  const std::size_t end = text.find("\n## ", begin + 1);
  return numbers(text.substr(begin, end - begin), std::regex("\n([0-9]+)\\. "));
}

TEST(AlgorithmPages, NumberTheDetailsThatTheCodeNames) {
  for (const std::string algorithm : {"ppo", "a2c", "dqn", "sac", "td3", "crossq"}) {
    const std::set<int> in_code = named_in_code(algorithm);
    EXPECT_FALSE(in_code.empty()) << algorithm;
    EXPECT_EQ(numbered_in_page(kRoot + "/docs/algorithms/" + algorithm + ".md"), in_code)
        << algorithm;
  }
}

}  // namespace
}  // namespace tern
