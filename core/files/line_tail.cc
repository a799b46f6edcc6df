#include "core/files/line_tail.h"

#include <fstream>

#include "core/error.h"
#include "core/files/file_io.h"

namespace tern {
namespace {

/// Bytes from `begin` to the end of the file.
std::string read_from(std::ifstream& file, std::int64_t begin) {
  std::string text;
  file.clear();
  file.seekg(begin);
  char block[1 << 16];
  while (file.read(block, sizeof block) || file.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(file.gcount()));
  }
  return text;
}

}  // namespace

LineTail::News LineTail::read() {
  News news;
  std::ifstream file(path_, std::ios::binary);
  if (!file && is_file(path_)) throw Error::failure("cannot read " + path_);
  const auto overlap = static_cast<std::int64_t>(last_.size());
  std::string text = file ? read_from(file, end_ - overlap) : "";
  if (text.compare(0, last_.size(), last_) != 0) {
    news.has_restarted = true;
    end_ = 0;
    last_.clear();
    text = file.is_open() ? read_from(file, 0) : "";
  }
  std::size_t begin = last_.size();
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    news.lines.push_back(text.substr(begin, end - begin));
    end_ += static_cast<std::int64_t>(end + 1 - begin);
  }
  if (!news.lines.empty()) last_ = news.lines.back() + "\n";
  return news;
}

}  // namespace tern
