#pragma once
// Reading the head of a request from a socket, before anything understands it. Std and POSIX only.

#include <string>

namespace tern::cli {

struct RequestHead {
  /// Request line and the headers that somebody here reads, each once at most; ends with an empty
  /// line. "": nothing to answer.
  std::string text;
  bool is_too_large = false;
};

/// Waits for the whole head, `seconds` at most. What is larger than `most` bytes is not read to its
/// end; what does not begin like HTTP (TLS, for one) is not waited for.
RequestHead read_request_head(int socket, double seconds, std::size_t most);

/// The lines of `head` that are kept: the request line, and of the headers Host, Cookie, Origin and
/// Sec-Fetch-Site. One that stands there more than once, or without a value, gets kNoValue.
std::string kept_lines(const std::string& head);

}  // namespace tern::cli
