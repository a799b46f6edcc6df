#pragma once
// An HTTP server as its users see it, without the library that it is made with. Std only.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tern::cli {

/// Of a header that says nothing or several things; not "", which the library takes for none.
inline constexpr const char* kNoValue = "?";

struct HttpRequest {
  std::string method;                             // "GET"
  std::string path;                               // decoded, "/episode"
  std::map<std::string, std::string> parameters;  // after the '?', decoded; of several the first
  /// By names in lower case. One that was sent more than once, or without a value, is kNoValue.
  std::map<std::string, std::string> headers;

  /// "" where there is none.
  std::string parameter(const std::string& name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? "" : found->second;
  }
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

struct HttpAnswer {
  int status = 200;
  std::string type = "application/json";
  std::shared_ptr<const std::string> body;  // null: nothing
  std::vector<std::pair<std::string, std::string>> headers;
  /// Instead of a body: called again and again for the next piece, which may be empty, until it
  /// returns false or nobody listens any more. Each call should take a second at most.
  std::function<bool(std::string& piece)> next_piece;
};

/// Called by several threads at once. May throw nothing.
using HttpHandler = std::function<HttpAnswer(const HttpRequest&)>;

/// Listens from its making on: who connects waits for an answer.
class HttpServer {
 public:
  /// Ends all answers and waits for them.
  virtual ~HttpServer() = default;
  virtual int port() const = 0;
  /// Begins to answer, in threads of its own. Called once.
  virtual void serve(HttpHandler handler) = 0;
};

/// Requests larger than this are refused unread.
inline constexpr std::size_t kMostRequestBytes = 64 * 1024;
/// Answers that go on at the same time; more are told to come later.
inline constexpr int kMostFollowers = 32;

}  // namespace tern::cli
