#include "cli/http/request_head.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

#include "cli/http/http_server.h"

namespace tern::cli {
namespace {

constexpr const char* kKept[] = {"host", "cookie", "origin", "sec-fetch-site"};  // headers

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

bool HeadReader::add(const char* data, std::size_t size) {
  const std::size_t before = text_.size() < 3 ? 0 : text_.size() - 3;
  text_.append(data, size);
  if (text_[0] < 'A' || text_[0] > 'Z') return false;
  end_ = text_.find("\r\n\r\n", before);
  return end_ == std::string::npos && text_.size() <= most_;
}

RequestHead HeadReader::head() const {
  if (text_.empty() || text_[0] < 'A' || text_[0] > 'Z') return {};
  if (end_ != std::string::npos && end_ <= most_) {
    return {kept_lines(text_.substr(0, end_ + 2)), false};
  }
  return {"", text_.size() > most_};
}

std::string kept_lines(const std::string& head) {
  const std::size_t first_end = head.find("\r\n");
  std::map<std::string, std::string> kept;  // by the header's name
  for (std::size_t begin = first_end + 2; first_end != std::string::npos && begin < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", begin), head.size());
    const std::string line = head.substr(begin, end - begin);
    begin = end + 2;
    const std::string name = lower_case(line.substr(0, line.find(':')));
    if (std::find(std::begin(kKept), std::end(kKept), name) == std::end(kKept)) continue;
    const auto [entry, is_new] = kept.emplace(name, line);
    const bool has_value = line.find_first_not_of(" \t", name.size() + 1) != std::string::npos;
    if (!is_new || !has_value) entry->second = name + ": " + kNoValue;
  }
  std::string text = head.substr(0, first_end) + "\r\n";
  for (const auto& [name, line] : kept) text += line + "\r\n";
  return text + "\r\n";
}

}  // namespace tern::cli
