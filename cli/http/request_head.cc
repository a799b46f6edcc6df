#include "cli/http/request_head.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <map>

#include "cli/http/http_server.h"

namespace tern::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kKept[] = {"host", "cookie", "origin", "sec-fetch-site"};  // headers

/// Bytes that came before `deadline`, 0 at the end or when it is over, or -1.
ssize_t receive(int socket, char* data, std::size_t size, Clock::time_point deadline) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return 0;
    pollfd wait = {socket, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ready;
    const ssize_t count = ::recv(socket, data, size, 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return count;
  }
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

RequestHead read_request_head(int socket, double seconds, std::size_t most) {
  const Clock::time_point deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                        std::chrono::duration<double>(seconds));
  std::string head;
  char block[4096];
  while (true) {
    const ssize_t count = receive(socket, block, sizeof block, deadline);
    if (count <= 0) return {};
    const std::size_t before = head.size() < 3 ? 0 : head.size() - 3;
    head.append(block, static_cast<std::size_t>(count));
    if (head[0] < 'A' || head[0] > 'Z') return {};
    const std::size_t end = head.find("\r\n\r\n", before);
    if (end != std::string::npos && end <= most)
      return {kept_lines(head.substr(0, end + 2)), false};
    if (head.size() > most) return {"", true};
  }
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
