#pragma once
// Who may ask the server: pages of other sites and other machines may not, unless they know the
// token.

#include <string>

#include "cli/http/http_server.h"

namespace tern::cli {

/// "127.0.0.1", "localhost", "::1" and the like: hosts that only this machine reaches.
bool is_loopback(const std::string& host);

/// 128 random bits in hexadecimal digits. Throws Error::failure if the system has none.
std::string random_token();

class Access {
 public:
  /// host: that the server listens on. token: "" asks for none.
  Access(std::string host, int port, std::string token);

  /// What a request that may not be answered is told instead; status 200: it may be answered. The
  /// first request with the token in its address is led to the same place without it, with a
  /// cookie.
  HttpAnswer check(const HttpRequest& request) const;

  /// For a person, with the token: "http://127.0.0.1:8420/".
  std::string address() const;

 private:
  bool is_own_host(const std::string& header) const;
  /// Whether a page that is not this server's own asks. A link to the page itself may be followed.
  bool is_from_elsewhere(const HttpRequest& request) const;
  bool has_token(const HttpRequest& request) const;
  std::string cookie_name() const { return "tern_" + std::to_string(port_); }

  std::string host_;
  int port_;
  std::string token_;
};

/// An answer of one sentence.
HttpAnswer sentence(int status, const std::string& text);

}  // namespace tern::cli
