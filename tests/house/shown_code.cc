#include "tests/house/shown_code.h"

#include <sstream>

namespace tern::house {
namespace {

/// A line break, then the lines without their indentation and without empty ones.
std::string bare(const std::string& text) {
  std::istringstream lines(text);
  std::string result = "\n", line;
  while (std::getline(lines, line)) {
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin != std::string::npos) result += line.substr(begin) + "\n";
  }
  return result;
}

}  // namespace

std::vector<std::string> shown_code_errors(
    const std::string& page, const std::function<std::string(const std::string&)>& read_file) {
  const std::string mark = "<!-- from: ", mark_end = " -->", fence = "```";
  std::vector<std::string> errors;
  std::istringstream lines(page);
  std::string line, source, block;
  bool is_inside = false;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto error = [&](const std::string& what) {
      errors.push_back(
          std::string("line ").append(std::to_string(number)).append(": ").append(what));
    };
    if (is_inside) {
      if (line != fence) {
        block += line + "\n";
        continue;
      }
      is_inside = false;
      if (source.empty()) continue;
      const std::string wanted = bare(block);
      if (wanted == "\n" || bare(read_file(source)).find(wanted) == std::string::npos) {
        error("the block that ends here is no part of " + source);
      }
      source.clear();
    } else if (line.rfind(fence, 0) == 0) {
      if (source.empty() && line == fence + "cpp")
        error("this block does not say where it is from");
      is_inside = true;
      block.clear();
    } else if (line.rfind(mark, 0) == 0) {
      source = line.substr(mark.size(), line.size() - mark.size() - mark_end.size());
    } else if (!line.empty() && !source.empty()) {
      error("'" + line + "' stands between a mark and its block");
      source.clear();
    }
  }
  return errors;
}

}  // namespace tern::house
