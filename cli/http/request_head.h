#pragma once
// Reading the head of a request, before anything understands it. Std only.

#include <cstddef>
#include <string>

namespace tern::cli {

struct RequestHead {
  /// Request line and the headers that somebody here reads, each once at most; ends with an empty
  /// line. "": nothing to answer.
  std::string text;
  bool is_too_large = false;
};

/// A head that comes in pieces. What is larger than `most` bytes is not read to its end; what does
/// not begin like HTTP (TLS, for one) is not waited for.
class HeadReader {
 public:
  explicit HeadReader(std::size_t most) : most_(most) {}
  /// Whether there is more to come.
  bool add(const char* data, std::size_t size);
  /// Once there is not.
  RequestHead head() const;

 private:
  std::size_t most_;
  std::string text_;
  std::size_t end_ = std::string::npos;  // of the head
};

/// The lines of `head` that are kept: the request line, and of the headers Host, Cookie, Origin and
/// Sec-Fetch-Site. One that stands there more than once, or without a value, gets kNoValue.
std::string kept_lines(const std::string& head);

}  // namespace tern::cli
