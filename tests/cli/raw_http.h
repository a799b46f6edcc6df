#pragma once
// A client that sends what it is told, well-formed or not.

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tern {

class RawConnection {
 public:
  explicit RawConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("nobody listens on port " + std::to_string(port));
    }
  }
  ~RawConnection() { ::close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// False where the other side has had enough.
  bool send(const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t count = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return true;
  }
  /// What came until the other side closed, `enough` was among it, or nothing came for 20 s.
  std::string receive(const std::string& enough = "") {
    char block[4096];
    pollfd wait = {socket_, POLLIN, 0};
    while ((enough.empty() || received_.find(enough) == std::string::npos) &&
           ::poll(&wait, 1, 20'000) > 0) {
      const ssize_t count = ::recv(socket_, block, sizeof block, 0);
      if (count <= 0) break;
      received_.append(block, static_cast<std::size_t>(count));
    }
    return received_;
  }

 private:
  int socket_;
  std::string received_;
};

/// The whole answer, with its head. headers: lines that end in "\r\n", beside Host.
inline std::string http_get(int port, const std::string& target, const std::string& headers = "",
                            const std::string& host = "127.0.0.1") {
  RawConnection connection(port);
  connection.send("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n");
  return connection.receive();
}

inline std::string body_of(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace tern
