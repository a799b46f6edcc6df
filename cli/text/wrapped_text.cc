#include "cli/text/wrapped_text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <sstream>

namespace tern::cli {

std::size_t output_columns() {
  constexpr std::size_t kUsual = 80;
  if (isatty(STDOUT_FILENO) != 1) return 0;
  winsize size = {};
  const bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kUsual;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t columns) {
  const std::string margin(indent, ' ');
  if (columns == 0) return margin + text + "\n";
  std::istringstream words(text);
  std::string result, line = margin, word;
  while (words >> word) {
    const bool is_first = line.size() == indent;
    if (!is_first && line.size() + 1 + word.size() > columns) {
      result += line + "\n";
      line = margin + word;
    } else {
      line += (is_first ? "" : " ") + word;
    }
  }
  return result + line + "\n";
}

}  // namespace tern::cli
