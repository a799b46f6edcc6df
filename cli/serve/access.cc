#include "cli/serve/access.h"

#include <arpa/inet.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "core/error.h"

namespace tern::cli {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// "example.org:80" and "[::1]:80" without the port and the brackets.
std::string without_port(const std::string& header) {
  if (!header.empty() && header[0] == '[') {
    const std::size_t end = header.find(']');
    return end == std::string::npos ? "" : header.substr(1, end - 1);
  }
  return header.substr(0, header.find(':'));
}

bool is_ip(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

bool is_any_address(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

std::string machine_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return lower_case(name);
}

/// Takes as long wherever the texts differ.
bool is_equal(const std::string& a, const std::string& b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

/// The value of a cookie in "a=1; b=2"; "" where there is none.
std::string cookie(const std::string& header, const std::string& name) {
  for (std::size_t begin = 0; begin < header.size();) {
    const std::size_t end = std::min(header.find(';', begin), header.size());
    std::size_t at = begin;
    while (at < end && header[at] == ' ') ++at;
    begin = end + 1;
    if (header.compare(at, name.size() + 1, name + "=") != 0) continue;
    return header.substr(at + name.size() + 1, end - at - name.size() - 1);
  }
  return "";
}

}  // namespace

bool is_loopback(const std::string& host) {
  in_addr address = {};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return ntohl(address.s_addr) >> 24 == 127;
  }
  return host == "::1" || lower_case(host) == "localhost";
}

std::string random_token() {
  std::array<std::uint8_t, 16> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Error::failure("the system gives no random numbers for a token");
  }
  std::string token;
  for (const std::uint8_t byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    token += digits;
  }
  return token;
}

Access::Access(std::string host, int port, std::string token)
    : host_(lower_case(std::move(host))), port_(port), token_(std::move(token)) {}

bool Access::is_own_host(const std::string& header) const {
  const std::string name = lower_case(without_port(header));
  if (is_loopback(host_)) return is_loopback(name);
  // A name that somebody else gave this machine's address could be that of a hostile page.
  const std::string machine = machine_name();
  const bool is_machine =
      !machine.empty() &&
      (name == machine || name.compare(0, machine.size() + 1, machine + ".") == 0);
  return is_loopback(name) || is_ip(name) || name == host_ || is_machine;
}

bool Access::has_token(const HttpRequest& request) const {
  return is_equal(request.parameter("token"), token_) ||
         is_equal(cookie(request.header("cookie"), cookie_name()), token_);
}

bool Access::is_from_elsewhere(const HttpRequest& request) const {
  // Of a header that is not there nothing is known; one that was sent twice is kNoValue.
  const auto origin = request.headers.find("origin");
  if (origin != request.headers.end() &&
      lower_case(origin->second) != "http://" + lower_case(request.header("host"))) {
    return true;
  }
  const auto site = request.headers.find("sec-fetch-site");
  return site != request.headers.end() && site->second != "same-origin" && site->second != "none" &&
         request.path != "/";  // whose link to the page is followed
}

HttpAnswer Access::check(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpAnswer answer = sentence(405, "this server only answers GET");
    answer.headers.emplace_back("Allow", "GET, HEAD");
    return answer;
  }
  if (!is_own_host(request.header("host"))) {
    return sentence(421,
                    "this server goes by another name; open the address that 'tern serve' printed");
  }
  if (is_from_elsewhere(request)) {
    return sentence(403, "pages of other sites may not ask this server");
  }
  if (token_.empty()) return {};
  if (!has_token(request)) {
    return sentence(
        401, "the token is missing; open the address that 'tern serve' printed, with its token");
  }
  HttpAnswer answer;
  if (request.path == "/" && !request.parameter("token").empty()) {
    answer.status = 303;
    answer.headers = {
        {"Location", "/"},
        {"Set-Cookie", cookie_name() + "=" + token_ + "; Path=/; HttpOnly; SameSite=Strict"}};
  }
  return answer;
}

std::string Access::address() const {
  std::string host = is_any_address(host_) ? machine_name() : host_;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port_) + "/" +
         (token_.empty() ? "" : "?token=" + token_);
}

HttpAnswer sentence(int status, const std::string& text) {
  HttpAnswer answer;
  answer.status = status;
  answer.type = "text/plain; charset=utf-8";
  answer.body = std::make_shared<const std::string>(text + "\n");
  return answer;
}

}  // namespace tern::cli
